"""The folder where workers count: whose it is, and when it goes."""

import contextlib
import os
import sys
from pathlib import Path

import pytest

from service.metrics import FOLDER
from service.shared_metrics import remove_left_behind, shared_metrics


@pytest.fixture(autouse=True)
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER, "")
    monkeypatch.delenv(FOLDER)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_folder_goes_with_its_service_however_that_ends(parent: Path) -> None:
    with contextlib.suppress(SystemExit), shared_metrics():
        assert Path(os.environ[FOLDER]).parent == parent
        sys.exit()
    assert not list(parent.iterdir())


def test_folder_of_a_killed_service_goes_and_those_in_use_or_in_doubt_stay(parent: Path) -> None:
    left, doubtful, other = (
        parent / name for name in ("csf-responder-metrics-a", "csf-responder-metrics-b", "other")
    )
    for folder in (left, doubtful, other):
        folder.mkdir()
    for folder in (left, other):
        (folder / "lock").touch()
    with shared_metrics():
        in_use = Path(os.environ[FOLDER])
        remove_left_behind(parent)
        assert set(parent.iterdir()) == {doubtful, other, in_use}


def test_folder_that_the_environment_names_is_left_alone(
    parent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER, str(parent / "theirs"))
    with shared_metrics():
        assert os.environ[FOLDER] == str(parent / "theirs")
        assert not list(parent.iterdir())
