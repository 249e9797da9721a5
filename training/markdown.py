"""Text from outside as it may stand in `card.md`, and the card's sentences without their markup."""

import re
from typing import Final

_MARKED: Final = re.compile(r"\\(.)|`|\*\*")
_MARKUP: Final = re.compile(r"([\\`*_{}\[\]<>|#~!&])")


def escaped(text: str) -> str:
    r"""Text whose every character is shown as it is, also in a table's cell.

    Examples
    --------
    >>> print(escaped("<b>site|1</b>\n[x](y)"))
    \<b\>site\|1\</b\> \[x\](y)
    """
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def code(text: str) -> str:
    """Text as a code span; the two characters that would end it or its cell are replaced.

    Examples
    --------
    >>> print(code("steroid_response"), code("a`b|c"))
    `steroid_response` `a'b/c`
    """
    return "`" + " ".join(text.split()).replace("`", "'").replace("|", "/") + "`"


def plain(markdown: str) -> str:
    r"""A sentence of the card as plain text: `escaped` and `code` undone, nothing in bold.

    Examples
    --------
    >>> print(plain(r"**Cohort:** a\_b \<i\> by `oh2018`"))
    Cohort: a_b <i> by oh2018
    """
    return _MARKED.sub(lambda found: found[1] or "", markdown)
