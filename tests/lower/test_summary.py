"""What a reviewer reads first: SUMMARY.md has the findings of its spec, and what a person accepted, with the reason."""

from __future__ import annotations

from pathlib import Path

from tests.build.cli import call, written

CHECKS = """
  checks:
    ignore:
      - {code: NET012, reason: "a *small* test", until: 2026-12-31}
"""


def summary(folder: Path) -> str:
    spec = written(folder, replaced={"hybrid-out.git": f"hybrid-out.git{CHECKS}"})
    done = call("build", spec, "-o", folder / "out", "--force")
    assert done.code == 0, done.err
    return (folder / "out" / "idc-hangzhou" / "SUMMARY.md").read_text(encoding="utf-8")


def test_findings_and_accepted_ones(tmp_path: Path) -> None:
    found, accepted = (
        summary(tmp_path).split("## Findings\n")[1].split("\n## ")[0].split("Accepted in `checks.ignore`:")
    )
    codes = [line.split("`")[1] for line in found.splitlines() if line.startswith("- ")]
    assert {"NET005", "CNI025", "NET020"} <= set(codes)
    assert "NET012" not in codes
    assert [line.split(" ")[1] for line in found.splitlines() if line.startswith("- ")] == sorted(
        (line.split(" ")[1] for line in found.splitlines() if line.startswith("- ")), reverse=True
    ), "warnings before infos"
    (line,) = (line for line in accepted.splitlines() if line.startswith("- "))
    assert line.startswith("- warning `NET012` `spec.alibabaCloud.vpc.podVSwitches[0].cidr`: ")
    assert line.endswith(r"**Why:** a \*small\* test (until 2026-12-31)")
