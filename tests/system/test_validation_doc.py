"""The commands of docs/validation.md, typed in order in a registry with both tasks promoted."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from models.registry import Registry

DOC = (Path(__file__).parents[2] / "docs" / "validation.md").read_text()


def test_the_commands_work_as_they_stand(linear_registry: Registry, tmp_path: Path) -> None:
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
    for shown in ("Calibration slope", "## Validations", "paired_delong", "folds", "runs code"):
        assert shown in done.stdout
    assert {"validation.json", "classifier.joblib"} < {p.name for p in tmp_path.iterdir()}
