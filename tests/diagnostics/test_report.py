"""--format, --report and --strict, the same for build and validate."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.bare import bare, written_bare
from tests.build.cli import tree

from hybridc.cli.main import main
from hybridc.report.reporter import FORMATS

ROOT = Path(__file__).resolve().parents[2]
GUIDE, EVERYTHING = "examples/guide/hybrid.yaml", "examples/everything/hybrid.yaml"
Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def in_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_a_file_and_text_for_people(tmp_path: Path, capsys: Captured) -> None:
    target = tmp_path / "findings.json"
    spec = written_bare(tmp_path)
    assert main(["validate", "--format", "json", "--report", str(target), str(spec)]) == 0
    assert f"{spec}:12:16: NET005 warning: " in capsys.readouterr().err
    assert "NET005" in {found["code"] for found in json.loads(target.read_text("utf-8"))["diagnostics"]}
    assert sorted(os.listdir(tmp_path)) == ["findings.json", "hybrid.yaml"]


def test_text_goes_to_a_file_as_well(tmp_path: Path, capsys: Captured) -> None:
    target = tmp_path / "findings.txt"
    assert main(["validate", "--report", str(target), GUIDE]) == 0
    assert capsys.readouterr().err.startswith(target.read_text("utf-8"))


def test_a_file_that_is_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("real")
    assert main(["validate", "--format", "sarif", "--report", str(tmp_path / "link"), GUIDE]) == 0
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").stat().st_size > 0


@pytest.mark.parametrize("path", ["nowhere/x.json", "examples", ""])
def test_a_file_that_cannot_be_is_said_before_anything_is_done(path: str, tmp_path: Path, capsys: Captured) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["build", GUIDE, "-o", str(tmp_path / "out"), "--format", "json", "--report", path])
    assert stopped.value.code == 2
    assert "argument --report: " in capsys.readouterr().err
    assert os.listdir(tmp_path) == []


def test_a_file_that_cannot_be_written_is_the_worlds_fault(capsys: Captured) -> None:
    assert main(["validate", "--format", "json", "--report", "/dev/full", GUIDE]) == 3
    assert capsys.readouterr().err.endswith("hybridc: error: cannot write /dev/full: No space left on device\n")


def link(path: Path, target: Path) -> None:
    path.symlink_to(target)


def hard_link(path: Path, target: Path) -> None:
    path.hardlink_to(target)


def nothing(path: Path, target: Path) -> None:
    assert path == target


@pytest.mark.parametrize("verb", ["build", "validate"])
@pytest.mark.parametrize(("name", "make"), [("mine.yaml", nothing), ("link", link), ("hard", hard_link)])
def test_a_report_never_overwrites_a_spec(
    verb: str, name: str, make: Callable[[Path, Path], None], tmp_path: Path, capsys: Captured
) -> None:
    """Neither one of the call, by whatever name, nor another one."""
    spec, other = tmp_path / "mine.yaml", tmp_path / "other.yaml"
    shutil.copy(GUIDE, spec)
    shutil.copy(EVERYTHING, other)
    make(tmp_path / name, spec)
    before = spec.read_bytes()
    flags = ["-o", str(tmp_path / "out")] if verb == "build" else []
    for inputs in ([str(spec)], [str(other)], [str(tmp_path / "none.yaml"), str(spec)]):
        assert main([verb, *inputs, *flags, "--format", "json", "--report", str(tmp_path / name)]) == 2
        assert f"--report {tmp_path / name} would overwrite " in capsys.readouterr().err
    assert main([verb, str(tmp_path / "none.yaml"), *flags, "--report", str(tmp_path / "none.yaml")]) == 2
    assert spec.read_bytes() == before
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "none.yaml").exists()


def test_a_report_never_overwrites_the_eni_config_that_is_checked(tmp_path: Path) -> None:
    config = tmp_path / "eni.json"
    config.write_text("{}")
    assert main(["validate", "--eni-config", str(config), "--report", str(config)]) == 2
    assert config.read_text() == "{}"


@pytest.mark.parametrize("where", ["SUMMARY.md", "hybridc.lock.json", "new.json", "cloud/node/new.json", "link"])
def test_a_report_lies_in_no_folder_of_hybridc(where: str, tmp_path: Path, capsys: Captured) -> None:
    assert main(["build", GUIDE, "-o", str(tmp_path / "out")]) == 0
    folder = tmp_path / "out" / "idc-hangzhou"
    (tmp_path / "link").symlink_to(folder / "SUMMARY.md")
    target = tmp_path / where if where == "link" else folder / where
    before = tree(tmp_path)
    for words in (["validate"], ["build", "-o", str(tmp_path / "out")], ["build", "-o", str(tmp_path / "fresh")]):
        capsys.readouterr()
        assert main([*words, GUIDE, "--format", "sarif", "--report", str(target)]) == 2
        assert f"--report {target} lies in {folder}, which hybridc writes" in capsys.readouterr().err
    assert tree(tmp_path) == before
    assert main(["validate", GUIDE, "--report", str(tmp_path / "out" / "report.txt")]) == 0, "beside it it may lie"


def test_a_report_in_a_folder_that_this_build_makes(tmp_path: Path, capsys: Captured) -> None:
    """It is known only in the end that hybridc writes there."""
    folder = tmp_path / "out" / "idc-hangzhou"
    folder.mkdir(parents=True)
    words = ["build", GUIDE, "-o", str(tmp_path / "out"), "--format", "json"]
    assert main([*words, "--report", str(folder / "SUMMARY.md")]) == 2
    assert "which hybridc writes" in capsys.readouterr().err
    assert (folder / "SUMMARY.md").read_text().startswith("# ")
    assert main(["build", "--check", GUIDE, "-o", str(tmp_path / "out")]) == 0


def test_a_report_that_quotes_a_kind_is_written_again(tmp_path: Path) -> None:
    """What stands in a report is no spec, whatever line it shows."""
    spec = tmp_path / "hybrid.yaml"
    spec.write_text(Path(GUIDE).read_text("utf-8").replace("kind: HybridCluster", "kind: HybridCluster2"))
    for form in FORMATS:
        words = ["validate", str(spec), "--format", form, "--report", str(tmp_path / f"report.{form}")]
        assert [main(words) for _ in range(2)] == [2, 2]
        assert "HybridCluster2" in (tmp_path / f"report.{form}").read_text("utf-8")


def test_temporary_files_of_others_stay(tmp_path: Path) -> None:
    names = [f".x.json.{os.getpid()}", ".x.json.1", ".hybridc-0", "x.json~"]
    for name in names:
        (tmp_path / name).write_text("mine")
    assert main(["validate", "--format", "json", "--report", str(tmp_path / "x.json"), GUIDE]) == 0
    assert sorted(os.listdir(tmp_path)) == sorted([*names, "x.json"])
    assert {(tmp_path / name).read_text() for name in names} == {"mine"}


def test_a_name_as_long_as_one_can_be(tmp_path: Path) -> None:
    name = "x" * 250 + ".json"
    assert main(["validate", "--format", "json", "--report", str(tmp_path / name), GUIDE]) == 0
    assert os.listdir(tmp_path) == [name]


def test_a_report_keeps_the_permissions_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "x.json").touch()
    (tmp_path / "x.json").chmod(0o640)
    assert main(["validate", "--report", str(tmp_path / "x.json"), GUIDE]) == 0
    assert (tmp_path / "x.json").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("flag", [["--output", "x.json"], ["--output=x.json"]])
@pytest.mark.parametrize("verb", [["build"], ["validate"]])
def test_the_former_flag_says_its_new_name(verb: list[str], flag: list[str], capsys: Captured) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([*verb, GUIDE, *flag])
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert said == "hybridc: error: --output is --report now\n  help: did you mean --report?\n"
    with pytest.raises(SystemExit):
        main([*verb, "--help"])
    assert "--output" not in capsys.readouterr().out


def test_strict_writes_nothing(tmp_path: Path, capsys: Captured) -> None:
    out = tmp_path / "out"
    assert main(["build", "--strict", str(written_bare(tmp_path)), "-o", str(out)]) == 2
    shown = capsys.readouterr()
    assert "NET005 error: " in shown.err
    assert re.search(r"^11 errors \(11 by --strict\); \d+ info: hybridc validate$", shown.err.splitlines()[-1])
    assert shown.out == ""
    assert not out.exists()


def test_strict_holds_for_a_folder_that_is_fresh(tmp_path: Path) -> None:
    out, spec = str(tmp_path / "out"), str(written_bare(tmp_path))
    assert main(["build", spec, "-o", out]) == 0
    assert main(["build", "--check", spec, "-o", out]) == 0
    assert main(["build", "--check", "--strict", spec, "-o", out]) == 2
    assert main(["build", "--strict", spec, "-o", out]) == 2


def test_strict_stops_all_specs_of_the_call(tmp_path: Path) -> None:
    assert main(["build", "--strict", EVERYTHING, str(written_bare(tmp_path)), "-o", str(tmp_path / "out")]) == 2
    assert os.listdir(tmp_path) == ["hybrid.yaml"]


def test_strict_is_content_when_every_warning_is_accepted(tmp_path: Path, capsys: Captured) -> None:
    spec = written_bare(tmp_path)
    main(["validate", "--format", "json", str(spec)])
    found = json.loads(capsys.readouterr().out)["diagnostics"]
    accepted = "".join(
        f"      - {{code: {code}, reason: accepted in this test}}\n"
        for code in sorted({item["code"] for item in found if item["severity"] == "warning"})
    )
    spec.write_text(f"{bare()}\n  checks:\n    ignore:\n{accepted}", "utf-8")
    assert main(["validate", "--strict", str(spec)]) == 0
    assert " error: " not in capsys.readouterr().err


def test_a_build_does_not_repeat_infos(tmp_path: Path, capsys: Captured) -> None:
    def shown(verb: str, *flags: str) -> str:
        assert main([verb, *flags, EVERYTHING]) == 0
        said = capsys.readouterr()
        return said.out if "--format" in flags else said.err

    infos = len(re.findall(r": [A-Z]+\d+ info: ", shown("validate")))
    text = shown("build", "-o", str(tmp_path / "out"))
    assert re.findall(r": [A-Z]+\d+ info: ", text) == []
    assert shown("build", "-o", str(tmp_path / "out"), "--format", "github").count("::notice ") == infos


def test_where_to_learn_more_is_said_once(capsys: Captured) -> None:
    main(["validate", GUIDE])
    see = [line for line in capsys.readouterr().err.splitlines() if line.startswith("see: ")]
    assert len(see) == 1
    assert re.fullmatch(r"see: hybridc explain [A-Z]+\d+( \(or .*\))?", see[0])


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_bytes_every_time(form: str, capsys: Captured) -> None:
    runs = []
    for _ in range(2):
        main(["validate", "--format", form, GUIDE, "tests/diagnostics/ten-mistakes/hybrid.yaml"])
        runs.append(capsys.readouterr())
    assert runs[0] == runs[1]
    assert "\r" not in runs[0].out + runs[0].err


MACHINES: dict[str, Callable[[str], list[str]]] = {
    "json": lambda text: [found["code"] for found in json.loads(text)["diagnostics"]],
    "sarif": lambda text: [result["ruleId"] for result in json.loads(text)["runs"][0]["results"]],
    "github": lambda text: re.findall(r"(?m)^::(?:error|warning|notice) .*title=([A-Z]+[0-9]+)", text),
    "junit": lambda text: [
        case.get("name", "").split(" ")[0] for case in ElementTree.fromstring(text).iter("testcase")
    ],
}


@pytest.mark.parametrize("form", MACHINES)
@pytest.mark.parametrize("verb", [["validate"], ["build"], ["build", "--check"], ["fmt", "--check"]])
@pytest.mark.parametrize("wrong", [False, True])
def test_stdout_is_the_document_and_nothing_else(
    form: str, verb: list[str], wrong: bool, tmp_path: Path, capsys: Captured
) -> None:
    """What the verb says of each file is on stderr then, and so are findings as text."""
    spec = written_bare(tmp_path)
    spec.write_text(spec.read_text().replace("type: calico", "type: calcio") if wrong else spec.read_text())
    flags = ["-o", str(tmp_path / "out")] if verb[0] == "build" else []
    code = main([*verb, *flags, "--format", form, str(spec)])
    said = capsys.readouterr()
    found = MACHINES[form](said.out)
    if verb[0] != "fmt":
        assert ("SPEC004" in str(found)) == wrong
        assert ("SPEC004 error: " in said.err) == (wrong and form != "github")
        told = {"validate": f"{spec}: valid", "build": f"{tmp_path}/out/idc-hangzhou: "}[verb[0]]
        assert (told in said.err) == (not wrong)
    assert code in (0, 1, 2)


@pytest.mark.parametrize(
    ("argv", "what"),
    [
        (["fmt", "-"], "the spec"),
        (["migrate", "-"], "the spec"),
        (["import", "--eni-config", "x.json"], "the spec"),
        (["node-script", GUIDE], "the script"),
        (["node-script", "--explain", GUIDE], "the plan"),
        (["preflight", "--node", GUIDE], "the script"),
    ],
)
def test_two_results_do_not_share_stdout(argv: list[str], what: str, capsys: Captured) -> None:
    assert main([*argv, "--format", "json"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"hybridc: error: stdout is {what}: --format json goes with --report FILE\n"


def test_a_script_and_a_report(tmp_path: Path, capsys: Captured) -> None:
    assert main(["node-script", GUIDE, "--format", "json", "--report", str(tmp_path / "x.json")]) == 0
    assert capsys.readouterr().out.startswith("#!/")
    assert json.loads((tmp_path / "x.json").read_text())["version"] == 1
    assert main(["node-script", GUIDE, "--report", GUIDE]) == 2


@pytest.mark.parametrize("form", FORMATS)
def test_only_the_module_of_the_format_is_loaded(form: str) -> None:
    program = (
        "import sys; from hybridc.cli.main import main; "
        f"main(['validate', '--format', '{form}', '{GUIDE}']); "
        "print(*sorted(m for m in sys.modules if m.startswith(('hybridc.report.', 'xml'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(ROOT / "compiler")},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    renderers = {f"hybridc.report.{module}" for module in FORMATS.values()} - {"hybridc.report.text"}
    assert loaded & renderers == {f"hybridc.report.{FORMATS[form]}"} & renderers
    assert not any(name.startswith("xml") for name in loaded)
