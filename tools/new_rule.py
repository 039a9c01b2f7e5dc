#!/usr/bin/env python3
"""The next code of a family, and with a module the skeleton of its rule: a line in codes/ and a documented function.

python3 tools/new_rule.py NET                      the next number, and the modules of the family
python3 tools/new_rule.py NET overlap --warning    writes both; then write the rule
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "compiler"))
from hybridc import __version__
from hybridc.codes import CODES, RETIRED
from hybridc.report import book
from hybridc.rules.registry import rules

REPO = Path(__file__).resolve().parent.parent
PACKAGE = REPO / "compiler" / "hybridc"
_SKELETON = '''

@rule("{code}")
def rename_me(spec: Spec) -> Findings:
    """What is wrong, as a sentence.

    What happens in production without this rule.

    Fails::
        cluster: {{}}
    Passes::
        cluster: {{}}

    Source: where the fact stands.
    """
    if "what is wrong":
        yield finding(spec.cluster.api_server, "what is wrong", "what to do")
'''


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("family", choices=book.FAMILIES, metavar="FAMILY", help=", ".join(book.FAMILIES))
    parser.add_argument("module", nargs="?", help="a module of the family, by its last name")
    level = parser.add_mutually_exclusive_group()
    level.add_argument("--warning", dest="severity", action="store_const", const="WARNING", default="ERROR")
    level.add_argument("--info", dest="severity", action="store_const", const="INFO")
    arguments = parser.parse_args(argv)
    code, homes = next_code(arguments.family), modules(arguments.family)
    if arguments.module is None:
        print(f"the next code is {code}")
        for name, path in homes.items():
            print(f"  python3 tools/new_rule.py {arguments.family} {name:14} # {about(path)}")
        return 0
    if arguments.module not in homes:
        known = f"there are {', '.join(homes)}" if homes else "no rule over a spec reports its codes"
        print(f"new_rule: {arguments.family} has no module {arguments.module}; {known}", file=sys.stderr)
        return 2
    write(code, homes[arguments.module], arguments.severity)
    return 0


def next_code(family: str) -> str:
    """The family's next code. A gap is not filled: a number may have been given in a branch, or be retired."""
    numbers = [int(code.removeprefix(family)) for code in (*CODES, *RETIRED) if code.rstrip("0123456789") == family]
    return f"{family}{max(numbers, default=0) + 1:03}"


def modules(family: str) -> dict[str, Path]:
    """The modules that hold rules of a family, by their last name."""
    names = dict.fromkeys(one.check.__module__ for one in rules() if one.code.family == family)
    return {name.rpartition(".")[2]: PACKAGE.parent / f"{name.replace('.', '/')}.py" for name in names}


def about(path: Path) -> str:
    """What a module is about: the first line of its docstring."""
    return path.read_text("utf-8").partition("\n")[0].strip('"')


def since() -> str:
    """The version to come."""
    major, minor, _ = __version__.split(".")
    return f"{major}.{int(minor) + 1}.0"


def importing(text: str, severity: str) -> str:
    """A module of codes/ with a severity among its imports."""
    line, names = re.findall(r"^(from hybridc\.diagnostic import (.+))$", text, re.MULTILINE)[0]
    return text.replace(line, f"from hybridc.diagnostic import {', '.join(sorted({*names.split(', '), severity}))}")


def write(code: str, module: Path, severity: str) -> None:
    """Add the code after the family's last, and the skeleton at the end of the module."""
    family = code.rstrip("0123456789")
    listed = re.compile(rf'    Code\("{family}\d')
    codes = next(path for path in sorted((PACKAGE / "codes").glob("*.py")) if listed.search(path.read_text("utf-8")))
    lines = codes.read_text("utf-8").splitlines(keepends=True)
    last = max(number for number, line in enumerate(lines) if listed.match(line))
    lines.insert(last + 1, f'    Code("{code}", "{since()}", {severity}, (Stage.SPEC,), OPEN),\n')
    codes.write_text(importing("".join(lines), severity), "utf-8")
    with module.open("a", encoding="utf-8") as file:
        file.write(_SKELETON.format(code=code))
    print(f"{code} is in {codes.relative_to(REPO)} and at the end of {module.relative_to(REPO)}; when it is written:")
    print(f"  .venv/bin/python -m pytest -q --update-goldens tests/rules -k {family} && python3 tools/rules_doc.py")
    print(
        "  .venv/bin/python -m pytest -q tests/rules/test_examples.py tests/rules/test_rules.py && make out && git diff"
    )


if __name__ == "__main__":
    sys.exit(main())
