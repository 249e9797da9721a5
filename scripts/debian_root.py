"""A folder with a Debian in it, in which programs run as in a container.

Its mounts belong to the mount namespace of the process that makes it; see `image_in_debian.py`.
"""

import ast
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SHARED_MEMORY = "size=64m"
"""What a container gets at /dev/shm."""


@dataclass(frozen=True, slots=True)
class DebianRoot:
    """A root folder; made by `fresh` or `copy`, with /proc and /dev/shm mounted."""

    path: Path

    @classmethod
    def fresh(cls, path: Path, suite: str, mirror: str | None) -> Self:
        """A minimal Debian whose Python is at /usr/local/bin, as in the official images."""
        packages = "--include=python3,python3-venv"
        mirrors = [mirror] if mirror else []
        subprocess.run(
            ["debootstrap", "--variant=minbase", packages, suite, str(path), *mirrors],
            stdout=subprocess.DEVNULL,
            check=True,
        )
        root = cls(path)
        root._mount()
        root.run(["python3", "-m", "venv", "/usr/local"])
        return root

    def copy(self, path: Path) -> Self:
        """Another root with the same files."""
        command = ["cp", "--archive", "--reflink=auto", "--one-file-system", self.path, path]
        subprocess.run(command, check=True)
        root = type(self)(path)
        root._mount()
        return root

    def _mount(self) -> None:
        for kind, at, options in (("proc", "proc", "ro"), ("tmpfs", "dev/shm", SHARED_MEMORY)):
            (self.path / at).mkdir(exist_ok=True)
            mount = ["mount", "-t", kind, "-o", options, kind, self.path / at]
            subprocess.run(mount, check=True)
        for name in ("resolv.conf", "hosts"):
            (self.path / "etc" / name).unlink(missing_ok=True)
            (self.path / "etc" / name).write_bytes(Path("/etc", name).read_bytes())

    def lend(self, paths: Sequence[Path]) -> None:
        """Show files and folders of this machine at the same place, read-only."""
        for path in paths:
            inside = self.path / path.relative_to("/")
            inside.parent.mkdir(parents=True, exist_ok=True)
            inside.mkdir(exist_ok=True) if path.is_dir() else inside.touch()
            subprocess.run(["mount", "--bind", "-o", "ro", path, inside], check=True)

    def start(
        self,
        command: Sequence[str],
        *,
        user: str = "root",
        workdir: str = "/",
        environment: Mapping[str, str] | None = None,
    ) -> "subprocess.Popen[bytes]":
        """Start a program in it; the process has the id of the program itself."""
        home = self._entry("passwd", user)[5]
        variables = {"PATH": PATH, "HOME": home, **(environment or {})}
        words = [f"{name}={value}" for name, value in variables.items()]
        inside = ["/usr/bin/env", "-i", f"--chdir={workdir}", *words, *command]
        return subprocess.Popen(["chroot", f"--userspec={user}:", str(self.path), *inside])

    def run(self, command: Sequence[str], **options: Any) -> None:
        """Run a program in it to its end.

        Raises
        ------
        SystemExit
            It failed.
        """
        code = self.start(command, **options).wait()
        if code:
            sys.exit(f"in the {self.path.name} root, this exited with {code}: {' '.join(command)}")

    def user_id(self, user: str) -> int:
        """The number of a user."""
        return int(self._entry("passwd", user)[2])

    def _entry(self, table: str, name: str) -> list[str]:
        lines = (self.path / "etc" / table).read_text().splitlines()
        return next(entry for line in lines if (entry := line.split(":"))[0] == name)

    def inside(self, path: str) -> Path:
        """Where a path of its own lies for us."""
        return self.path / path.lstrip("/")


def pip_settings() -> tuple[dict[str, str], list[Path]]:
    """The caller's pip settings as variables, and the files and folders that they name.

    Certificates, proxies, mirrors and local indexes come from the caller's environment and pip
    configuration at run time; they are neither printed nor stored.
    """
    listed = [sys.executable, "-m", "pip", "config", "list"]
    lines = subprocess.run(listed, check=True, capture_output=True, text=True).stdout.splitlines()
    variables = {k: v for k, v in os.environ.items() if k.lower().endswith("_proxy")}
    paths = set()
    for line in lines:
        name, _, value = line.partition("=")
        words = str(ast.literal_eval(value)).split()
        variables["PIP_" + name.rpartition(".")[2].replace("-", "_").upper()] = " ".join(words)
        is_index = "index" in name
        paths |= {_local_path(word, is_index=is_index) for word in words}
    return variables, sorted(path for path in paths if path is not None)


def _local_path(word: str, *, is_index: bool) -> Path | None:
    """The file or folder a setting names; of an index the folder above, where its files lie."""
    path = Path(urlsplit(word).path) if word.startswith("file:") else Path(word)
    if not path.is_absolute() or not path.exists():
        return None
    return path.parent if is_index else path
