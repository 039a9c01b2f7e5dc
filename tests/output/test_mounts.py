"""Other file systems in a cluster's folder, and file systems that rename no folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.build.cli import Done, call, clean_environment, temporaries, tree, written
from tests.output.conftest import NAME, Cluster

pytestmark = pytest.mark.needs("root")
BUILD = f"{sys.executable} -m hybridc build"


def shell(script: str) -> Done:
    """A script in a mount namespace of its own: what it mounts goes with it."""
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-euc", script],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


PLACES = {
    "a folder of the same disk": "mkdir {at}; mount --bind {outside} {at}",
    "a folder below one": "mkdir -p {at}/b/c; mount --bind {outside} {at}/b/c",
    "a file": "touch {at}; mount --bind {outside}/mine {at}",
    "another file system": "mkdir {at}; mount -t tmpfs tmpfs {at}; echo mine >{at}/mine",
    "over generated files": "mount --bind {outside} {folder}/kustomize; cp -r {kept}/. {folder}/kustomize",
    "the folder itself": "mount --bind {folder} {folder}",
}


@pytest.mark.parametrize("name", ["sub", "with space", "back\\slash", "tab\there"])
@pytest.mark.parametrize("how", PLACES.values(), ids=PLACES.keys())
@pytest.mark.parametrize("flag", ["", "--force"])
def test_a_mount_stops_the_build(cluster: Cluster, how: str, name: str, flag: str) -> None:
    """Before anything is changed: it would be emptied at its source."""
    outside, kept = cluster.out.parent / "outside", cluster.out.parent / "kept"
    outside.mkdir()
    (outside / "mine").write_text("mine\n")
    subprocess.run(["cp", "-r", cluster.folder / "kustomize", kept], check=True)
    words = {"at": f"'{cluster.folder / name}'", "outside": outside, "folder": cluster.folder, "kept": kept}
    mount, files = how.format(**words), tree(cluster.folder)
    cluster.change()
    done = shell(f"{mount}; {BUILD} {cluster.spec} -o {cluster.out} {flag}")
    assert (done.code, "OUT007 error: a file system is mounted here" in done.err) == (2, True), done.err
    assert (outside / "mine").read_text() == "mine\n"
    assert temporaries(cluster.out) == []
    assert files.items() <= tree(cluster.folder).items()
    assert shell(f"{mount}; {BUILD} --check {cluster.spec} -o {cluster.out}").code == 1
    assert cluster.build("--force").code == 0, "without the mount"


def test_a_mount_beside_what_is_built_is_no_matter(cluster: Cluster) -> None:
    """A name that only begins like the folder's, a folder without a change, and the output folder as a whole."""
    cluster.out.joinpath(f"{NAME}-2").mkdir()
    beside = f"mount -t tmpfs tmpfs {cluster.out}/{NAME}-2"
    assert shell(f"{beside}; {BUILD} {cluster.spec} -o {cluster.out}").code == 0
    below = f"mkdir {cluster.folder}/sub; mount -t tmpfs tmpfs {cluster.folder}/sub"
    assert shell(f"{below}; {BUILD} {cluster.spec} -o {cluster.out}").code == 0
    cluster.change()
    assert (
        shell(f"{beside}; mount --bind {cluster.out} {cluster.out}; {BUILD} {cluster.spec} -o {cluster.out}").code == 0
    )


@pytest.fixture
def layers(tmp_path: Path) -> str:
    """A script that mounts an overlay whose lower layer is a folder that was built, with files of a person."""
    spec = written(tmp_path)
    assert call("build", spec, "-o", tmp_path / "lower/out").code == 0
    (tmp_path / f"lower/out/{NAME}/mine").mkdir()
    (tmp_path / f"lower/out/{NAME}/mine/notes").write_text("mine\n")
    spec.write_text(spec.read_text().replace("elastic", "renamed"))
    return f"""
        cd {tmp_path}; mkdir -p up root
        mount -t tmpfs tmpfs up; mkdir up/upper up/work
        mount -t overlay overlay -o lowerdir=lower,upperdir=up/upper,workdir=up/work,redirect_dir=off root
    """


def test_a_folder_of_a_lower_layer_is_updated(layers: str, tmp_path: Path) -> None:
    """overlayfs renames none: COPY, and then RUN hybridc build in a Dockerfile."""
    check = f"""{layers}
        {BUILD} {NAME}.yaml -o root/out >&2
        [ "$(cat root/out/{NAME}/mine/notes)" = mine ]
        [ -e root/out/{NAME}/cloud/node-pools/renamed.json ]
        [ ! -e root/out/{NAME}/cloud/node-pools/elastic.json ]
        [ "$(ls -A root/out)" = {NAME} ]
        {BUILD} {NAME}.yaml -o root/out | grep unchanged
        sed -i s/renamed/again/ {NAME}.yaml
        {BUILD} {NAME}.yaml -o root/out
    """
    done = shell(check)
    assert done.code == 0, done.err
    assert (tmp_path / f"lower/out/{NAME}/cloud/node-pools/elastic.json").exists()


@pytest.mark.parametrize("moment", ["before", "while it is removed", "after"])
def test_a_kill_between_is_completed(layers: str, moment: str) -> None:
    """The next run finds the new folder, whole, beside what is left of the old one; a planted one is not taken."""
    torn = {
        "before": "",
        "while it is removed": f"rm -r root/out/{NAME}/cloud;",
        "after": f"rm -r root/out/{NAME};",
    }[moment]
    check = f"""{layers}
        {BUILD} {NAME}.yaml -o fresh >/dev/null 2>&1
        inode=$(stat -c %i root/out/{NAME})
        cp -r fresh/{NAME} root/out/.{NAME}.hybridc-next-$inode
        {torn}
        printf 'kind: [' >bad.yaml
        ! {BUILD} bad.yaml -o root/out 2>/dev/null
        diff -r fresh/{NAME} root/out/{NAME} >&2
        mkdir root/out/.{NAME}.hybridc-next-1
        ! {BUILD} bad.yaml -o root/out 2>/dev/null
        diff -r fresh/{NAME} root/out/{NAME} >&2
        [ "$(ls -A root/out)" = {NAME} ]
    """
    done = shell(check)
    assert done.code == 0, done.err
