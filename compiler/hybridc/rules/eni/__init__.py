"""ENI: what Terway is configured with."""
