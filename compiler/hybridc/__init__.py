"""hybridc compiles one reviewed hybrid.yaml into everything a hybrid ACK One cluster needs."""

__version__ = "0.1.0"
