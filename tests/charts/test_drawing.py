import sys

import pytest

from charts.drawing import NotDrawnError, draw
from charts.look import rows, spec
from charts.render import PlotsNotInstalledError, svg

POINT = spec({"data": rows([{"x": 1}]), "mark": "point"})


def test_another_process_draws_the_same_picture() -> None:
    assert draw(POINT, "svg").decode() == svg(POINT)


def test_png_is_one() -> None:
    assert draw(POINT, "png").startswith(b"\x89PNG")


def test_without_the_extra_it_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pytest.TempPathFactory
) -> None:
    (tmp_path / "vl_convert.py").write_text("raise ModuleNotFoundError('vl_convert')")  # type: ignore[operator]
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    with pytest.raises(PlotsNotInstalledError, match="plots extra"):
        draw(POINT, "svg")


def test_a_specification_that_cannot_be_drawn_is_an_error() -> None:
    with pytest.raises(NotDrawnError, match="ended before"):
        draw({"mark": 17}, "svg")
