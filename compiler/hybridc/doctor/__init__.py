"""After a sync: what a cluster shows of a spec, as rows. Nothing is guessed: what was not seen is said so."""
