"""What needs programs from outside; one that is missing fails with its name."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
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
def unshare() -> str:
    """The `unshare` program."""
    return needed("unshare")


@pytest.fixture(scope="session")
def curl() -> str:
    """The `curl` program."""
    return needed("curl")


@pytest.fixture(scope="session")
def promtool() -> str:
    """The `promtool` program."""
    return needed("promtool")


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """`program(name)`: path of any other program."""
    return needed


@pytest.fixture
def port() -> int:
    """A port of the loopback that nobody listens on."""
    return free_port()


@dataclass(frozen=True)
class PostgresServer:
    """A throw-away PostgreSQL server that may be killed.

    Attributes
    ----------
    url
        Of its first database, as an owner of everything.
    port
        Where it listens on the loopback.
    data
        Its folder.
    """

    url: str
    port: int
    data: Path
    start_again: tuple[str, ...]
    environment: dict[str, str]

    def new_database(self) -> str:
        """Address of an empty database."""
        name = f"csf_{uuid.uuid4().hex}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.url.rpartition("/")[0] + f"/{name}"

    @contextmanager
    def killed(self) -> Iterator[None]:
        """The server ends as in a power cut, with all its processes, and starts again after."""
        first = (self.data / "postmaster.pid").read_text().split()[0]
        others = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        for process in (first, *others):
            with suppress(ProcessLookupError):
                os.kill(int(process), signal.SIGKILL)
        try:
            yield
        finally:
            self._start()

    def _start(self) -> None:
        """What is left of a killed server goes within seconds."""
        deadline = time.monotonic() + 30
        while True:
            run = subprocess.run(
                self.start_again, env=self.environment, capture_output=True, check=False, cwd="/"
            )
            if run.returncode == 0:
                return
            assert time.monotonic() < deadline, run.stderr
            time.sleep(0.1)


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A server of Debian's `pg_virtualenv`, for root and for anybody else."""
    said = tmp_path_factory.mktemp("server") / "said"
    say = f'echo "$PGUSER $PGPASSWORD $PGPORT $PGVERSION $PG_CLUSTER_CONF_ROOT" > {said}; cat'
    needed("pg_ctlcluster")
    process = subprocess.Popen(
        [needed("pg_virtualenv"), "-t", "-o", "fsync=on", "sh", "-c", say],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    while not (said.exists() and said.read_text().endswith("\n")):
        assert process.poll() is None, "pg_virtualenv made no server"
        time.sleep(0.05)
    user, password, port, version, root = said.read_text().split()
    url = f"postgresql://{user}:{password}@127.0.0.1:{port}/postgres"
    with psycopg.connect(url) as connection:
        (data,) = connection.execute("SHOW data_directory").fetchone() or ("",)
    again = ("pg_ctlcluster", version, "regress", "start")
    environment = {**os.environ, "PG_CLUSTER_CONF_ROOT": root}
    yield PostgresServer(url, int(port), Path(data), again, environment)
    process.stdin.close()
    assert process.wait(60) == 0


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
            timeout=600,
            check=False,
        )

    return type_commands


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
