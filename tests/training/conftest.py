"""What tests of training share: the command `train` in this process, and who trains."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from csf_responder import main
from data.analytes import study_analytes
from data.cohort import Cohort
from data.outcome import define_responder
from data.panel import Task
from training.training_set import TrainingSet, make_training_set

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


@pytest.fixture(scope="session")
def training_set(cohort: Cohort) -> TrainingSet:
    """Thirty-two simulated patients before treatment, 21 of them responders."""
    analytes = tuple(study_analytes().values())
    return make_training_set(cohort, Task("pretreatment"), define_responder(), analytes, n_folds=5)
