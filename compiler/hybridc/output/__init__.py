"""A Tree on disk: atomic, inventoried, pruned, compared."""
