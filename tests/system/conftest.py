"""What needs programs from outside; one that is missing fails with its name."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

TypeCommands = Callable[[str, Path], "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def rscript() -> str:
    """The `Rscript` program."""
    return needed("Rscript")


@pytest.fixture(scope="session")
def strace() -> str:
    """The `strace` program."""
    return needed("strace")


@pytest.fixture(scope="session")
def curl() -> str:
    """The `curl` program."""
    return needed("curl")


def needed(program: str) -> str:
    """Path of a program, or a failure that says what to install."""
    found = shutil.which(program)
    if found is None:
        pytest.fail(f"{program} is not installed: run scripts/install-debian.sh")
    return found


@pytest.fixture(scope="session")
def type_commands(curl: str) -> TypeCommands:
    """Types the shell blocks of a page in order in a folder, at a free port instead of 8000.

    Blocks that say `make` are for a checkout and are left out.
    """

    def type_commands(page: str, folder: Path) -> "subprocess.CompletedProcess[str]":
        blocks = re.findall(r"```sh\n(.*?)```", (ROOT / page).read_text(), flags=re.DOTALL)
        script = "".join(block for block in blocks if "make" not in block)
        path = f"{Path(sys.executable).parent}:{Path(curl).parent}:{os.environ['PATH']}"
        return subprocess.run(
            ["bash", "-c", "set -euo pipefail\n" + script.replace("8000", str(free_port()))],
            cwd=folder,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return type_commands


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
