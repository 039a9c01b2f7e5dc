"""NODE: node pools and their nodes."""
