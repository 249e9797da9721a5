"""What a column of text about patients holds: numbers, or names of categories.

A covariate is numeric where every value is a number and more than five different ones are there,
or more than half of them differ (our choice: codes such as 0 and 1 are categories). Anything else
is categorical; with more than ten categories, as free text has, or none, it is not tabulated.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from data.cohort import Patient
from data.measurement import MISSING_TEXTS
from data.number_text import NumberTextError, decimal_mark, read_number

_MOST_CODES: Final = 5
_LARGEST: Final = 1e100
"""Numbers from here on are no measurements, and their squares are no numbers (our choice)."""
_MOST_CATEGORIES: Final = 10

Kind = Literal["numeric", "categorical", "not_tabulated"]


@dataclass(frozen=True, slots=True)
class Covariate:
    """One column; a patient who is in none of the mappings has no value.

    Attributes
    ----------
    numbers
        By patient id; empty unless numeric.
    categories
        By patient id, as first written where only case differs; empty unless categorical.
    """

    name: str
    kind: Kind
    numbers: Mapping[str, float]
    categories: Mapping[str, str]


def read_covariates(patients: Sequence[Patient]) -> tuple[Covariate, ...]:
    """Every column of the participants' table beyond id, arm and outcome; the site among them.

    Examples
    --------
    >>> ages = ("61", "48", "NA", "57", "70", "53", "66")
    >>> patients = [Patient(f"P-{i}", "msc", covariates={"age": a}) for i, a in enumerate(ages)]
    >>> age, = read_covariates(patients)
    >>> age.kind, len(age.numbers)
    ('numeric', 6)
    """
    sites = {p.patient_id: p.site for p in patients if p.site}  # NA may be North America
    columns = [(name, _present(name, patients)) for name in _names(patients)]
    if sites:
        columns.append(("site", sites))
    return tuple(_covariate(name, texts) for name, texts in columns)


def _names(patients: Sequence[Patient]) -> list[str]:
    return list(dict.fromkeys(name for patient in patients for name in patient.covariates))


def _present(name: str, patients: Sequence[Patient]) -> dict[str, str]:
    texts = {p.patient_id: " ".join(p.covariates.get(name, "").split()) for p in patients}
    return {i: text for i, text in texts.items() if text.casefold() not in MISSING_TEXTS}


def _covariate(name: str, texts: Mapping[str, str]) -> Covariate:
    numbers = _numbers(texts)
    if len(set(numbers.values())) > min(_MOST_CODES, len(numbers) / 2):
        return Covariate(name, "numeric", numbers, {})
    first_written: dict[str, str] = {}
    for text in texts.values():
        first_written.setdefault(text.casefold(), text)
    if not 0 < len(first_written) <= _MOST_CATEGORIES:
        return Covariate(name, "not_tabulated", {}, {})
    named = {patient_id: first_written[text.casefold()] for patient_id, text in texts.items()}
    return Covariate(name, "categorical", {}, named)


def _numbers(texts: Mapping[str, str]) -> dict[str, float]:
    """The values as numbers; empty where one of them is something else."""
    mark = decimal_mark(texts.values())
    try:
        numbers = {patient_id: read_number(text, mark) for patient_id, text in texts.items()}
    except NumberTextError:
        return {}
    return numbers if all(abs(number) < _LARGEST for number in numbers.values()) else {}


def in_order(categories: Iterable[str]) -> list[str]:
    """Each category once, the most frequent first; of equally frequent ones by name.

    Examples
    --------
    >>> in_order(["limb", "bulbar", "limb"])
    ['limb', 'bulbar']
    """
    counts = Counter(categories)
    return sorted(counts, key=lambda category: (-counts[category], category))
