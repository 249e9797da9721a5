"""How long the service takes to start and how much memory it holds, beside a bare FastAPI.

Both are started in turn, as processes of their own with the same server settings, and asked
until they answer. Required: at most 2 times the bare start and at most 80 MB more.

Usage: python bench/start.py [--registry DIR] [--rounds 5]
"""

import argparse
import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

MOST_TIMES = 2.0
MOST_EXTRA_MB = 80.0
STOP_SECONDS = 20

BARE = """
import socket
import uvicorn
from fastapi import FastAPI

app = FastAPI()

@app.get("/readyz")
async def ready() -> dict[str, str]:
    return {"status": "ready"}

config = uvicorn.Config(
    app, port=0, access_log=False, server_header=False, log_level="warning",
    timeout_graceful_shutdown=10,
)
listening = config.bind_socket()
listening.listen(config.backlog)
print(f"Serving on http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
uvicorn.Server(config).run(sockets=[listening])
"""


def measure(arguments: list[str]) -> tuple[float, float]:
    """Seconds from start to the first 200 of `/readyz`, and resident memory then [MB]."""
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *arguments],
        env={**os.environ, "CSF_ALLOW_ANONYMOUS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            line = process.stdout.readline().decode() if process.stdout else ""
            wait_until_ready(line.strip().removeprefix("Serving on "))
            return time.perf_counter() - started, resident_megabytes(process.pid)
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def wait_until_ready(address: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    connection.request("GET", "/readyz")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"{address} is not ready: promote a bundle first")


def resident_megabytes(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise SystemExit("this machine does not tell a process's memory")


def train_champions(registry: Path) -> None:
    """Ridge champions of both tasks, trained quickly: what they say does not matter here."""
    from data.analytes import study_analytes
    from data.outcome import define_responder
    from data.panel import TASK_NAMES, Task
    from data.simulate import simulate_cohort
    from models.registry import Registry
    from training.config import CandidatesConfig, EvaluationConfig, TrainingConfig
    from training.run import train

    config = TrainingConfig(
        evaluation=EvaluationConfig(
            repeats=2, bootstrap_linear=200, permutations=2, optimism_bootstrap=2
        ),
        candidates=CandidatesConfig(families=("ridge",)),
    )
    found = Registry(registry)
    for name in TASK_NAMES:
        trained = train(
            simulate_cohort("informative", n=64, seed=1),
            Task(name),
            define_responder(),
            tuple(study_analytes().values()),
            config,
            seed=1,
            now=lambda: datetime.now(UTC),
        )
        bundle_id = trained.write(found.bundles)
        found.promote(bundle_id, by="bench", reason="", now=datetime.now(UTC))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--registry", type=Path, help="default: trained quickly for this")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        registry = given.registry or Path(scratch)
        if given.registry is None:
            train_champions(registry)
        serve = ["-m", "csf_responder", "serve", "--registry", str(registry), "--port", "0"]
        starts = {"bare FastAPI": ["-c", BARE], "csf-responder serve": serve}
        for arguments in starts.values():
            measure(arguments)  # once to fill the caches of the machine
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in starts}
        for _ in range(given.rounds):
            for name, arguments in starts.items():
                taken[name].append(measure(arguments))
    medians = {
        name: [statistics.median(column) for column in zip(*rows, strict=True)]
        for name, rows in taken.items()
    }
    for name, (seconds, megabytes) in medians.items():
        print(f"{name:<20} {seconds:6.2f} s to ready {megabytes:7.1f} MB")
    (bare_seconds, bare_megabytes), (seconds, megabytes) = medians.values()
    times, extra = seconds / bare_seconds, megabytes - bare_megabytes
    print(
        f"{times:.2f} times the bare start (at most {MOST_TIMES:g}); "
        f"{extra:+.1f} MB (at most {MOST_EXTRA_MB:+g}); {given.rounds} rounds, medians"
    )
    sys.exit(times > MOST_TIMES or extra > MOST_EXTRA_MB)


if __name__ == "__main__":
    main()
