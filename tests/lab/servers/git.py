"""A Git repository on disk, in the place of the one that a team pushes hybridc's output to."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_WHO = {"NAME": "lab", "EMAIL": "lab@example.com"}
_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in _WHO.items()},
}


@dataclass(frozen=True)
class Repository:
    """A repository with a branch ``main``."""

    folder: Path

    @classmethod
    def create(cls, folder: Path) -> Repository:
        """A new one, with one empty commit."""
        repository = cls(folder)
        folder.mkdir(parents=True)
        repository._git("init", "--quiet", "--initial-branch=main")
        repository._git("commit", "--quiet", "--allow-empty", "--message=start")
        return repository

    @property
    def url(self) -> str:
        """What an Application calls ``repoURL``."""
        return f"file://{self.folder}"

    def publish(self, tree: Path) -> str:
        """Make the branch hold what ``tree`` holds, in one commit if it does not yet; gives the commit's id."""
        for path in self.folder.iterdir():
            if path.name != ".git":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(tree, self.folder, dirs_exist_ok=True)
        self._git("add", "--all")
        if self._git("status", "--porcelain"):
            self._git("commit", "--quiet", "--message=output")
        return self._git("rev-parse", "HEAD")

    def _git(self, *words: str) -> str:
        command = ["git", "-C", str(self.folder), *words]
        done = subprocess.run(command, env=os.environ | _ENVIRONMENT, text=True, capture_output=True, check=True)
        return done.stdout.strip()
