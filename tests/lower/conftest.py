"""The examples, compiled in both layouts."""

from __future__ import annotations

from tests.layout.conftest import built

__all__ = ["built"]
