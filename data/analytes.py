"""Analytes: canonical names, synonyms, units and plausible ranges; unknown names are refused.

The three of the study come from `analytes.csv`; a configuration may declare others. What a
value means for a patient is not known here.
"""

import csv
import difflib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from data.errors import AnalyteError
from data.units import ACCEPTED_UNITS, AS_IS, PICOGRAMS_PER_MILLILITRE

Scale = Literal["concentration", "as_is"]
Direction = Literal["higher_is_case", "lower_is_case"]

_GREEK_AND_LOOKALIKES = str.maketrans(
    {"α": "alpha", "β": "beta", "ϐ": "beta", "ß": "beta", "γ": "gamma"}  # noqa: RUF001
)


@dataclass(frozen=True, slots=True)
class Analyte:
    """One thing that a laboratory measures.

    Attributes
    ----------
    name
        Canonical name, as answers print it (``"TGF-b1"``).
    key
        The name inside feature names (``"tgfb1"``).
    unit
        Unit of every stored value [UCUM]; ``"1"`` where `scale` is ``as_is``.
    lower, upper
        Plausible range in `unit`, both ends allowed; outside it a value is refused.
    scale
        ``concentration`` (positive, features take its logarithm) or ``as_is`` (any number,
        already transformed by whoever made the table; used as it stands).
    direction
        Which way its ROC is drawn, level and change alike: fixed here, never chosen by the data.
        The study's: pro-inflammatory cytokines fall with response, TGF-b1 rises (Oh 2018).
    contamination_above
        Level in `unit` above which blood in the specimen is suspected, if one is known.
    synonyms
        Other spellings; compared without case, spaces, hyphens or Greek letters.
    source
        Where the range comes from.
    """

    name: str
    key: str
    unit: str
    lower: float
    upper: float
    scale: Scale = "concentration"
    direction: Direction = "higher_is_case"
    contamination_above: float | None = None
    synonyms: tuple[str, ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        if not (self.name.strip() and self.key.isidentifier()):
            raise AnalyteError("an analyte needs a name and a key of letters, digits and _")
        if self.scale == "concentration" and self.unit not in PICOGRAMS_PER_MILLILITRE:
            raise AnalyteError(f"the unit of {self.name} must be one of {ACCEPTED_UNITS}")
        if self.scale == "as_is" and self.unit != AS_IS:
            raise AnalyteError(f'{self.name} has scale "as_is", so its unit must be "{AS_IS}"')
        if not self.lower < self.upper or (self.scale == "concentration" and self.lower <= 0):
            raise AnalyteError(
                f"the range of {self.name} must rise, and be positive for concentrations"
            )


def spelling(name: str) -> str:
    """A name without what laboratories vary: case, spaces, punctuation, Greek letters.

    Examples
    --------
    >>> spelling("TGF-β1") == spelling("tgf beta 1") == spelling("TGF_ß1") == spelling("TGFB1")
    True
    """
    text = unicodedata.normalize("NFKC", name).lower().translate(_GREEK_AND_LOOKALIKES)
    letters = "".join(character for character in text if character.isalnum())
    return letters.replace("alpha", "a").replace("beta", "b").replace("gamma", "g")


class AnalyteTable(Mapping[str, Analyte]):
    """The analytes that are known, by canonical name, in a fixed order.

    Raises
    ------
    AnalyteError
        When two analytes would answer to the same spelling or share a key, or a name has neither
        letter nor digit.
    """

    def __init__(self, analytes: Iterable[Analyte]) -> None:
        self._by_name: dict[str, Analyte] = {}
        self._by_spelling: dict[str, Analyte] = {}
        self._as_written: dict[str, Analyte] = {}
        by_key: dict[str, Analyte] = {}
        for analyte in analytes:
            self._by_name[analyte.name] = analyte
            if by_key.setdefault(analyte.key, analyte) is not analyte:
                other = by_key[analyte.key]
                raise AnalyteError(f"{other.name} and {analyte.name} share the key {analyte.key}")
            for written in (analyte.name, *analyte.synonyms):
                if not spelling(written):
                    raise AnalyteError(f"every name of {analyte.name} needs a letter or a digit")
                other = self._by_spelling.setdefault(spelling(written), analyte)
                if other is not analyte:
                    raise AnalyteError(f"{other.name} and {analyte.name} share a spelling")
                self._as_written[written] = analyte

    def __getitem__(self, name: str) -> Analyte:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def find(self, name: str) -> Analyte | None:
        """The analyte that goes by `name` in any accepted spelling, or None."""
        return self._as_written.get(name) or self._by_spelling.get(spelling(name))

    def nearest(self, name: str) -> tuple[str, ...]:
        """Canonical names closest in spelling to an unknown one; all when none is close."""
        close = difflib.get_close_matches(spelling(name)[:64], self._by_spelling, n=3, cutoff=0.5)
        names = tuple(dict.fromkeys(self._by_spelling[match].name for match in close))
        return names or tuple(self._by_name)

    def unknown(self, name: str) -> str:
        """The sentence that refuses an unknown name, without repeating it."""
        return f"this analyte is not known; the nearest known are {', '.join(self.nearest(name))}"


@cache
def study_analytes() -> AnalyteTable:
    """The three cytokines of the study (Oh et al. 2018), from `analytes.csv`.

    Examples
    --------
    >>> study_analytes().find("TGFB1").name, study_analytes().find("CCL2").name
    ('TGF-b1', 'MCP-1')
    >>> study_analytes().nearest("MCP-l")
    ('MCP-1',)
    """
    text = resources.files("data").joinpath("analytes.csv").read_text(encoding="utf-8")
    return AnalyteTable(_analyte_of_row(row) for row in csv.DictReader(text.splitlines()))


def _analyte_of_row(row: Mapping[str, str]) -> Analyte:
    above = row["contamination_above"]
    return Analyte(
        name=row["name"],
        key=row["key"],
        unit=row["unit"],
        lower=float(row["lower"]),
        upper=float(row["upper"]),
        direction="lower_is_case" if row["direction"] == "lower_is_case" else "higher_is_case",
        contamination_above=float(above) if above else None,
        synonyms=tuple(row["synonyms"].split("|")),
        source=row["source"],
    )
