"""Which texts may identify a patient or a specimen: safe in files, URLs and spreadsheets."""

import re
from typing import Final

IDENTIFIER_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
IDENTIFIER_RULE: Final = (
    "an id has 1 to 64 letters (A-Z, a-z), digits, '.', '_' or '-' and starts with a letter "
    "or a digit"
)
_IDENTIFIER = re.compile(IDENTIFIER_PATTERN[1:-1])


def is_identifier(text: str) -> bool:
    """Whether a text may be an id.

    Examples
    --------
    >>> is_identifier("P-017"), is_identifier("=1+1")
    (True, False)
    """
    return _IDENTIFIER.fullmatch(text) is not None
