r"""A bundle's `card.md` as HTML: headings, paragraphs, lists and tables, bold and code.

What the card's text says stays text: everything is escaped first, and only the marks of those
few forms become tags.
"""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from markupsafe import Markup, escape

_INLINE: Final = re.compile(r"\\(?P<char>.)|`(?P<code>[^`]*)`|\*\*(?P<bold>.+?)\*\*")
_CELL: Final = re.compile(r"(?<!\\)\|")


def card_html(markdown: str, lowest: int = 2) -> Markup:
    r"""The card as HTML; its first heading is left out, for the page has its own.

    Parameters
    ----------
    markdown
        The content of `card.md`.
    lowest
        Level of what is ``##`` there.

    Examples
    --------
    >>> print(card_html("# Card\n\n**Yes:** `<b>` is\\_shown\n"))
    <p><strong>Yes:</strong> <code>&lt;b&gt;</code> is_shown</p>
    """
    lines = markdown.splitlines()
    parts: list[Markup] = []
    for kind, group in groupby(lines, _kind):
        block = list(group)
        if kind == "heading":
            parts += [_heading(line, lowest) for line in block if not line.startswith("# ")]
        elif kind == "table":
            parts.append(_table(block))
        elif kind == "list":
            items = Markup("").join(
                Markup("<li>{}</li>").format(inline_html(one[2:])) for one in block
            )
            parts.append(Markup("<ul>{}</ul>").format(items))
        elif kind == "text":
            parts.append(Markup("<p>{}</p>").format(inline_html(" ".join(block))))
    return Markup("\n").join(parts)


def _kind(line: str) -> str:
    if not line.strip():
        return "nothing"
    if line.startswith("#"):
        return "heading"
    return {"|": "table", "-": "list"}.get(line[0], "text")


def _heading(line: str, lowest: int) -> Markup:
    marks, _, text = line.partition(" ")
    level = len(marks) - 2 + lowest
    return Markup("<h{level}>{text}</h{level}>").format(level=level, text=inline_html(text))


def _table(lines: list[str]) -> Markup:
    head, _, *rows = [
        [inline_html(cell.strip()) for cell in _CELL.split(line.strip())[1:-1]] for line in lines
    ]
    body = Markup("").join(_row(row, "td") for row in rows)
    table = Markup("<table><thead>{}</thead><tbody>{}</tbody></table>").format(
        _row(head, "th"), body
    )
    return Markup('<div class="scroll">{}</div>').format(table)


def _row(cells: list[Markup], tag: str) -> Markup:
    tag = Markup(tag)  # noqa: S704 - one of two words above
    start = Markup('<{} scope="col">').format(tag) if tag == "th" else Markup("<{}>").format(tag)
    inner = (start + cell + Markup("</{}>").format(tag) for cell in cells)
    return Markup("<tr>{}</tr>").format(Markup("").join(inner))


def inline_html(text: str) -> Markup:
    """A line of it: bold, code and escaped characters.

    Examples
    --------
    >>> print(inline_html("a `<b>`"))
    a <code>&lt;b&gt;</code>
    """
    return Markup("").join(_pieces(text))


def _pieces(text: str) -> Iterator[Markup]:
    end = 0
    for found in _INLINE.finditer(text):
        yield escape(text[end : found.start()])
        end = found.end()
        if found["char"] is not None:
            yield escape(found["char"])
        elif found["code"] is not None:
            yield Markup("<code>{}</code>").format(found["code"])
        else:
            yield Markup("<strong>{}</strong>").format(inline_html(found["bold"]))
    yield escape(text[end:])
