"""Tables and figures as HTML, the same in a report and in a notebook; the templates' home."""

import base64
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from charts.theme import either_theme


@cache
def templates() -> Environment:
    """The environment of all templates; what is put into them is escaped."""
    return Environment(
        loader=PackageLoader("charts"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def embedded(pictures: Mapping[str, str]) -> dict[str, str]:
    """Drawings by name as addresses that hold them, dark on a dark page."""
    return {name: _data_uri(either_theme(drawn)) for name, drawn in pictures.items()}


def part(name: str, *arguments: Any) -> str:
    """What one of the macros in ``parts.html`` makes of its arguments."""
    macro = getattr(templates().get_template("parts.html").module, name)
    return str(macro(*arguments))


def _data_uri(drawn: str) -> str:
    # An image of its own: names inside one drawing cannot meet those of another.
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.encode()).decode()
