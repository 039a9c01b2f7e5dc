"""What ``make lowest`` installs."""

from __future__ import annotations

import importlib.util
import tomllib

from tests.pinned import ROOT

_SPEC = importlib.util.spec_from_file_location("bounds", ROOT / "tools" / "bounds.py")
assert _SPEC is not None
assert _SPEC.loader is not None
bounds = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(bounds)


def test_the_lowest_of_several_bounds_is_the_highest_of_them() -> None:
    wanted = ["PyYAML>=6.0.2", "jinja2>=3.1.5,<3.2", "shtab>=1.7", "shtab>=1.10.1", "build", "x[extra] >= 2"]
    assert bounds.lowest(wanted) == ["jinja2==3.1.5", "pyyaml==6.0.2", "shtab==1.10.1", "x==2"]


def test_whatever_hybridc_imports_has_a_lower_bound() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    own = [*project["dependencies"], *project["optional-dependencies"]["completion"]]
    assert len(bounds.lowest(own)) == len(own)
    assert set(own) <= set(bounds.requirements())
