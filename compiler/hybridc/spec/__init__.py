"""The typed model of hybrid.yaml: what a person wrote, plus every default and derived value."""
