"""All rules for people: in order, as plain sentences and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hybridc.rules.rule import ERROR, Rule, registry
from hybridc.source.document import Document

SITE = "https://hybridc.dev"
FAMILIES = {
    "NET": "addresses and routes",
    "ID": "identifiers",
    "ENI": "Terway's configuration",
    "CNI": "the on-prem network plugin",
    "VER": "versions",
    "NODE": "node pools and nodes",
    "RAM": "permissions",
    "INIT": "the node script",
    "OSS": "the script's place",
    "GIT": "Argo CD and Git",
    "SEC": "secrets",
    "CHK": "accepted findings",
    "SPEC": "the schema",
    "YAML": "the text of the file",
    "FILE": "spec files",
    "OUT": "generated files",
}
"""What each family is about, in the order of docs/rules.md."""

_MOST_WORDS = 8
_SNIPPET = re.compile(r"^(Fails|Passes)::$")


def known() -> dict[str, Rule]:
    """Every rule by id: families in order, then by number."""
    rules = registry()
    order = list(FAMILIES)

    def place(code: str) -> tuple[int, str]:
        return (order.index(family(code)) if family(code) in order else len(order), code)

    return {code: rules[code] for code in sorted(rules, key=place)}


def rule(code: str) -> Rule:
    """The rule of a finding; the schema also uses codes of its own for the forms of fields."""
    form = Rule(code, ERROR, "0.1.0", "A value does not have the form of its field.", None, Document, guarded=True)
    return registry().get(code, form)


def family(code: str) -> str:
    """NET004 → NET."""
    return code.rstrip("0123456789")


def uri(code: str) -> str:
    """The page of a code."""
    return f"{SITE}/rules#{code.lower()}"


def name(rule: Rule) -> str:
    """The rule's name in PascalCase: that of its function, or made from its title."""
    text = rule.title.replace("'", "") if rule.check is None else rule.check.__name__
    words = [word for word in re.findall(r"[A-Za-z0-9]+", text) if word not in ("A", "An", "The", "a", "an", "the")]
    return "".join(word.capitalize() for word in words[:_MOST_WORDS])


def can_be_ignored(rule: Rule) -> bool:
    """Whether ``checks.ignore`` can accept its findings."""
    return not rule.guarded and rule.check is not None


def summary(rule: Rule) -> str:
    """The prose before the first snippet and the source, as one paragraph."""
    return " ".join(" ".join(block.split()) for block in _prose(rule.doc))


def _prose(doc: str) -> Iterator[str]:
    for block in doc.split("\n\n"):
        if block.startswith(("Fails::", "Passes::", "Source:")):
            return
        yield block


def snippets(rule: Rule) -> dict[str, str]:
    """``{"Fails": yaml, "Passes": yaml}`` of the documentation; what it lacks is absent."""
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in rule.doc.split("\n"):
        heading = _SNIPPET.match(line)
        if heading:
            current = found.setdefault(heading[1], [])
        elif line and not line.startswith(" "):
            current = None
        elif current is not None:
            current.append(line[4:])
    return {kind: "\n".join(lines).strip("\n") + "\n" for kind, lines in found.items()}


def markdown(rule: Rule) -> str:
    """The documentation without its title; snippets are fenced."""
    lines: list[str] = []
    fence = False
    for line in rule.doc.split("\n")[1:]:
        heading = _SNIPPET.match(line)
        if fence and line and not line.startswith(" "):
            lines[-1:] = ["```", ""] if not lines[-1] else [lines[-1], "```", ""]
            fence = False
        if heading:
            lines += [f"{heading[1]}:", "", "```yaml"]
            fence = True
        elif fence:
            lines += [line[4:]] if line or lines[-1] != "```yaml" else []
        else:
            lines.append(line)
    return "\n".join([*lines, "```"] if fence else lines).strip("\n")


def page() -> str:
    """docs/rules.md."""
    return "\n".join(_page()).rstrip("\n") + "\n"


def _page() -> Iterator[str]:
    rules = known()
    yield "# Rules"
    yield ""
    yield "<!-- Generated from the rules' docstrings: python3 tools/rules_doc.py -->"
    yield ""
    yield _INTRODUCTION
    for group, about in FAMILIES.items():
        members = [rule for code, rule in rules.items() if family(code) == group]
        if members:
            yield from _chapter(group, about, members)


_INTRODUCTION = """\
Every finding has a code; `hybridc explain CODE` prints what this page says of it, and `hybridc rules` lists them all.
Errors stop a build. Warnings do not, unless `--strict` is given. Infos never do.

A rule's finding can be accepted in the spec, with a reason and, if wanted, a last day:

```yaml
spec:
  checks:
    ignore:
      - {code: NET005, reason: "routes to the IDC are in the VPC's route table", until: 2027-06-30}
```

An acceptance that has ended is an error ([CHK001](#chk001)), one that accepts nothing a warning ([CHK002](#chk002)).
What is marked *cannot be ignored* guards secrets or objects that belong to somebody else, or leaves nothing to build
from.
"""


def _chapter(group: str, about: str, members: list[Rule]) -> Iterator[str]:
    yield f"## {group}: {about}"
    yield ""
    yield "| code | severity | since | |"
    yield "|---|---|---|---|"
    for rule in members:
        yield f"| [{rule.id}](#{rule.id.lower()}) | {rule.severity} | {rule.since} | {rule.title} |"
    yield ""
    for rule in members:
        mark = "" if can_be_ignored(rule) else ", cannot be ignored"
        yield f'<a id="{rule.id.lower()}"></a>'
        yield ""
        yield f"### {rule.id}: {rule.title}"
        yield ""
        yield f"*{rule.severity}, since {rule.since}{mark}*"
        yield ""
        yield markdown(rule)
        yield ""
