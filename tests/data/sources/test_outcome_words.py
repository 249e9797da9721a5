from typing import Any

import pytest

from data.errors import CohortFault
from data.sources.outcome_words import read_outcomes
from data.sources.table_config import TableConfig
from data.tables.sheet import Sheet
from data.tables.table import Row, Table


def read(words: str, **described: Any) -> tuple[list[bool | None], list[CohortFault]]:
    """Outcomes of rows with these words, separated by commas, and the faults."""
    table = TableConfig.model_validate(
        {"path": "t.csv", "outcome": "best", "positive": "complete", "columns": {"TNF": "tnf"}}
        | described
    )
    cells = words.split(",")
    rows = tuple(Row(number, {"outcome": cell}) for number, cell in enumerate(cells, start=2))
    faults: list[CohortFault] = []
    stated = read_outcomes(Sheet(Table("t.csv", ("outcome",), rows), faults), rows, table)
    return list(stated.values()), faults


def test_the_only_other_word_is_the_negative_one() -> None:
    assert read("complete,none,Complete,NONE") == ([True, False, True, False], [])


def test_blank_and_na_are_not_evaluable() -> None:
    assert read("complete,none,,NA,n/a") == ([True, False, None, None, None], [])


def test_several_words_count_on_each_side() -> None:
    found = read(
        "complete,partial,none,Progress,died early",
        positive=["complete", "partial"], negative=["none", "progress"],
        not_evaluable="died early",
    )  # fmt: skip
    assert found == ([True, True, False, False, None], [])


def test_a_word_that_is_named_is_never_missing() -> None:
    assert read("complete,NA", negative="NA") == ([True, False], [])


@pytest.mark.parametrize(
    ("words", "described", "rule"),
    [
        ("partial,none", {}, "positive_not_found"),
        ("complete,complete", {}, "negative_not_found"),
        ("complete,partial", {"negative": "none", "not_evaluable": "partial"},
         "negative_not_found"),
        ("complete,partial,none", {}, "not_two_classes"),
    ],
)  # fmt: skip
def test_an_outcome_that_is_no_pair_of_classes_is_one_fault(
    words: str, described: dict[str, Any], rule: str
) -> None:
    (fault,) = read(words, **described)[1]
    assert (fault.rule, fault.row, fault.column) == (rule, None, "outcome")


def test_every_word_that_was_not_described_has_its_row() -> None:
    _, faults = read("complete,none,patrial,,dead", negative="none")
    assert [(fault.row, fault.rule) for fault in faults] == [
        (4, "unknown_outcome"), (6, "unknown_outcome")
    ]  # fmt: skip
    assert "patrial" not in str(faults)
