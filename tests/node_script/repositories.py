"""Package repositories as a mirror has them: real .debs and .rpms, an index, and a signature."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

# By program: the Debian package that has it.
PROGRAMS = {
    "apt-ftparchive": "apt-utils",
    "createrepo_c": "createrepo-c",
    "dnf": "dnf",
    "dpkg-deb": "dpkg",
    "gpg": "gpg",
    "gpg-agent": "gpg-agent",
    "rpmbuild": "rpm",
    "rpmsign": "rpm",
    "systemd-nspawn": "systemd-container",
}


def need(*programs: str) -> None:
    """Fail with the one line that installs what is missing."""
    missing = sorted({PROGRAMS[program] for program in programs if shutil.which(program) is None})
    if missing:
        pytest.fail(f"not installed: apt-get install --no-install-recommends {' '.join(missing)}", pytrace=False)


@dataclass(frozen=True)
class Key:
    """A signing key, in a keyring of its own."""

    home: Path

    def gpg(self, *words: str) -> str:
        """The output of gpg with this keyring."""
        done = subprocess.run(
            ["gpg", "--homedir", str(self.home), "--batch", "--yes", "--quiet", *words],
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    @property
    def public(self) -> str:
        """The key as a repository offers it: text in armor."""
        return self.gpg("--armor", "--export")


@contextmanager
def signing_key(home: Path) -> Iterator[Key]:
    """A new key without a passphrase; its agent ends with the block."""
    need("gpg", "gpg-agent")
    home.mkdir(mode=0o700, parents=True)
    key = Key(home)
    key.gpg("--pinentry-mode", "loopback", "--passphrase", "", "--quick-gen-key", "Tests", "rsa2048", "sign", "never")
    try:
        yield key
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "gpg-agent"], check=False, capture_output=True)


@dataclass(frozen=True)
class Package:
    """A package to build: ``files`` by path are a text, a program of this machine, or None for a stub program."""

    name: str
    version: str
    files: Mapping[str, str | Path | None] = field(default_factory=dict)
    depends: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()

    def lay_out(self, root: Path) -> None:
        """Put the files below ``root``."""
        for path, content in self.files.items():
            target = root / path.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Path):
                shutil.copyfile(content, target)
            else:
                stub = f"#!/bin/sh\necho {self.name} {self.version}\n"
                target.write_text(stub if content is None else content)
            if content is None or isinstance(content, Path):
                target.chmod(0o755)


def build_deb(package: Package, folder: Path) -> Path:
    """``folder/NAME_VERSION.deb``, not compressed."""
    need("dpkg-deb")
    root = folder / f"{package.name}.root"
    package.lay_out(root)
    architecture = subprocess.run(
        ["dpkg", "--print-architecture"], check=True, capture_output=True, text=True
    ).stdout.strip()
    lines = [
        f"Package: {package.name}",
        f"Version: {package.version}",
        f"Architecture: {architecture}",
        "Maintainer: Tests <tests@example.com>",
        f"Description: {package.name} for tests",
        *([f"Depends: {', '.join(package.depends)}"] if package.depends else []),
    ]
    (root / "DEBIAN").mkdir(parents=True)
    (root / "DEBIAN" / "control").write_text("\n".join(lines) + "\n")
    target = folder / f"{package.name}_{package.version}.deb"
    subprocess.run(
        ["dpkg-deb", "-Znone", "--root-owner-group", "--build", str(root), str(target)], check=True, capture_output=True
    )
    shutil.rmtree(root)
    return target


def apt_repository(folder: Path, debs: list[Path], key: Key | None) -> None:
    """A flat repository: ``deb URL /``. Without a key it is not signed."""
    need("apt-ftparchive")
    folder.mkdir(parents=True)
    for deb in debs:
        os.link(deb, folder / deb.name)
    for name, kind in (("Packages", "packages"), ("Release", "release")):
        done = subprocess.run(["apt-ftparchive", kind, "."], cwd=folder, check=True, capture_output=True)
        (folder / name).write_bytes(done.stdout)
    if key:
        key.gpg("--output", str(folder / "InRelease"), "--clearsign", str(folder / "Release"))


def build_rpm(package: Package, folder: Path, key: Key | None) -> Path:
    """``folder/NAME-VERSION.rpm``. Without a key it is not signed."""
    need("rpmbuild", "rpmsign")
    work = folder / f"{package.name}-{package.version}.work"
    package.lay_out(work / "files")
    version, _, release = package.version.partition("-")
    spec = f"""Name: {package.name}
Version: {version}
Release: {release or 1}
Summary: Tests
License: None
AutoReqProv: no
{"".join(f"Requires: {name}{chr(10)}" for name in package.depends)}
{"".join(f"Conflicts: {name}{chr(10)}" for name in package.conflicts)}
%description
Tests
%install
cp -a {work}/files/. %{{buildroot}}/
%files
{chr(10).join(package.files)}
"""
    (work / "package.spec").write_text(spec)
    top = f"_topdir {work}/top"
    subprocess.run(
        ["rpmbuild", "-bb", "--quiet", "--define", top, "--define", "_build_id_links none", str(work / "package.spec")],
        check=True,
        capture_output=True,
    )
    (built,) = (work / "top" / "RPMS").rglob("*.rpm")
    target = folder / f"{package.name}-{package.version}.rpm"
    shutil.move(built, target)
    shutil.rmtree(work)
    if key:
        names = {"_gpg_name": "Tests", "_gpg_path": str(key.home), "__gpg": shutil.which("gpg") or "gpg"}
        defines = [word for name, value in names.items() for word in ("--define", f"{name} {value}")]
        subprocess.run(["rpmsign", *defines, "--addsign", str(target)], check=True, capture_output=True)
    return target


def rpm_repository(folder: Path, rpms: list[Path]) -> None:
    """A repository that dnf reads; its packages are signed, or not, each by itself."""
    need("createrepo_c")
    folder.mkdir(parents=True)
    for rpm in rpms:
        shutil.copy(rpm, folder)
    subprocess.run(["createrepo_c", "--quiet", str(folder)], check=True, capture_output=True)


def tamper(path: Path) -> None:
    """Change one byte in the middle, after the index was made."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.unlink()  # the good one may be the same file under another name
    path.write_bytes(data)
