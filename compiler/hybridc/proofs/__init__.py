"""Checks over the output: what several products have to agree on."""
