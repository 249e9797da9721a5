"""What a service needs: time to start, memory of a worker, disk of its records, records a second.

Starts the service with linear champions, asks it, and reads each worker's memory. What it answered
is then kept as the service keeps it, under an idempotency key each, by one caller and by many.

Usage: python bench/sizing.py [--folder DIR] [--predictions 20000] [--postgresql URL]

PostgreSQL is measured where the address of an empty database is given, for instance

    pg_virtualenv -t -o fsync=on sh -c 'python bench/sizing.py \
        --postgresql postgresql://$PGUSER:$PGPASSWORD@127.0.0.1:$PGPORT/postgres'
"""

import argparse
import asyncio
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text
from start import resident_megabytes, train_champions

from models.canonical import sha256
from service.store.group_commit import GroupCommit
from service.store.open_store import open_store
from service.store.pepper import create_pepper
from service.store.records import IdempotencyKey, NewPrediction, Submission
from service.store.store import Store

WORKERS, REQUESTS, CALLERS = 2, 2000, 64
RESULTS = {"TNF": ("<0.7", 0.9), "MCP-1": (512, 450), "TGF-b1": (61, 80)}


def panel(month: int, which: int) -> dict[str, object]:
    results = [
        {"analyte": name, "result": pair[which], "unit": "pg/mL", "platform": "milliplex"}
        for name, pair in RESULTS.items()
    ]
    return {"specimen_id": f"S{month}", "month": month, "measurements": results}


BODY = json.dumps(
    {"patient_id": "P-017", "baseline": panel(0, 0), "follow_up": panel(1, 1)}
).encode()


def served(registry: Path) -> bytes:
    """Start a service, ask it, print what it needs; gives one of its answers."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [
            sys.executable, "-m", "csf_responder", "serve", "--registry", str(registry),
            "--port", "0", "--workers", str(WORKERS),
        ],
        env={**os.environ, "CSF_ALLOW_ANONYMOUS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )  # fmt: skip
    try:
        line = process.stdout.readline() if process.stdout else ""
        address = line.split("//")[1].strip()
        ask(address, "GET", "/readyz")
        print(f"start to ready              {time.perf_counter() - begun:8.2f} s")
        before = memory(process.pid)
        answer = b""
        for _ in range(REQUESTS):
            answer = ask(address, "POST", "/v1/predictions", BODY)
        after = memory(process.pid)
        print(f"a worker, ready             {max(before):8.1f} MB")
        print(f"a worker, {REQUESTS} requests    {max(after):8.1f} MB")
        print(f"the process above them      {resident_megabytes(process.pid):8.1f} MB")
        return answer
    finally:
        process.terminate()
        process.wait(30)


def memory(pid: int) -> list[float]:
    """Resident memory of the workers [MB]."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    lines = {child: Path(f"/proc/{child}/cmdline").read_text() for child in children}
    return [resident_megabytes(int(pid)) for pid, line in lines.items() if "spawn_main" in line]


def ask(address: str, method: str, path: str, body: bytes | None = None) -> bytes:
    connection = http.client.HTTPConnection(address, timeout=30)
    connection.request(method, path, body, {"content-type": "application/json"})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if answer.status not in (200, 201):
        raise SystemExit(f"{path} gave {answer.status}")
    return content


def kept(name: str, url: str, pepper: Path, answer: bytes, n: int) -> None:
    """Keep `n` predictions, print how fast it went and what they take on disk."""
    store = open_store(url, create_pepper(pepper))
    before = size(store)
    commits = GroupCommit(store)
    alone = asyncio.run(written(commits, answer, n // 20, callers=1))
    many = asyncio.run(written(commits, answer, n - n // 20, callers=CALLERS))
    commits.close()
    megabytes = (size(store) - before) / 1e6
    store.close()
    print(f"{name:<12} one caller     {alone:8.0f} records/s")
    print(f"{name:<12} {CALLERS} callers     {many:8.0f} records/s")
    print(f"{name:<12} 100,000        {megabytes / n * 100_000:8.0f} MB")


async def written(commits: GroupCommit, answer: bytes, n: int, *, callers: int) -> float:
    """Records a second: the median of ten parts."""
    parts = []
    for _ in range(10):
        waiting = iter([submission(answer) for _ in range(n // 10)])

        async def caller(waiting: Iterator[Submission] = waiting) -> None:
            for one in waiting:
                await commits.append(one)

        begun = time.perf_counter()
        await asyncio.gather(*(caller() for _ in range(callers)))
        parts.append(n // 10 / (time.perf_counter() - begun))
    return statistics.median(parts)


def submission(answer: bytes) -> Submission:
    now, prediction_id = datetime.now(UTC), str(uuid.uuid4())
    own = answer.replace(json.loads(answer)["prediction_id"].encode(), prediction_id.encode())
    made = NewPrediction(
        prediction_id=prediction_id, tenant="lab", patient_id="P-017", created_at=now,
        task="on_treatment", bundle_id=json.loads(answer)["bundle_id"],
        content_sha256="a" * 64, input=BODY, answer=own,
    )  # fmt: skip
    key = IdempotencyKey("lab", str(uuid.uuid4()), sha256(BODY))
    return Submission((made,), now, "key", 201, own, key)


def size(store: Store) -> int:
    """Bytes of a database with its indexes."""
    is_sqlite = store.engine.dialect.name == "sqlite"
    pages = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    with store.reading() as connection:
        asked = pages if is_sqlite else "SELECT pg_database_size(current_database())"
        return int(connection.execute(text(asked)).scalar_one())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, help="on the disk that is to be measured")
    parser.add_argument("--predictions", type=int, default=20_000)
    parser.add_argument("--postgresql", help="address of an empty database")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        scratch = Path(name)
        train_champions(scratch / "registry")
        answer = served(scratch / "registry")
        sqlite = f"sqlite:///{scratch}/kept.sqlite3"
        kept("SQLite", sqlite, scratch / "pepper", answer, given.predictions)
        if given.postgresql is not None:
            pepper = scratch / "postgresql.pepper"
            kept("PostgreSQL", given.postgresql, pepper, answer, given.predictions)


if __name__ == "__main__":
    main()
