"""Specs as SVG and PNG, without a browser and without the network (the `plots` extra)."""

import importlib
import json
import re
from typing import Any, Final

from charts.look import Spec

_VEGA_LITE: Final = "6.4"
_PIXELS_PER_POINT: Final = 2.0
_CLIP: Final = re.compile(r'(id="|url\(#)clip(\d+)')


class PlotsNotInstalledError(RuntimeError):
    """Pictures are asked for where the `plots` extra is not installed."""

    def __init__(self) -> None:
        super().__init__("Pictures need the plots extra: pip install 'csf-responder[plots]'.")


def svg(spec: Spec) -> str:
    """A spec as SVG; the same spec gives the same text.

    Raises
    ------
    PlotsNotInstalledError
        Without the `plots` extra.
    """
    drawn: str = _converter().vegalite_to_svg(json.dumps(spec), vl_version=_VEGA_LITE)
    return _numbered_anew(drawn)


def _numbered_anew(drawn: str) -> str:
    """Names of clips counted from 0: the library counts on through all that a process draws."""
    numbers: dict[str, int] = {}
    return _CLIP.sub(
        lambda found: f"{found[1]}clip{numbers.setdefault(found[2], len(numbers))}", drawn
    )


def png(spec: Spec) -> bytes:
    """A spec as PNG, twice as many pixels as the SVG is wide.

    Raises
    ------
    PlotsNotInstalledError
        Without the `plots` extra.
    """
    drawn: bytes = _converter().vegalite_to_png(
        json.dumps(spec), vl_version=_VEGA_LITE, scale=_PIXELS_PER_POINT
    )
    return drawn


def _converter() -> Any:
    try:
        return importlib.import_module("vl_convert")
    except ModuleNotFoundError as error:
        raise PlotsNotInstalledError from error
