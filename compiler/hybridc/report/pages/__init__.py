"""Documentation of codes that no function of their own reports."""
