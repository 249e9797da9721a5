"""What the store says is on disk has been waited for, and a full disk is no catastrophe."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from service.store.open_store import open_store
from service.store.pepper import create_pepper

ROOT = Path(__file__).parents[2]
WRITER = ROOT / "tests" / "service" / "store" / "writer.py"

ON_A_FULL_DISK = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from service.store.audit import verify_audit
from service.store.audit_chain import Event
from service.store.audit import record_event
from service.store.errors import StoreFullError
from service.store.open_store import open_store
from service.store.pepper import create_pepper

folder = Path(sys.argv[1])
store = open_store(f"sqlite:///{folder}/store.sqlite3", create_pepper(folder / "pepper"))
event = Event(datetime.now(UTC), "lab", "actor", "opened", "", {"filler": "x" * 2000})
ballast = folder / "ballast"
ballast.write_bytes(bytes(400_000))
for cycle in range(3):
    n_kept = verify_audit(store).n_events
    try:
        while True:
            record_event(store, event)
            n_kept += 1
    except StoreFullError:
        pass
    ballast.unlink(missing_ok=True)
    record_event(store, event)
    report = verify_audit(store)
    assert report.n_events == n_kept + 1, (report, n_kept)
    assert not report.faults, report
    print("recovered", flush=True)
    try:
        ballast.write_bytes(bytes(400_000))
    except OSError:
        break
"""


def traced(strace: str, folder: Path, *more: str) -> list[str]:
    """The system calls of a writer with one caller and twenty records, from its first record."""
    url = f"sqlite:///{folder}/store.sqlite3"
    open_store(url, create_pepper(folder / "pepper")).close()
    log = folder / "strace.log"
    calls = "trace=fsync,fdatasync,write,pwrite64"
    writer = [sys.executable, str(WRITER), url, str(folder / "pepper"), "1", "1", "20", *more]
    subprocess.run(
        [strace, "-f", "-y", "-e", calls, "-o", str(log), *writer],
        check=True,
        stdout=subprocess.PIPE,
    )
    return log.read_text().splitlines()


def acknowledged_without_a_sync(calls: list[str]) -> int:
    """Lines that a writer printed with no sync of the log since the line before."""
    is_synced, unsynced = False, 0
    for call in calls:
        if re.search(r"(fsync|fdatasync)\(\d+<[^>]*sqlite3-wal>", call):
            is_synced = True
        elif re.search(r"write\(1<", call):
            unsynced += not is_synced
            is_synced = False
    return unsynced


def test_the_log_is_synced_before_every_acknowledgement(strace: str, tmp_path: Path) -> None:
    calls = traced(strace, tmp_path)
    assert sum("write(1<" in call for call in calls) == 20
    assert acknowledged_without_a_sync(calls) == 0


def test_a_store_that_acknowledges_first_is_caught(strace: str, tmp_path: Path) -> None:
    assert acknowledged_without_a_sync(traced(strace, tmp_path, "--wrong")) > 0


def test_callers_who_wait_together_share_syncs(strace: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.sqlite3"
    open_store(url, create_pepper(tmp_path / "pepper")).close()
    log = tmp_path / "strace.log"
    writer = [sys.executable, str(WRITER), url, str(tmp_path / "pepper"), "1", "64", "20"]
    command = [strace, "-f", "-y", "-e", "trace=fsync,fdatasync", "-o", str(log), *writer]
    subprocess.run(command, check=True, stdout=subprocess.PIPE)
    syncs = len(re.findall(r"sqlite3-wal>", log.read_text()))
    assert 20 <= syncs <= 64 * 20 / 4


@pytest.mark.parametrize("kilobytes", [700, 1500])
def test_a_full_disk_is_said_and_forgotten_when_there_is_room(
    unshare: str, tmp_path: Path, kilobytes: int
) -> None:
    mounted = f"mount -t tmpfs -o size={kilobytes}k tmpfs {tmp_path} && exec "
    program = tmp_path.parent / f"{tmp_path.name}.py"
    program.write_text(ON_A_FULL_DISK)
    inside = mounted + f"{sys.executable} {program} {tmp_path}"
    run = subprocess.run(
        [unshare, "--mount", "--map-root-user", "sh", "-c", inside],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.count("recovered") >= 1
