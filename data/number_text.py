"""Numbers as laboratories write them, with decimal points or commas; never guessed between.

`1,234` may mean thousands or decimals. Alone it is refused; in a table whose other numbers have
decimal commas and no decimal points it is one of those.
"""

import re
from collections.abc import Iterable
from typing import Final, Literal

DecimalMark = Literal["point", "comma", "mixed"]
"""Which mark the numbers of a table show: points only (or none at all), commas only, both."""

_NUMBER = re.compile(r"[0-9]{1,30}(?:[.,][0-9]{1,30})?(?:[eE][+-]?[0-9]{1,3})?|[.,][0-9]{1,30}")
_MAYBE_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
_ENDS_LIKE_THOUSANDS = re.compile(r"(?<![0-9.,])[1-9][0-9]{0,2}[.,][0-9]{3}\Z")
_MINUS: Final = ("-", "\N{MINUS SIGN}")
_AROUND: Final = "<>*+ \t\N{NO-BREAK SPACE}" + "".join(_MINUS)
"""What may stand around a number and says nothing about its decimal mark."""


class NumberTextError(Exception):
    """A text is no number (``unreadable``) or could be two (``ambiguous``); the caller says so."""

    def __init__(self, problem: Literal["unreadable", "ambiguous"]) -> None:
        self.problem = problem
        super().__init__(problem)


def decimal_mark(texts: Iterable[str]) -> DecimalMark:
    """Which mark the numbers among some texts show beyond doubt.

    Examples
    --------
    >>> decimal_mark(["<0,7", "1,234", "S-1"]), decimal_mark(["1,234"])
    ('comma', 'point')
    >>> decimal_mark(["1,5", "2.5"])
    'mixed'
    """
    marks = set()
    for text in texts:
        number = text.strip(_AROUND)
        if _NUMBER.fullmatch(number) and not _MAYBE_THOUSANDS.fullmatch(number):
            marks |= {",", "."} & set(number)
    return "mixed" if len(marks) == 2 else "comma" if "," in marks else "point"


def read_number(text: str, mark: DecimalMark = "point") -> float:
    """A number in the digits 0-9 with an optional minus, decimals and power of ten.

    The minus may be a hyphen or the sign that word processors make of it. `mark` is what the
    table around it shows. Infinite where it is beyond every float.

    Raises
    ------
    NumberTextError
        It is none, or three digits after its only mark may as well be thousands.

    Examples
    --------
    >>> read_number("-12,5"), read_number("1,234", "comma"), read_number("1.234")
    (-12.5, 1.234, 1.234)
    """
    negative = text.startswith(_MINUS)
    digits = text[1:] if negative else text
    if not _NUMBER.fullmatch(digits):
        raise NumberTextError("unreadable")
    doubtful = mark == "mixed" or ("," in digits) != (mark == "comma")
    if doubtful and _MAYBE_THOUSANDS.fullmatch(digits):
        raise NumberTextError("ambiguous")
    number = float(digits.replace(",", "."))
    return -number if negative else number


def beyond_doubt(text: str) -> str:
    """The same number in a text that can be read beside either mark: with a zero at its end.

    Examples
    --------
    >>> beyond_doubt("< 1.234"), beyond_doubt("0.234"), beyond_doubt("12.5")
    ('< 1.2340', '0.234', '12.5')
    """
    return f"{text}0" if _ENDS_LIKE_THOUSANDS.search(text) else text
