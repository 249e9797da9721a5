"""A booster that kills, hangs or eats memory does so in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import models.probation
from models.bundle import Bundle
from models.classifier import load_classifier
from models.errors import BundleError
from models.libraries import scoring_environment
from models.probation import Probation
from models.registry import Registry


@pytest.fixture(scope="module")
def boosted(boosted_registry: Registry) -> Bundle:
    return boosted_registry.read(boosted_registry.champion("on_treatment"))


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The command of every process that is started."""
    started: list[list[str]] = []
    run = subprocess.run

    def watched(command: list[str], **rest: object) -> object:
        started.append(command)
        return run(command, **rest)  # type: ignore[call-overload]

    monkeypatch.setattr(models.probation.subprocess, "run", watched)
    return started


def test_a_booster_is_tried_once_for_each_content(
    boosted: Bundle, children: list[list[str]]
) -> None:
    probation = Probation()
    for _ in range(3):
        load_classifier(boosted, probation)
    assert len(children) == 1
    load_classifier(boosted)
    assert len(children) == 2


def test_what_passed_in_one_process_is_not_tried_in_another(
    boosted: Bundle, children: list[list[str]], tmp_path: Path
) -> None:
    for _ in range(3):
        Probation(tmp_path / "tried").admit(boosted)
    assert len(children) == 1
    other = replace(boosted, content_sha256="0" * 64)
    Probation(tmp_path / "tried").admit(other)
    assert len(children) == 2


def test_what_passed_with_other_libraries_is_tried_again(
    boosted: Bundle, children: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Probation(tmp_path).admit(boosted)
    elsewhere = [*scoring_environment("boosted")[:-1], "xgboost 99.0"]
    monkeypatch.setattr(models.probation, "scoring_environment", lambda _: elsewhere)
    Probation(tmp_path).admit(boosted)
    assert len(children) == 2


def test_what_failed_leaves_no_mark(boosted: Bundle, tmp_path: Path) -> None:
    with pytest.raises(BundleError):
        Probation(tmp_path).admit(replace(boosted, booster=b"no booster"))
    assert list(tmp_path.iterdir()) == []


def test_where_no_mark_can_be_left_each_tries_for_itself(boosted: Bundle, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    Probation(tmp_path / "file" / "tried").admit(boosted)


def test_linear_estimators_start_no_process(
    linear_registry: Registry, children: list[list[str]]
) -> None:
    linear_registry.load(linear_registry.champion("pretreatment"))
    assert children == []


def damaged(booster: bytes) -> Iterator[bytes]:
    """Bytes of which some kill the process that gives them to XGBoost; versions differ."""
    yield b""
    for bit in np.random.default_rng(3).integers(8 * 400, size=30).tolist():
        changed = bytearray(booster)
        changed[bit // 8] ^= 1 << (bit % 8)
        yield bytes(changed)


def test_bytes_that_kill_xgboost_kill_the_child_only(boosted: Bundle) -> None:
    assert boosted.booster is not None
    for booster in damaged(boosted.booster):
        try:
            Probation().admit(replace(boosted, booster=booster))
        except BundleError as error:
            if "ended the process" in error.problem:
                return
    pytest.fail("none of these bytes killed a process")


def test_a_refused_booster_is_tried_again(boosted: Bundle, children: list[list[str]]) -> None:
    probation = Probation()
    for _ in range(2):
        with pytest.raises(BundleError, match="cannot be read"):
            probation.admit(replace(boosted, booster=b"no booster"))
    assert len(children) == 2


CHILD = """
import sys
sys.path[:] = sys.argv[1:]
from models import probation_child
{}
probation_child.{} = {}
probation_child.main()
"""


def child_with(limit: str, value: int, load: str) -> int:
    """Exit status of the real child with a lower limit, whose estimator does as it is told."""
    told = f"import models.estimator\nmodels.estimator.load_estimator = {load}"
    return subprocess.run(
        [sys.executable, "-P", "-c", CHILD.format(told, limit, value), *sys.path],
        input=b'{"estimator": {}, "golden_rows": []}\n',
        capture_output=True,
        timeout=60,
        check=False,
    ).returncode


def test_the_child_ends_where_its_time_or_memory_does() -> None:
    forever = "lambda *_: [0 for _ in iter(int, 1)]"
    assert child_with("SECONDS", 1, forever) < 0
    hungry = "lambda *_: bytearray(1 << 31)"
    assert child_with("MEMORY", 1 << 30, hungry) == 1


def test_the_child_takes_no_module_of_the_working_folder(
    boosted: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("import os; os._exit(0)")
    (tmp_path / "models.py").write_text("import os; os._exit(0)")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BundleError, match="cannot be read"):
        Probation().admit(replace(boosted, booster=b"no booster"))


def test_a_child_that_is_killed_is_a_refusal(
    boosted: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_itself = "import os, sys; sys.stdin.buffer.read(); os.kill(os.getpid(), 9)"
    monkeypatch.setattr(models.probation, "_START", by_itself)
    with pytest.raises(BundleError, match="ended the process that tried it"):
        Probation().admit(boosted)


def test_a_child_that_does_not_end_is_ended(
    boosted: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models.probation, "_START", "import time; time.sleep(60)")
    monkeypatch.setattr(models.probation, "SECONDS", 0.5)
    with pytest.raises(BundleError, match="too much time"):
        Probation().admit(boosted)
