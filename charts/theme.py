"""Charts in the dark: the same specification, or the same drawing, in other inks on a dark ground.

Inks of lines and text become paler, fills that text stands on deeper; each keeps a contrast of at
least 3 to the ground, text of at least 4.5 (WCAG 2.2, 1.4.3 and 1.4.11).
"""

from typing import Any, Final, Literal

from charts.look import BLUE, GREEN, GREY, GRID, INK, ORANGE, PALE, PURPLE, SKY, VERMILLION, Spec

Theme = Literal["light", "dark"]

GROUND: Final = "#16181d"
DARK: Final = {
    "white": GROUND,
    INK: "#ececec",
    GREY: "#a6a6a6",
    GRID: "#33373f",
    PALE: "#262a31",
    BLUE: "#5ab0e8",
    VERMILLION: "#ff8a3d",
    GREEN: "#2fc79a",
    PURPLE: "#e39fc4",
    ORANGE: "#a86b00",
    SKY: "#3b7dad",
}
"""What each colour becomes."""

_RULES: Final = "".join(
    f'[{paint}="{light}" i]{{{paint}:{dark}}}'
    for light, dark in DARK.items()
    for paint in ("fill", "stroke")
)
_STYLE: Final = f"<style>@media (prefers-color-scheme:dark){{{_RULES}}}</style>"


def themed(spec: Spec, theme: Theme) -> Spec:
    """A specification for a light or a dark page; its data are not looked at.

    Examples
    --------
    >>> themed({"mark": {"color": "white"}, "data": {"values": ["white"]}}, "dark")
    {'mark': {'color': '#16181d'}, 'data': {'values': ['white']}}
    """
    if theme == "light":
        return spec
    return {name: part if name == "data" else _darkened(part) for name, part in spec.items()}


def _darkened(part: Any) -> Any:
    if isinstance(part, dict):
        return themed(part, "dark")
    if isinstance(part, list):
        return [_darkened(one) for one in part]
    return DARK.get(part, part) if isinstance(part, str) else part


def either_theme(svg: str) -> str:
    """A drawing that turns dark with the page it stands in.

    Examples
    --------
    >>> either_theme("<svg><path/></svg>")[:50]
    '<svg><style>@media (prefers-color-scheme:dark){[fi'
    """
    head, end, rest = svg.partition(">")
    return f"{head}{end}{_STYLE}{rest}"
