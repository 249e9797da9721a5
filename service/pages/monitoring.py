"""`/monitoring`: how the classifiers do among the patients that they have answered for."""

from fastapi import Response

from service.pages.visit import Visit


def show(visit: Visit) -> Response:
    """The page of live numbers."""
    return visit.page("monitoring.html")
