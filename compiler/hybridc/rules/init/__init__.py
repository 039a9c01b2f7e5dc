"""INIT: the node script."""
