"""A service that asks everybody for a key, and people who have one and a browser."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from models.registry import Registry
from service.store.keys import ApiKey, create_key

FORM = {"content-type": "application/x-www-form-urlencoded", "origin": "http://test"}
Visitors = Callable[..., "Visitor"]


@dataclass(frozen=True)
class Visitor:
    """Somebody with a browser: it keeps a session, and says from which page a form is."""

    client: Any
    key: ApiKey
    token: str
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Any:
        return self.client.ask("GET", path, headers=self.headers | headers)

    def post(self, path: str, form: dict[str, str], **headers: str) -> Any:
        sent = FORM | self.headers | headers
        return self.client.ask("POST", path, content=urlencode(form).encode(), headers=sent)

    def log_in(self, **headers: str) -> Any:
        answer = self.post("/login", {"key": self.token}, **headers)
        if "set-cookie" in answer.headers:
            self.headers["cookie"] = answer.headers["set-cookie"].partition(";")[0]
        return answer


@pytest.fixture(scope="session")
def asked_for_keys(
    linear_registry: Registry, tmp_path_factory: Any, client_of: Any
) -> Iterator[Any]:
    """A service that asks everybody for a key."""
    url = f"sqlite:///{tmp_path_factory.mktemp('pages')}/store.sqlite3"
    with client_of(linear_registry, database_url=url) as client:
        object.__setattr__(client.app.state.doorkeeper, "allow_anonymous", False)
        yield client


@pytest.fixture
def visitor(asked_for_keys: Any) -> Visitors:
    """`visitor(*scopes, tenant="lab", days=1)`: somebody whom the service knows."""

    def visitor(*scopes: str, tenant: str = "lab", days: float = 1) -> Visitor:
        now = datetime.now(UTC)
        key, token = create_key(
            asked_for_keys.app.state.store, tenant=tenant, scopes=frozenset(scopes),
            expires_at=now + timedelta(days=days), actor="tests", now=now,
        )  # fmt: skip
        asked_for_keys.app.state.doorkeeper.ring.refresh()
        found = Visitor(asked_for_keys, key, token)
        found.log_in()
        return found

    return visitor


def text_of(html: str) -> str:
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", html, flags=re.S).split())
