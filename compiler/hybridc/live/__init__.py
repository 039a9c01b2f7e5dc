"""What a cluster is: read from an API server or a folder, as a frozen State that can be dumped and loaded."""
