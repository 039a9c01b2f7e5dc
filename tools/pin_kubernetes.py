#!/usr/bin/env python3
"""Write tools/go/kubernetes-<minor>/go.mod for one Kubernetes release.

k8s.io/kubernetes requires its staging modules (k8s.io/api, …) at v0.0.0 and
points them at folders of its own tree, which a module that imports it does not
have. So the importing module must replace each of them with the published
v0.<minor>.<patch>. The list stands in the release's own go.mod and differs
from release to release: it is read from there, never typed.

    python3 tools/pin_kubernetes.py 1.37.2 kubeadm [kubelet …]
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

GO_DIR = Path(__file__).resolve().parent / "go"
STAGING = "./staging/"
# Where `tool` lines begin; go raises it to what the release needs, and no further.
OLDEST_GO = "1.24.0"


def go(*args: str, cwd: Path) -> str:
    """Run `go ARGS` in `cwd`, return its stdout; raises CalledProcessError."""
    env = {**os.environ, "GOTOOLCHAIN": "local", "GOWORK": "off", "GOFLAGS": "-mod=mod -modcacherw"}
    return subprocess.run(["go", *args], cwd=cwd, env=env, check=True, text=True, stdout=subprocess.PIPE).stdout


def staging_modules(version: str, cwd: Path) -> list[str]:
    """The module paths that Kubernetes `version` (x.y.z) keeps under staging/."""
    found = json.loads(go("mod", "download", "-json", f"k8s.io/kubernetes@v{version}", cwd=cwd))
    parsed = json.loads(go("mod", "edit", "-json", found["GoMod"], cwd=cwd))
    return sorted(line["Old"]["Path"] for line in parsed["Replace"] or [] if line["New"]["Path"].startswith(STAGING))


def pin(version: str, commands: list[str]) -> Path:
    """Write go.mod and go.sum that build `commands` of `version`; return the folder.

    `commands` are folder names below cmd/ of the release. A folder that exists
    is written anew, so a bump leaves no line of the old release.
    """
    _, minor, patch = version.split(".")
    family = GO_DIR / f"kubernetes-1.{minor}"
    family.mkdir(parents=True, exist_ok=True)
    for name in ("go.mod", "go.sum"):
        (family / name).unlink(missing_ok=True)
    go("mod", "init", f"tools/{family.name}", cwd=family)
    go("mod", "edit", f"-go={OLDEST_GO}", cwd=family)
    replaces = [f"-replace={m}={m}@v0.{minor}.{patch}" for m in staging_modules(version, family)]
    go("mod", "edit", f"-require=k8s.io/kubernetes@v{version}", *replaces, cwd=family)
    for command in commands:
        # Without the version go takes the newest release, not the required one.
        go("get", "-tool", f"k8s.io/kubernetes/cmd/{command}@v{version}", cwd=family)
    go("mod", "tidy", cwd=family)
    return family


def main(argv: list[str] | None = None) -> int:
    """Command line; exit 0, 1 when go failed (its own words are on stderr), 2 for bad arguments."""
    parser = argparse.ArgumentParser(description="Pin one Kubernetes release in tools/go.")
    parser.add_argument("version", help="x.y.z, without the v")
    parser.add_argument("commands", nargs="+", help="folders below cmd/, e.g. kubeadm")
    args = parser.parse_args(argv)
    if not re.fullmatch(r"1\.\d+\.\d+", args.version):
        parser.error(f"{args.version}: not a version like 1.37.2")
    try:
        print(f"wrote {pin(args.version, args.commands)}")
    except subprocess.CalledProcessError as error:
        print(f"pin_kubernetes: `{' '.join(error.cmd)}` failed", file=sys.stderr)
        return 1
    except FileNotFoundError:
        print("pin_kubernetes: there is no `go` on PATH", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
