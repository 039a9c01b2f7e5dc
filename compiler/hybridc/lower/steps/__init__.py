"""What is left to do around a build, as data: a module a subject, ``every.py`` puts them in order."""
