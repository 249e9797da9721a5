import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
MEASURES = range(4)


@pytest.fixture(scope="module")
def table3() -> ModuleType:
    """The script that re-derives the published table."""
    spec = importlib.util.spec_from_file_location("table3", ROOT / "scripts" / "table3.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("index", MEASURES)
def test_printed_numbers_are_met_by_the_test_that_is_named(
    index: int, table3: ModuleType, expected: Any
) -> None:
    row = expected("12_published")["continuous"][index]
    agrees = {
        test: all(found.agrees for found in table3.continuous(row, test)) for test in table3.TESTS
    }
    wanted = {
        "student": (True, False),
        "welch": (False, True),
        "either": (True, True),
    }[row["agrees_with"]]
    assert tuple(agrees.values()) == wanted


def test_every_printed_p_of_responders_is_met_to_its_last_digit(
    table3: ModuleType, expected: Any
) -> None:
    rows = expected("12_published")["responders"]
    assert len(rows) == 8
    for row in rows:
        assert table3.p_agrees(row["published_p"], table3.proportions(row).p, decimals=True)


def test_a_number_that_is_off_is_not_called_met(table3: ModuleType, expected: Any) -> None:
    row = expected("12_published")["continuous"][0]
    row["published"]["se"] = 0.79
    found = [one for one in table3.continuous(row, "Student's t") if not one.agrees]
    assert [one.number for one in found] == ["SE"]


def test_the_document_is_what_the_command_makes(table3: ModuleType) -> None:
    assert (ROOT / "docs" / "table3.md").read_text() == "\n".join(table3.document()) + "\n"
