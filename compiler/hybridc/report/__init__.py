"""Findings and other results as people and machines read them."""
