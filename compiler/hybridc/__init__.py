"""hybridc compiles one reviewed hybrid.yaml into everything a hybrid ACK One cluster needs."""

__version__ = "0.1.0"

REPOSITORY: str = ""
"""The repository's public address, without a slash at the end. There is none yet: nothing links to it while this is
empty. [project.urls] of pyproject.toml says the same."""
