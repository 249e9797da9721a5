"""`results.json` has every number that stands in a table."""

import csv
import io
import math
from collections.abc import Iterator
from typing import Any

import pytest

from data.simulate import simulate_cohort
from trial.report import assemble, report_steps
from trial.study import Study


def numbers_in(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from numbers_in(one)
            yield from numbers_in(_number(name))
    elif isinstance(value, list):
        for one in value:
            yield from numbers_in(one)
    elif isinstance(value, int | float):
        yield float(value)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


@pytest.fixture(scope="module")
def made():
    study = Study(simulate_cohort("published", 64, 5))
    return assemble(study, [make() for _, make in report_steps(study)])


def test_no_table_has_a_number_of_its_own(made) -> None:
    known = {f"{number:.12g}" for number in numbers_in(made.results)}
    own = {
        (table.name, cell)
        for page in made.report.pages
        for table in page.tables()
        for row in list(csv.reader(io.StringIO(table.csv())))[1:]
        for cell in row
        if (number := _number(cell)) is not None and number % 1 and f"{number:.12g}" not in known
    }
    assert own == set()
