"""From a Bundle to a Tree: which file holds what, and its exact bytes."""
