"""Text from outside as it may stand in `card.md`: on one line, without markup of its own."""

import re
from typing import Final

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
