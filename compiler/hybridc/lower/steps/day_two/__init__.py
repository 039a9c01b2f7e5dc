"""Day two as steps: what is done to a cluster that runs, a module a subject, ``lists.py`` knows them all."""
