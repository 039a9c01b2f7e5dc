"""SEC: secrets."""
