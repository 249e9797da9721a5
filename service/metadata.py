"""How metadata of bundles is found and sent: by id or as a champion, under a tag."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import orjson
from fastapi import Query, Request, Response

from data.errors import Fault, PanelError
from data.panel import TaskName
from models.bundle import Bundle, is_bundle_id
from models.canonical import sha256
from models.registry import Registry
from service.champions import Champions

TaskQuery = Annotated[TaskName | None, Query(description="Whose champion; only with `champion`.")]

CLOSED: Final = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
"""End of the policy of whatever a browser may show: no script, no form, in nobody's frame."""


def find_bundle(request: Request, name: str, task: TaskName | None) -> Bundle:
    """The bundle of that id, or the champion of a task.

    Raises
    ------
    UnknownBundleError, BundleError, NoChampionError
        There is none, or it is damaged.
    PanelError
        Nobody said whose champion.
    """
    if name != "champion":
        registry: Registry = request.app.state.registry
        return registry.read(name)
    if task is None:
        message = "say which champion: task=pretreatment or task=on_treatment"
        raise PanelError([Fault("/query/task", "missing", message)])
    champions: Champions = request.app.state.champions
    return champions.of(task).bundle


def tagged_json(request: Request, body: dict[str, Any]) -> Response:
    """A JSON object under a tag."""
    return tagged(request, orjson.dumps(body), "application/json")


def tagged(
    request: Request, content: bytes, media_type: str, more: Mapping[str, str] | None = None
) -> Response:
    """Content under a tag, by which a client asks whether there is anything new.

    What a bundle's id gives stays as it is and may be stored; a list or a champion may not.

    Parameters
    ----------
    more
        Further headers.
    """
    tag = f'"{sha256(content)}"'
    is_lasting = is_bundle_id(request.path_params.get("name", ""))
    cached = "private, no-cache" if is_lasting else "no-store"
    headers = {**(more or {}), "etag": tag, "cache-control": cached}
    asked = [known.strip() for known in request.headers.get("if-none-match", "").split(",")]
    if tag in asked or f"W/{tag}" in asked or "*" in asked:
        return Response(None, 304, headers)
    return Response(content, headers=headers, media_type=media_type)
