from pathlib import Path

import pytest

from data.cohort import Provenance
from data.errors import CohortFault
from data.sources.provenance_file import read_provenance


def read(folder: Path) -> tuple[Provenance, list[str]]:
    faults: list[CohortFault] = []
    return read_provenance(folder, faults), [fault.rule for fault in faults]


def test_a_cohort_without_the_file_counts_as_real(tmp_path: Path) -> None:
    assert read(tmp_path) == (Provenance(simulated=False), [])


@pytest.mark.parametrize("name", ["cohort.json", "Cohort.JSON"])
def test_what_the_file_states_is_read(tmp_path: Path, name: str) -> None:
    text = '\ufeff{"simulated": true, "description": "made up", "more": 1}'
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert read(tmp_path) == (Provenance(True, "made up"), [])


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "null", '{"simulated": 1}', '{"simulated": true, "description": null}',
     '{"simulated": true, "simulated": true}', '{"simulated": true, "description": "\\ud800"}',
     "[" * 100_000, '{"simulated": true}' + " " * 65_536],
)  # fmt: skip
def test_what_states_nothing_is_refused_and_counts_as_real(tmp_path: Path, text: str) -> None:
    (tmp_path / "cohort.json").write_text(text)
    assert read(tmp_path) == (Provenance(simulated=False), ["not_provenance"])


def test_a_folder_of_that_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cohort.json").mkdir()
    assert read(tmp_path)[1] == ["not_provenance"]
