"""What programs do to patients' ids: zeros and case lost, dates made of them, ``NA`` for none."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

MISSING_IDS: Final = frozenset({"na", "nan", "none", "null", "nil", "true", "false"})
"""What programs write for a missing id, and what a spreadsheet makes of some."""

_MONTH_NAME: Final = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
# In a spreadsheet's own case, for MAR-01 may be a site's code and a number.
_DATE_ID = re.compile(rf"\d{{1,2}}-{_MONTH_NAME}(-\d{{2,4}})?|{_MONTH_NAME}-\d{{1,4}}")


@dataclass(frozen=True)
class KnownIds:
    """The ids of the participants' table."""

    ids: frozenset[str]

    @cached_property
    def _bare(self) -> frozenset[str]:
        return frozenset(map(bare_id, self.ids))

    def has_alike(self, patient_id: str) -> bool:
        """Whether one differs from `patient_id` only in what spreadsheets change.

        Examples
        --------
        >>> KnownIds(frozenset({"0001"})).has_alike("1")
        True
        """
        return bare_id(patient_id) in self._bare


def bare_id(patient_id: str) -> str:
    """An id without what spreadsheets change: leading zeros, ``.0`` at the end, case.

    Examples
    --------
    >>> bare_id("0001") == bare_id("1.0"), bare_id("P-01") == bare_id("P-1")
    (True, False)
    """
    return patient_id.lower().removesuffix(".0").lstrip("0")


def is_date_id(patient_id: str) -> bool:
    """Whether a spreadsheet took an id for a date.

    Examples
    --------
    >>> is_date_id("1-Feb"), is_date_id("MAR-01")
    (True, False)
    """
    return _DATE_ID.fullmatch(patient_id) is not None


def ids_alike(ids: Iterable[str]) -> Iterator[str]:
    """Ids that differ from an earlier one only in what spreadsheets change."""
    seen: dict[str, str] = {}
    for patient_id in ids:
        if seen.setdefault(bare_id(patient_id), patient_id) != patient_id:
            yield patient_id
