"""A person's hybrid.yaml is rewritten: order, values and layout change, comments and blank lines stay."""
