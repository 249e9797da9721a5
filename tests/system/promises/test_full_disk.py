"""A full disk costs answers, and neither records nor a restart."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from clients import Clients

N_CLIENTS, N_WORKERS = 8, 2
DATABASE = "store.sqlite3"


@pytest.fixture
def small_disk(make_service: Any, unshare: str, tmp_path: Path) -> Iterator[tuple[Any, ...]]:
    """A service whose database has a disk of its own of 160 MB, and that disk seen from outside."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = f'mount -t tmpfs -o size=160m tmpfs {disk} && exec "$@"'
    before = (unshare, "--mount", "--map-root-user", "sh", "-c", mount, "sh")
    service = make_service(database_url=f"sqlite:///{disk}/{DATABASE}")
    with service.running(N_WORKERS, before=before) as running:
        yield service, running, Path(f"/proc/{running.pid}/root{disk}")


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Nothing more fits on the disk until the end of the block."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            with suppress(OSError):
                while file.write(bytes(size)):
                    pass
    yield
    ballast.unlink()


def test_a_full_disk_is_503_or_a_stored_201_and_needs_no_restart(
    small_disk: Any, tmp_path: Path, length: Any, reached: Any
) -> None:
    service, running, disk = small_disk
    clients, waits = Clients(running), []
    with clients.posting(N_CLIENTS):
        for _ in range(length(3, 20)):
            clients.wait_for(20)
            with filled(disk):
                clients.wait_for(20, refused=True)
            waits.append(clients.wait_for(20))
    assert clients.n_broken == 0
    assert {one["code"] for one in clients.refused} <= {"store_full", "store_busy"}
    said = clients.digests()
    # Nobody writes any more. Outside the service's mounts, the folder under the disk is another.
    for file in disk.glob(f"{DATABASE}*"):
        shutil.copy(file, tmp_path / "disk")
    assert service.answers() == said
    reached(
        f"{len(waits)} times full: {len(said):,} answers 201, all kept; {len(clients.refused):,} "
        f"answers 503; recovery within {max(waits):.1f} s"
    )
