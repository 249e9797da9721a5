"""The command `train` as it is typed, without starting Python and its libraries each time."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from csf_responder import main

Train = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def train_in(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Train:
    """`train_in(folder, *arguments)`: `csf-responder train ...` in a folder, in this process."""

    def train_in(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = ["csf-responder", "train", *arguments]
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", command)
        with pytest.raises(SystemExit) as ended:
            main()
        return subprocess.CompletedProcess(command, int(ended.value.code or 0), *capfd.readouterr())

    return train_in
