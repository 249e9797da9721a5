from fractions import Fraction

import pytest

from data.units import ACCEPTED_UNITS, AS_IS, PICOGRAMS_PER_MILLILITRE, conversion

EXACT = {
    "pg/mL": 1,
    "pg/ml": 1,
    "ng/L": 1,
    "ng/l": 1,
    "ng/mL": 1000,
    "ng/ml": 1000,
    "ug/L": 1000,
    "ug/l": 1000,
    "\u00b5g/L": 1000,
    "\u00b5g/l": 1000,
    "\u03bcg/L": 1000,
    "\u03bcg/l": 1000,
}


def test_exactly_these_units_are_accepted_with_these_factors() -> None:
    assert PICOGRAMS_PER_MILLILITRE == EXACT


@pytest.mark.parametrize("unit", EXACT)
@pytest.mark.parametrize("to", EXACT)
def test_conversion_is_the_exact_ratio(unit: str, to: str) -> None:
    factor = conversion(unit, to)
    assert factor is not None
    assert Fraction(*factor) == Fraction(EXACT[unit], EXACT[to])


@pytest.mark.parametrize(
    "unit",
    [
        "pg/ML",
        "PG/mL",
        "Pg/mL",
        "ng/mL ",
        "mg/L",
        "g/L",
        "pmol/L",
        "IU/mL",
        "pg",
        "pg/dL",
        "",
        AS_IS,
    ],
)
def test_every_other_unit_is_refused_in_both_directions(unit: str) -> None:
    assert conversion(unit, "pg/mL") is None
    assert conversion("pg/mL", unit) is None


def test_the_sentence_of_accepted_units_prints_on_every_terminal() -> None:
    assert ACCEPTED_UNITS.isascii()
    assert {unit for unit in EXACT if unit.isascii() and unit not in ACCEPTED_UNITS} == set()
    assert "micro" in ACCEPTED_UNITS
