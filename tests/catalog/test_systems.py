"""Every operating system that the catalog knows can be named in a spec, and no other."""

from __future__ import annotations

from hybridc.catalog import systems
from hybridc.schema import load


def test_the_schema_offers_what_the_catalog_knows() -> None:
    field = load.at("/spec/nodeInit/os")
    assert field is not None
    assert sorted(field["enum"]) == sorted(["auto", *(str(system.id) for system in systems.known_systems())])
    assert [word for word in field["enum"] if word not in field["x-expected"]] == []
