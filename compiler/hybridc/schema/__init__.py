"""The JSON Schema of hybrid.yaml, and its violations as findings that a person understands."""
