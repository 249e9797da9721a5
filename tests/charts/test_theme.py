import pytest

from charts.look import BLUE, GREEN, GREY, INK, PURPLE, VERMILLION, rows, spec
from charts.render import svg
from charts.theme import DARK, GROUND, either_theme, themed

POINT = spec({"data": rows([{"c": "white"}]), "mark": {"type": "point", "color": BLUE}})


def luminance(colour: str) -> float:
    """WCAG 2.2's relative luminance."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("ink", [INK, GREY])
def test_text_is_readable_in_the_dark(ink: str) -> None:
    assert contrast(DARK[ink], GROUND) >= 4.5


@pytest.mark.parametrize("line", [BLUE, VERMILLION, GREEN, PURPLE])
def test_lines_are_seen_in_either_theme(line: str) -> None:
    assert contrast(DARK[line], GROUND) >= 3
    assert contrast(line, "#ffffff") >= 2.9


def test_data_and_the_light_theme_stay_as_they_are() -> None:
    assert themed(POINT, "light") == POINT
    dark = themed(POINT, "dark")
    assert dark["data"] == POINT["data"]
    assert dark["mark"]["color"] == DARK[BLUE]
    assert dark["config"]["background"] == GROUND


def test_a_drawing_turns_dark_by_its_own_style() -> None:
    drawn = either_theme(svg(POINT))
    assert drawn.count("<style>") == 1
    assert f'[stroke="{BLUE}" i]{{stroke:{DARK[BLUE]}}}' in drawn
