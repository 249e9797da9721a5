"""Servers under load: each alone on the first core, wrk on the second."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

STOP_SECONDS = 20
SERVER_CORE, LOAD_CORE = 0, 1

LUA = """
local requests, at = {}, 0
function init(arguments)
  local key = "Bearer " .. os.getenv("KEY")
  for body in io.lines(os.getenv("BODIES")) do
    local headers = {["content-type"] = "application/json", authorization = key}
    requests[#requests + 1] = wrk.format("POST", nil, headers, body)
  end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
function done(summary, latency, requests)
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write
  io.write(string.format(
    '\\n{"n": %d, "seconds": %f, "p50": %f, "p99": %f, "failed": %d}\\n', summary.requests,
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    failed + summary.errors.status + summary.errors.timeout))
end
"""


@dataclass(frozen=True)
class Served:
    """A server that answers.

    `seconds` from its start until it did, and `megabytes` of resident memory then.
    """

    address: str
    pid: int
    seconds: float
    megabytes: float


@contextmanager
def serving(command: Sequence[str], log: Path, **settings: str) -> Iterator[Served]:
    """Start a server on its core, wait until `/readyz` answers, and stop it in the end."""
    started = time.perf_counter()
    with (
        log.open("ab") as lines,
        subprocess.Popen(
            ["taskset", "-c", str(SERVER_CORE), sys.executable, *command],
            env={**os.environ, **settings},
            stdout=subprocess.PIPE,
            stderr=lines,
        ) as process,
    ):
        try:
            line = process.stdout.readline().decode() if process.stdout else ""
            address = line.strip().removeprefix("Serving on ")
            wait_until_ready(address)
            taken = time.perf_counter() - started
            yield Served(address, process.pid, taken, resident_megabytes(process.pid))
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


@dataclass(frozen=True)
class Answered:
    """What wrk saw: requests a second, and latencies [ms].

    `processor` is what the server's process used for one [s], which its neighbours on a machine
    change little.
    """

    per_second: float
    p50: float
    p99: float
    processor: float


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ask(
    served: Served, path: str, bodies: Path, *, key: str, seconds: int, connections: int
) -> Answered:
    """Post the lines of a file in turn, as fast as they are answered.

    Raises
    ------
    SystemExit
        One was refused or not answered: a server that fails is fast.
    """
    script = bodies.with_name("post.lua")
    script.write_text(LUA)
    command = ["taskset", "-c", str(LOAD_CORE), "wrk", "-t1", f"-c{connections}"]
    command += [f"-d{seconds}s", "--timeout", "30s", "-s", str(script), served.address + path]
    said = {**os.environ, "BODIES": str(bodies), "KEY": key}
    before = processor_seconds(served.pid)
    run = subprocess.run(command, check=True, capture_output=True, text=True, env=said)
    seen = json.loads(run.stdout.strip().splitlines()[-1])
    if seen["failed"] or not seen["n"]:
        raise SystemExit(f"{seen['failed']:g} of {seen['n']:g} requests to {path} failed")
    used = (processor_seconds(served.pid) - before) / seen["n"]
    return Answered(seen["n"] / seen["seconds"], seen["p50"], seen["p99"], used)
