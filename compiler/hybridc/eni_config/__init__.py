"""An ``eni-config`` that exists: read and checked without any spec."""
