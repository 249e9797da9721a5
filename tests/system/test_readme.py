"""The README's commands, typed in order by a newcomer in an empty folder."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def commands() -> str:
    blocks = re.findall(r"```sh\n(.*?)```", README.read_text(), flags=re.DOTALL)
    return "".join(block for block in blocks if "make" not in block)


def test_the_commands_of_the_readme_work_as_they_stand(curl: str, tmp_path: Path) -> None:
    script = "set -euo pipefail\n" + commands().replace("8000", str(free_port()))
    assert script.count("csf-responder") >= 7
    path = f"{Path(sys.executable).parent}:{Path(curl).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for shown in ("No faults.", '"probability"', '"pre_vs_post"', '"calibration"', "SIMULATED"):
        assert shown in done.stdout
