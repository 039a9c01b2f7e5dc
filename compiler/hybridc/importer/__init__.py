"""What exists → a draft of hybrid.yaml: what was seen with where, what only a person knows as a placeholder."""
