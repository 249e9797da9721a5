"""One visit to a page: who asks for what, and the page that they get."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from fastapi import Request, Response

from service.champions import Champions
from service.pages.assets import address_of
from service.security import ANONYMOUS, Caller
from service.settings import Settings
from service.store.store import Store

if TYPE_CHECKING:
    from jinja2 import Environment


class Entry(NamedTuple):
    """One entry of the navigation, and the scope that its page needs."""

    path: str
    title: str
    scope: str


NAVIGATION: Final = (
    Entry("/", "Overview", "read"),
    Entry("/models", "Models", "read"),
    Entry("/try", "Try it", "predict"),
    Entry("/predictions", "Predictions", "read-patient"),
    Entry("/monitoring", "Monitoring", "read"),
    Entry("/docs", "API", ""),
)


@dataclass(frozen=True, slots=True)
class Visit:
    """A request for a page by somebody who may see it.

    Attributes
    ----------
    request
        As it came.
    caller
        Who asks.
    form
        What was filled in; empty unless it was posted.
    """

    request: Request
    caller: Caller
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def champions(self) -> Champions:
        """The classifiers that answer now."""
        champions: Champions = self.request.app.state.champions
        return champions

    @property
    def store(self) -> Store:
        """Where predictions are kept."""
        store: Store = self.request.app.state.store
        return store

    @property
    def settings(self) -> Settings:
        """Of the service."""
        settings: Settings = self.request.app.state.settings
        return settings

    def path(self, name: str) -> str:
        """A parameter of the address."""
        return str(self.request.path_params[name])

    def page(self, template: str, status: int = 200, **facts: Any) -> Response:
        """A page made of a template and facts."""
        shell = {
            "caller": self.caller,
            "is_anonymous": self.caller == ANONYMOUS,
            "navigation": NAVIGATION,
            "here": self.request.url.path,
            "version": self.request.app.version,
        }
        text = templates().get_template(template).render(shell | facts)
        return Response(text, status, media_type="text/html; charset=utf-8")

    def refusal(self, status: int, sentence: str) -> Response:
        """A page that says why there is no other."""
        title = HTTPStatus(status).phrase
        return self.page("refused.html", status, title=title, sentence=sentence)


@cache
def templates() -> "Environment":
    """The templates, read when the first page is asked for."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from service.pages import card, words

    environment = Environment(
        loader=PackageLoader("service.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = address_of
    environment.filters |= words.FILTERS
    environment.filters["inline"] = card.inline_html
    return environment
