"""hybrid.yaml as text → plain data, and the place of every value. Refuses what is unsafe or ambiguous."""
