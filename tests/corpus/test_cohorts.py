"""The corpus of `cohorts.py` and `binary_cohorts.py` against the library and the command."""

import importlib.util
import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from data.cohort import Cohort, Patient, cohort_sha256
from data.errors import CohortError
from data.sources.cohort_config import CohortConfig
from data.sources.cohort_source import CohortSource

HERE = Path(__file__).parent
HANG_SECONDS = 60


def load(name: str) -> Any:
    """A module beside this one; `tests` is no package."""
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


binary_cohorts = load("binary_cohorts")
corpus = binary_cohorts.cohorts
CASES = [*corpus.cases(), *binary_cohorts.cases()]
GOOD = [case for case in CASES if not case.expected]
BY_NAME = {f"{case.kind}: {case.name}": case for case in CASES}
SHOWN = (
    "encoding: UTF-16, semicolon, decimal comma",
    "single_table: as it should be",
    "structure: a pipe as a table",
    "swapped: everybody",
    "bombs: a claim of 4 billion texts",
    "provenance: nested",
)
"""Cases that go through the real command, too."""


def named(case: Any) -> str:
    return f"{case.kind}: {case.name}"


def source(path: Path) -> CohortSource:
    return CohortSource(path, CohortConfig())


@contextmanager
def no_longer_than(seconds: int) -> Iterator[None]:
    """Whatever still hangs then, in an open or a read, is interrupted and fails."""

    def interrupt(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def listing(folder: Path) -> list[tuple[str, int, int]]:
    """Everything under a folder, with sizes and times of change."""
    found = ((path, path.lstat()) for path in sorted(folder.rglob("*")))
    return [(str(path), facts.st_size, facts.st_mtime_ns) for path, facts in found]


def test_the_corpus_is_large_and_refusing_everything_would_fail() -> None:
    assert len(BY_NAME) == len(CASES) >= 150
    assert len(GOOD) >= 45
    assert min(Counter(case.kind for case in CASES).values()) >= 6


@pytest.mark.parametrize("case", CASES, ids=named)
def test_check_finds_exactly_what_is_wrong(tmp_path: Path, case: Any) -> None:
    path = case.write(tmp_path / "given")
    before = listing(tmp_path)
    with no_longer_than(HANG_SECONDS):
        faults = source(path).check().faults
    assert {fault.rule for fault in faults} == case.expected
    if case.places:
        assert tuple((f.file, f.row, f.column, f.rule) for f in faults) == case.places
    said = " ".join(fault.message for fault in faults)
    assert corpus.MARKER not in said
    assert corpus.NUMBER not in said
    assert listing(tmp_path) == before


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.expected and case.kind != "swapped"][::9], ids=named
)
def test_what_check_refuses_is_not_read(tmp_path: Path, case: Any) -> None:
    path = case.write(tmp_path / "given")
    with no_longer_than(HANG_SECONDS), pytest.raises(CohortError) as caught:
        source(path).read()
    assert corpus.MARKER not in str(caught.value)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Cohort]:
    """The cohorts that all ways of writing must give; by whether their letters are accented."""
    accented = BY_NAME["encoding: UTF-8, comma, decimal point"]
    written = {True: accented.write, False: corpus.write_good}
    return {
        key: source(write(tmp_path_factory.mktemp("plain"))).read()
        for key, write in written.items()
    }


@pytest.mark.parametrize("case", [case for case in GOOD if case.same], ids=named)
def test_one_cohort_is_the_same_however_it_is_written(
    tmp_path: Path, plain: dict[bool, Cohort], case: Any
) -> None:
    cohort, expected = source(case.write(tmp_path)).read(), plain[case.kind == "encoding"]
    if case.same == "sha256":
        assert cohort_sha256(cohort) == cohort_sha256(expected)
    assert [without_raw(p) for p in cohort.patients] == [without_raw(p) for p in expected.patients]


def without_raw(patient: Patient) -> Patient:
    """A patient whose results are known by value, not by their text."""
    panels = tuple(
        replace(panel, measurements=tuple(replace(m, raw="") for m in panel.measurements))
        for panel in patient.panels
    )
    return replace(patient, panels=panels)


def command(*arguments: str | Path) -> tuple[int, str, str]:
    """Exit code, output and errors of the real command."""
    done = subprocess.run(
        [sys.executable, "-m", "csf_responder", *map(str, arguments)],
        capture_output=True, text=True, timeout=HANG_SECONDS, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("name", SHOWN)
def test_the_command_says_what_the_library_finds(tmp_path: Path, name: str) -> None:
    case = BY_NAME[name]
    code, said, errors = command("check", case.write(tmp_path), "--json")
    assert (code, errors) == (1 if case.expected else 0, "")
    assert {fault["rule"] for fault in json.loads(said)["faults"]} == case.expected
    assert corpus.MARKER not in said


@pytest.mark.parametrize("name", ["values: a result of 0", "bombs: a header of 10 MB"])
def test_training_on_a_refused_cohort_stores_nothing(tmp_path: Path, name: str) -> None:
    folder, registry = BY_NAME[name].write(tmp_path / "given"), tmp_path / "registry"
    code, said, errors = command("train", folder, "--task", "pretreatment", "--registry", registry)
    assert (code, said) == (1, "")
    assert errors.startswith("Refused: ")
    assert "Traceback" not in errors
    assert not registry.exists()
