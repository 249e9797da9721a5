"""Text that a spreadsheet would compute instead of show."""

import re
from typing import Final

FIRST_CHARACTERS: Final = "=@+-"
"""What every such text begins with."""

_FORMULA = re.compile(r"[=@].+|[+-](?!-*$).*[A-Za-z(|!].*", re.DOTALL)
_POWER_OF_TEN = re.compile(r"[+-]?[0-9.,]+[eE][+-]?[0-9]+")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet that opens this text would compute it.

    Examples
    --------
    >>> is_formula("=1+1"), is_formula("-2+A1"), is_formula("-3.5"), is_formula("---")
    (True, True, False, False)
    """
    if not text or text[0] not in FIRST_CHARACTERS:
        return False
    return _FORMULA.fullmatch(text) is not None and not _POWER_OF_TEN.fullmatch(text)
