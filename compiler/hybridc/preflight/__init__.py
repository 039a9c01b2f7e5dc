"""Rules over a spec and the cluster that it is for, one module a subject."""
