"""NET: addresses and routes."""
