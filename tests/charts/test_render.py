import sys

import pytest

from charts.look import SCHEMA, rows, spec
from charts.render import PlotsNotInstalledError, png, svg

POINT = spec(
    {
        "data": rows([{"x": 1, "y": 2}]),
        "mark": "point",
        "encoding": {"x": {"field": "x", "type": "quantitative"}},
    }
)


def test_a_spec_becomes_svg_with_the_reports_type() -> None:
    drawn = svg(POINT)
    assert drawn.startswith("<svg")
    assert "Liberation Sans" in drawn


def test_a_spec_becomes_png() -> None:
    assert png(POINT).startswith(b"\x89PNG")


def test_without_the_extra_pictures_are_refused_by_name(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(PlotsNotInstalledError, match="plots extra"):
        svg(POINT)


def test_specs_say_which_vega_lite_they_are() -> None:
    assert POINT["$schema"] == SCHEMA


def test_the_same_spec_gives_the_same_text_however_much_was_drawn_before() -> None:
    clipped = spec({"data": rows([{"x": 1}]), "mark": {"type": "point", "clip": True}})
    first = svg(clipped)
    assert 'id="clip0"' in first
    assert svg(clipped) == first
