"""The clusters of the examples with nothing accepted: all is said, and a test may add `checks:` at the end."""

from __future__ import annotations

from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def bare(name: str = "guide") -> str:
    """The text of an example's hybrid.yaml without its last block, `checks:`."""
    text, found, _ = (EXAMPLES / name / "hybrid.yaml").read_text(encoding="utf-8").partition("\n  checks:\n")
    assert found
    return text


def written_bare(folder: Path, name: str = "guide") -> Path:
    """A hybrid.yaml in ``folder`` with :func:`bare`."""
    path = folder / "hybrid.yaml"
    path.write_text(bare(name), encoding="utf-8")
    return path
