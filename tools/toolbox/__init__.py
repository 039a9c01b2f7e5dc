"""Builds the pinned tools of tools.toml once and keeps them outside the tree."""


class SetupError(Exception):
    """The machine or the network is in the way; the message says what to do."""
