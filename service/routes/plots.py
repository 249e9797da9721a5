"""`/v1/models/{name}/plots`: the charts of a classifier as data and as pictures.

Vega-Lite specifications and CSV need nothing; SVG and PNG the `plots` extra.
"""

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import orjson
from fastapi import APIRouter, Query, Request, Response

from models.bundle import Bundle
from service.errors import RequestError
from service.facts import bundle_facts
from service.metadata import CLOSED, TaskQuery, find_bundle, tagged, tagged_json
from service.openapi import problems, text_of
from service.pictures import Pictures

if TYPE_CHECKING:
    from charts.chart import Figure

router = APIRouter(prefix="/v1/models", tags=["models"], responses=problems(404, 422, 503))

MEDIA: Final = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
}

FormatQuery = Annotated[
    Literal["json", "csv", "svg", "png"],
    Query(description="A Vega-Lite specification, its numbers as CSV, or a picture."),
]
ThemeQuery = Annotated[Literal["light", "dark"], Query(description="Of the page it stands in.")]


@router.get("/{name}/plots", response_model=None)
def list_plots(request: Request, name: str, task: TaskQuery = None) -> Response:
    """The charts that a bundle has the numbers for, in the order in which they are read."""
    bundle = find_bundle(request, name, task)
    listed = [
        {"name": figure.name, "title": figure.title, "caption": figure.caption}
        for figure in _plots(bundle).values()
    ]
    return tagged_json(request, {**bundle_facts(bundle), "plots": listed})


@router.get(
    "/{name}/plots/{plot}",
    response_model=None,
    responses=problems(501) | text_of("text/csv", "image/svg+xml", "image/png"),
)
def read_plot(
    request: Request,
    name: str,
    plot: str,
    task: TaskQuery = None,
    format: FormatQuery = "json",  # noqa: A002 - the parameter's name
    theme: ThemeQuery = "light",
) -> Response:
    """One chart; every format has the same numbers."""
    bundle = find_bundle(request, name, task)
    figure = _plots(bundle).get(plot)
    if figure is None:
        sentence = "this bundle has no such plot; GET .../plots lists those that it has"
        raise RequestError(404, "unknown_plot", sentence)
    headers = {"x-content-type-options": "nosniff"}
    if format == "svg":
        headers["content-security-policy"] = f"default-src 'none'; {CLOSED}"
    if format == "csv":
        headers["content-disposition"] = f'attachment; filename="{figure.name}.csv"'
    content = _content(request, bundle, figure, format, theme)
    return tagged(request, content, MEDIA[format], headers)


def _plots(bundle: Bundle) -> "dict[str, Figure]":
    from charts.evaluation.plots import plots_of

    return plots_of(bundle.evaluation)


def _content(
    request: Request,
    bundle: Bundle,
    figure: "Figure",
    kind: Literal["json", "csv", "svg", "png"],
    theme: Literal["light", "dark"],
) -> bytes:
    from charts.drawing import NotDrawnError, draw
    from charts.render import PlotsNotInstalledError
    from charts.theme import themed

    if kind == "csv":
        return figure.table.csv().encode()
    spec: dict[str, Any] = themed(figure.charts[0].spec, theme)
    if kind == "json":
        return orjson.dumps(spec)
    pictures: Pictures = request.app.state.pictures
    key = (bundle.evaluation_sha256, figure.name, theme, kind)
    try:
        return pictures.of(key, lambda: draw(spec, kind))
    except PlotsNotInstalledError as error:
        raise RequestError(501, "plots_not_installed", str(error)) from error
    except NotDrawnError as error:
        raise RequestError(503, "not_drawn", str(error)) from error
