"""`csf-responder score` as a process: memory, a signal in the middle, and the page's commands."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from models.registry import Registry

DOC = (Path(__file__).parents[2] / "docs" / "scoring.md").read_text()
STATED = ("--unit", "pg/mL", "--platform", "milliplex", "--follow-up-month", "1")
TOLD = """
import sys
from csf_responder import main
try:
    main()
finally:
    lines = open("/proc/self/status").read().splitlines()
    print(next(line for line in lines if line.startswith("VmHWM")), file=sys.stderr)
"""


def write_panels(path: Path, n_rows: int) -> Path:
    """Simulated panels, all in one row group."""
    rng = np.random.default_rng(1)
    columns = {"patient_id": [f"P-{row}" for row in range(n_rows)]}
    for name, typical in (("TNF", 1.1), ("MCP-1", 512), ("TGF-b1", 61)):
        for panel in ("baseline", "follow_up"):
            columns[f"{panel}_{name}"] = typical * np.exp(rng.normal(0, 0.2, n_rows))
    pq.write_table(pa.table(columns), path, row_group_size=n_rows)
    return path


def command(registry: Registry, file: Path) -> list[str]:
    out = file.with_name(f"out-{file.name}")
    scored = ["score", "champion:on_treatment", str(file), "--out", str(out)]
    return [*scored, "--registry", str(registry.folder), *STATED]


def largest_memory(registry: Registry, file: Path) -> int:
    arguments = [sys.executable, "-c", TOLD, *command(registry, file)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    return int(done.stderr.split()[1])


def test_four_times_the_rows_take_the_same_memory(
    linear_registry: Registry, tmp_path: Path
) -> None:
    few, many = (write_panels(tmp_path / f"{n}.parquet", n) for n in (500_000, 2_000_000))
    assert largest_memory(linear_registry, many) < 1.15 * largest_memory(linear_registry, few)


def test_a_signal_in_the_middle_leaves_nothing(linear_registry: Registry, tmp_path: Path) -> None:
    file = write_panels(tmp_path / "in.parquet", 2_000_000)
    arguments = [sys.executable, "-m", "csf_responder", *command(linear_registry, file)]
    with subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True) as process:
        while len(os.listdir(tmp_path)) == 1:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (143, "Interrupted.\n")
    assert os.listdir(tmp_path) == ["in.parquet"]


def test_the_commands_of_the_page_work_as_they_stand(
    linear_registry: Registry, tmp_path: Path
) -> None:
    shutil.copytree(linear_registry.folder, tmp_path / "registry")
    script = "".join(re.findall(r"```sh\n(.*?)```", DOC, flags=re.DOTALL))
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", f"set -euo pipefail\n{script}"],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 of 3 rows scored" in done.stdout
    assert "P-003" in done.stdout
