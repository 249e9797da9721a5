"""`/static/...`: scripts, styles and pictures of the pages."""

from fastapi import Response

from service.errors import RequestError
from service.pages.assets import assets_by_served_name
from service.pages.visit import Visit

_FOR_GOOD = "public, max-age=31536000, immutable"


def show(visit: Visit) -> Response:
    """A file by its name with digest, compressed for those who take that.

    Raises
    ------
    RequestError
        There is none of this name.
    """
    asset = assets_by_served_name().get(visit.path("name"))
    if asset is None:
        raise RequestError(404, "not_found", "there is no such file; load the page again")
    headers = {"cache-control": _FOR_GOOD, "vary": "accept-encoding"}
    if "gzip" in visit.request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        return Response(asset.compressed, headers=headers, media_type=asset.media_type)
    return Response(asset.content, headers=headers, media_type=asset.media_type)
