"""The README's commands, typed in order by a newcomer in an empty folder."""

import subprocess
from collections.abc import Callable
from pathlib import Path


def test_the_commands_of_the_readme_work_as_they_stand(
    type_commands: "Callable[[str, Path], subprocess.CompletedProcess[str]]", tmp_path: Path
) -> None:
    done = type_commands("README.md", tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(done.args[-1].split("csf-responder ")) > 7
    for shown in (
        "no faults",
        '"probability"',
        '"pre_vs_post"',
        '"calibration"',
        "SIMULATED",
        '"recorded_at"',
        "Intact: 3",
    ):
        assert shown in done.stdout
