"""How fast the service answers, beside a bare FastAPI route and the service of a tutorial.

Every server is a process of its own, alone on the first core; wrk asks from the second, each in
turn, round after round, with bodies of different patients. Ours is started by its own command and
does all it does for laboratories: key, strict JSON, interval, explanation, flags, metrics, one
line of log; what is compared with is in `bench/servers.py`. A ratio is the median of the rounds';
"by processor" is that of the processor's time for a patient, which other work on a machine changes
less.
Required: at least (for start and memory: at most) the last column. SIMULATED DATA.

Usage: python bench/serving.py [--rounds 5] [--seconds 3] [--only WORD]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from champions import train_champions
from load import Answered, Served, ask, serving
from servers import ANALYTES, COLUMNS, ITEMS, ONE, ROWS, fit_tutorial

SERVERS = Path(__file__).with_name("servers.py")
BATCH = "/v1/predictions/batch"
N_TABLE, N_ITEMS, N_ONE = 10_000, 5_000, 64
CONNECTIONS = 16
MOST_TIMES, MOST_EXTRA_MB = 2.0, 80.0
HEADINGS = ("work", "beside", "ours [patients/s]", "it", "ratio", "by processor", "required",
            "p50, p99 [ms]")  # fmt: skip


@dataclass(frozen=True)
class Work:
    """A server, what it is asked, and how many patients that is."""

    server: str
    path: str
    bodies: str
    n_patients: int = 1

    @property
    def connections(self) -> int:
        """Batches one after another: each of them keeps the core busy."""
        return CONNECTIONS if self.n_patients == 1 else 1


ALONE = Work("bare", ONE, "one"), Work("tutorial", ONE, "one")
FLAT = Work("tutorial", ROWS, "rows", N_TABLE)
NESTED = Work("tutorial", ITEMS, "items", N_ITEMS)


@dataclass(frozen=True)
class Comparison:
    """Two works, and how many times as fast the first must be; None where nothing is asked."""

    name: str
    ours: Work
    other: Work
    at_least: float | None


COMPARISONS = (
    Comparison("one panel pair, linear", Work("linear", ONE, "one"), ALONE[0], 0.9),
    Comparison("one panel pair, linear", Work("linear", ONE, "one"), ALONE[1], 5),
    Comparison("one panel pair, XGBoost", Work("xgboost", ONE, "one"), ALONE[0], 0.5),
    Comparison("one panel pair, linear, recorded", Work("recorded", ONE, "one"), ALONE[0], 0.6),
    Comparison("10,000 as table", Work("linear", BATCH, "table", N_TABLE), FLAT, 5),
    Comparison("5,000 as items", Work("linear", BATCH, "items", N_ITEMS), NESTED, 2),
    Comparison("10,000 as table, XGBoost", Work("xgboost", BATCH, "table", N_TABLE), FLAT, None),
    Comparison("10,000 as table, recorded", Work("recorded", BATCH, "table", N_TABLE), FLAT, None),
    Comparison("5,000 as items, recorded", Work("recorded", BATCH, "items", N_ITEMS), NESTED, None),
)


def write_bodies(folder: Path) -> dict[str, Path]:
    """One body a line, in every form; made-up levels, in every column of the tutorial."""
    rng = np.random.default_rng(1)
    middle = np.array([1.2, 550.0, 70.0] * 2)
    levels = np.round(middle * rng.lognormal(0, 0.4, (N_TABLE, 6)), 4)
    patients = [dict(zip(COLUMNS, row, strict=True)) for row in levels.tolist()]
    nested = [nested_body(number, patient) for number, patient in enumerate(patients)]
    rows = [{"patient_id": f"P-{n}", **patient} for n, patient in enumerate(patients)]
    forms = {
        "one": nested[:N_ONE],
        "rows": [rows],
        "items": [{"items": nested[:N_ITEMS]}],
        "table": [{"table": table_body(patients)}],
    }
    written = {name: folder / f"{name}.jsonl" for name in forms}
    for name, bodies in forms.items():
        written[name].write_text("".join(f"{json.dumps(body)}\n" for body in bodies))
    return written


def nested_body(number: int, patient: dict[str, float]) -> dict[str, Any]:
    def measured(panel: str) -> list[dict[str, Any]]:
        stated = {"unit": "pg/mL", "lloq": 0.01, "platform": "milliplex"}
        return [
            {"analyte": analyte, "result": patient[f"{panel}_{key}"], **stated}
            for analyte, key in ANALYTES.items()
        ]

    before, after = measured("baseline"), measured("follow_up")
    return {
        "patient_id": f"P-{number}",
        "task": "on_treatment",
        "baseline": {"specimen_id": f"S-{number}-0", "month": 0, "measurements": before},
        "follow_up": {"specimen_id": f"S-{number}-1", "month": 1, "measurements": after},
    }


def table_body(patients: list[dict[str, float]]) -> dict[str, Any]:
    def columns(panel: str) -> dict[str, list[float]]:
        return {
            analyte: [patient[f"{panel}_{key}"] for patient in patients]
            for analyte, key in ANALYTES.items()
        }

    return {
        "task": "on_treatment", "unit": "pg/mL", "platform": "milliplex", "baseline_month": 0,
        "follow_up_month": 1, "patient_id": [f"P-{n}" for n in range(len(patients))],
        "baseline": columns("baseline"), "follow_up": columns("follow_up"),
    }  # fmt: skip


def make_key(registry: Path) -> str:
    command = [sys.executable, "-m", "csf_responder", "keys", "create", "--tenant", "bench"]
    command += ["--scope", "predict", "--registry", str(registry), "--json"]
    made = subprocess.run(command, check=True, capture_output=True, text=True)
    return str(json.loads(made.stdout)["key"])


@dataclass(frozen=True)
class Server:
    """A command, its settings, and the key that it wants."""

    command: list[str]
    settings: dict[str, str]
    key: str = ""


def make_servers(scratch: Path) -> dict[str, Server]:
    """Everything that is compared."""
    registries = {"linear": "ridge", "recorded": "ridge", "xgboost": "xgboost"}
    servers = {}
    for name, family in registries.items():
        registry = scratch / name
        train_champions(registry, family)
        command = ["-m", "csf_responder", "serve", "--registry", str(registry), "--port", "0"]
        record = "1" if name == "recorded" else "0"
        servers[name] = Server(command, {"CSF_RECORD": record}, make_key(registry))
    saved = scratch / "model.joblib"
    fit_tutorial(saved)
    servers["bare"] = Server([str(SERVERS), "bare"], {})
    servers["tutorial"] = Server([str(SERVERS), "tutorial", str(saved)], {})
    return servers


def compare_starts(servers: dict[str, Server], log: Path, rounds: int) -> bool:
    """Print how long starts take and what they hold, linear beside bare; whether that is little."""
    seen: dict[str, list[Served]] = {"linear": [], "bare": []}
    for _ in range(rounds + 1):  # the first fills the caches of the machine
        for name, starts in seen.items():
            with serving(servers[name].command, log, **servers[name].settings) as served:
                starts.append(served)
    pairs = list(zip(seen["linear"], seen["bare"], strict=True))[1:]
    times = statistics.median(ours.seconds / bare.seconds for ours, bare in pairs)
    extra = statistics.median(ours.megabytes - bare.megabytes for ours, bare in pairs)
    rows = (("start to ready [s]", "seconds", f"{times:.2f}", f"{MOST_TIMES:g}"),
            ("memory [MB]", "megabytes", f"{extra:+.0f}", f"{MOST_EXTRA_MB:+g}"))  # fmt: skip
    for name, fact, found, required in rows:
        ours, bare = (statistics.median(getattr(s, fact) for s in x[1:]) for x in seen.values())
        print(f"| {name} | bare | {ours:.2f} | {bare:.2f} | {found} | | {required} | |")
    return times <= MOST_TIMES and extra <= MOST_EXTRA_MB


def measure(
    comparisons: list[Comparison], rounds: int, run: Callable[[Work], Answered]
) -> dict[Work, list[Answered]]:
    works = dict.fromkeys(work for one in comparisons for work in (one.other, one.ours))
    for work in works:
        run(work)  # until everything is loaded
    seen: dict[Work, list[Answered]] = {work: [] for work in works}
    for _ in range(rounds):
        for work, answers in seen.items():
            answers.append(run(work))
    return seen


def print_comparison(one: Comparison, seen: dict[Work, list[Answered]]) -> bool:
    """One row of the table; whether it is as fast as required."""
    pairs = list(zip(seen[one.ours], seen[one.other], strict=True))
    times = statistics.median(ours.per_second / other.per_second for ours, other in pairs)
    ours, other = (
        statistics.median(a.per_second for a in seen[work]) * work.n_patients
        for work in (one.ours, one.other)
    )
    used = statistics.median(other.processor / ours.processor for ours, other in pairs)
    p50, p99 = (statistics.median(getattr(a, p) for a in seen[one.ours]) for p in ("p50", "p99"))
    required = "" if one.at_least is None else f"{one.at_least:g}"
    compared = f"{ours:,.0f} | {other:,.0f} | {times:.2f} | {used:.2f} | {required}"
    print(f"| {one.name} | {one.other.server} | {compared} | {p50:.1f}, {p99:.1f} |")
    return one.at_least is None or times >= one.at_least


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--only", default="", help="comparisons with this word in their name")
    given = parser.parse_args()
    chosen = [one for one in COMPARISONS if given.only in one.name]
    if (os.cpu_count() or 1) < 2:
        raise SystemExit("this needs two cores: one for the server, one for the load")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        scratch = Path(folder)
        log, bodies, servers = scratch / "log", write_bodies(scratch), make_servers(scratch)
        print(f"| {' | '.join(HEADINGS)} |")
        print("|---" * len(HEADINGS) + "|")
        passed = [] if given.only else [compare_starts(servers, log, given.rounds)]
        found = {
            name: running.enter_context(serving(server.command, log, **server.settings))
            for name, server in servers.items()
        }

        def run(work: Work) -> Answered:
            return ask(
                found[work.server], work.path, bodies[work.bodies], key=servers[work.server].key,
                seconds=given.seconds, connections=work.connections,
            )  # fmt: skip

        seen = measure(chosen, given.rounds, run)
        passed += [print_comparison(one, seen) for one in chosen]
    sys.exit(not all(passed))


if __name__ == "__main__":
    main()
