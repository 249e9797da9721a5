"""Scoring a Parquet file of panels, beside the plain loop that people write for it.

`csf-responder score` checks every row, gives interval and flags and writes them; the loop reads
with pyarrow, asks the same model in scikit-learn or XGBoost (`models export`) for
`predict_proba`, and writes one probability. Each is a process of its own, in turn; best of the
rounds. Required: at least as fast, and no more memory for four times the rows (+10 %).

Usage: python bench/scoring.py [--rows 5000000] [--rounds 3] [--registry DIR ...]
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from champions import train_champions

ANALYTES = ("TNF", "MCP-1", "TGF-b1")
RANGES = ((0.3, 20.0), (100.0, 2000.0), (10.0, 1500.0))
PANELS = ("baseline", "follow_up")
TASK: Final = "on_treatment"
MOST_MEMORY = 1.10
PART = 1 << 20


def write_panels(path: Path, n_rows: int) -> None:
    """Made-up panels: an id and six results a row."""
    rng = np.random.default_rng(1)
    writer = None
    for start in range(0, n_rows, PART):
        size = min(PART, n_rows - start)
        columns: dict[str, Any] = {"patient_id": [f"P-{start + row:08d}" for row in range(size)]}
        for panel in PANELS:
            for name, (lower, upper) in zip(ANALYTES, RANGES, strict=True):
                levels = np.exp(rng.normal(np.log(lower * upper) / 2, 0.6, size))
                columns[f"{panel}_{name}"] = np.round(np.clip(levels, lower, upper), 4)
        table = pa.table(columns)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()


def plain_loop(exported: str, file: str, out: str) -> None:
    """What people write; the features are those of the export, without a check."""
    import joblib

    model = joblib.load(exported)["estimator"]
    if hasattr(model, "n_jobs"):
        model.n_jobs = os.cpu_count()
    names = [f"{panel}_{name}" for panel in PANELS for name in ANALYTES]
    writer = None
    for batch in pq.ParquetFile(file).iter_batches():
        tnf, mcp1, tgfb1, later_tnf, later_mcp1, later_tgfb1 = (
            np.log(batch.column(name).to_numpy()) for name in names
        )
        changes = later_tnf - tnf, later_mcp1 - mcp1, later_tgfb1 - tgfb1
        features = np.column_stack(
            [tnf, mcp1, tgfb1, tgfb1 - mcp1, *changes, changes[2] - changes[1]]
        )
        probability = model.predict_proba(features)[:, 1]
        answers = pa.table({"patient_id": batch.column("patient_id"), "probability": probability})
        writer = writer or pq.ParquetWriter(out, answers.schema)
        writer.write_table(answers)
    if writer is not None:
        writer.close()


def measure(command: list[str]) -> tuple[float, float, float]:
    """Seconds on the clock and of the processors, and the largest memory [MB] of a process."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL)
    memory, done = 0.0, (0, 0)
    while not done[0]:
        memory = largest_megabytes(process.pid) or memory
        time.sleep(0.01)
        *done, used = os.wait4(process.pid, os.WNOHANG)
    taken = time.perf_counter() - started
    if done[1]:
        raise SystemExit(f"{' '.join(command)} failed")
    return taken, used.ru_utime + used.ru_stime, memory


def largest_megabytes(pid: int) -> float | None:
    """The most memory that a process held; None at its end, and where nobody tells."""
    status = Path(f"/proc/{pid}/status")
    lines = status.read_text().splitlines() if status.is_file() else []
    return next((int(x.split()[1]) * 1024 / 1e6 for x in lines if x.startswith("VmHWM")), None)


def ours(registry: Path, file: Path, out: Path) -> list[str]:
    stated = ["--unit", "pg/mL", "--platform", "milliplex", "--follow-up-month", "1"]
    command = ["-m", "csf_responder", "score", f"champion:{TASK}", str(file), "--out", str(out)]
    return [*command, "--registry", str(registry), *stated]


def compare(registry: Path, files: tuple[Path, Path], rounds: int, scratch: Path) -> bool:
    """One table for a champion; whether it is as fast as required, in as little memory."""
    few, many = files
    exported, out = scratch / "exported.joblib", scratch / "out.parquet"
    exported.unlink(missing_ok=True)
    command = ["-m", "csf_responder", "models", "export", f"champion:{TASK}"]
    measure([*command, "--out", str(exported), "--registry", str(registry)])
    commands = {
        "plain loop": [__file__, "--plain", str(exported), str(many), str(out)],
        "score": ours(registry, many, out),
        "score, a quarter of the rows": ours(registry, few, out),
    }
    best: dict[str, tuple[float, float, float]] = {}
    for _ in range(rounds):
        for name, arguments in commands.items():
            out.unlink(missing_ok=True)
            best[name] = min(best.get(name, (np.inf, 0.0, 0.0)), measure(arguments))
    for name, (seconds, processors, megabytes) in best.items():
        print(f"{name:<30} {seconds:7.2f} s {processors:7.2f} s {megabytes:7.0f} MB")
    times = best["plain loop"][0] / best["score"][0]
    memory = best["score"][2] / best["score, a quarter of the rows"][2]
    print(f"{times:.2f} times as fast as the plain loop; {memory:.2f} times the memory\n")
    return times >= 1 and memory <= MOST_MEMORY


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--registry", type=Path, nargs="*", help="default: trained for this")
    parser.add_argument("--plain", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.plain:
        plain_loop(*given.plain)
        return
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        registries = given.registry or [scratch / "ridge", scratch / "xgboost"]
        if not given.registry:
            for registry in registries:
                train_champions(registry, registry.name, [TASK])
        files = scratch / "few.parquet", scratch / "many.parquet"
        write_panels(files[0], given.rows // 4)
        write_panels(files[1], given.rows)
        print(f"SIMULATED DATA, {given.rows:,} rows; clock, processors, memory")
        passed = []
        for registry in registries:
            print(registry.name)
            passed.append(compare(registry, files, given.rounds, scratch))
    sys.exit(not all(passed))


if __name__ == "__main__":
    main()
