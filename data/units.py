"""Units of concentration: a whitelist with exact factors, everything else refused.

Spellings are exact, for case carries meaning in UCUM: ``pg/ML`` is picogram per *megalitre*.
Molar and activity units (pmol/L, IU/mL) need a factor per analyte and are not converted here.
"""

from typing import Final

PICOGRAMS_PER_MILLILITRE: Final[dict[str, int]] = {
    "pg/mL": 1,
    "pg/ml": 1,
    "ng/L": 1,
    "ng/l": 1,
    "ng/mL": 1000,
    "ng/ml": 1000,
    "ug/L": 1000,
    "ug/l": 1000,
    "\N{MICRO SIGN}g/L": 1000,
    "\N{MICRO SIGN}g/l": 1000,
    "\N{GREEK SMALL LETTER MU}g/L": 1000,
    "\N{GREEK SMALL LETTER MU}g/l": 1000,
}
"""How many pg/mL one of each accepted unit is; a litre may be written `L` or `l` (UCUM)."""

ACCEPTED_UNITS: Final = (
    ", ".join(sorted(unit for unit in PICOGRAMS_PER_MILLILITRE if unit.isascii()))
    + ", where u may be a micro sign"
)
"""The accepted units in a sentence that every terminal can print (ASCII)."""

AS_IS: Final = "1"
"""UCUM's unit of a bare number: values that are no concentrations (`scale = "as_is"`)."""


def conversion(unit: str, to: str) -> tuple[int, int] | None:
    """Exact factor from one accepted unit to another, as numerator and denominator.

    None where either is not a unit of concentration that is accepted here.

    Examples
    --------
    >>> conversion("ng/mL", to="pg/mL"), conversion("pg/ML", to="pg/mL")
    ((1000, 1), None)
    """
    numerator, denominator = PICOGRAMS_PER_MILLILITRE.get(unit), PICOGRAMS_PER_MILLILITRE.get(to)
    if numerator is None or denominator is None:
        return None
    return (numerator, denominator) if numerator % denominator else (numerator // denominator, 1)
