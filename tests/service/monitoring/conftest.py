"""A service with an empty store, and patients whose outcomes are told."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

OUTCOME = {
    "responder": True, "definition": "oh2018", "horizon_months": 4, "observed_on": "2026-01-02"
}  # fmt: skip


@pytest.fixture
def client(linear_registry: Any, make_client: Any, database_url: str) -> Any:
    return make_client(linear_registry, database_url=database_url)


@pytest.fixture
def look(client: Any) -> Callable[..., Any]:
    """`look("drift", "task=...")`: a report as JSON."""
    return lambda name, query="": client.get(f"/v1/monitoring/{name}?{query}").json()


@pytest.fixture
def post(client: Any, contract_table: Any) -> Callable[..., list[str]]:
    """`post(n, prefix="P", shift=0.0, **fields)`: n patients like those who trained; their ids."""

    def post(n: int, prefix: str = "P", shift: float = 0.0, **fields: Any) -> list[str]:
        rng = np.random.default_rng(n)
        table = contract_table["table"] | {
            "patient_id": [f"{prefix}-{number}" for number in range(n)],
            "baseline": columns(rng, n, (0.6, 6.16, 4.0), shift),
            "follow_up": columns(rng, n, (0.1, 6.06, 4.4), shift),
            **fields,
        }
        answer = client.post("/v1/predictions/batch", {"table": table})
        assert answer.status_code == 200, answer.text
        made: list[str] = answer.json()["table"]["prediction_id"]
        return made

    return post


def columns(rng: Any, n: int, means: Sequence[float], shift: float) -> dict[str, list[float]]:
    names = ("TNF", "MCP-1", "TGF-b1")
    spreads = (0.5, 0.3, 0.58)
    return {
        name: np.exp(rng.normal(mean + shift * sd, sd, n)).clip(0.5, 5000).round(2).tolist()
        for name, mean, sd in zip(names, means, spreads, strict=True)
    }


@pytest.fixture
def tell(client: Any) -> Callable[[Sequence[str], Sequence[bool]], None]:
    """`tell(ids, responders)`: outcomes, one for each."""

    def tell(ids: Sequence[str], responders: Sequence[bool]) -> None:
        for prediction_id, responder in zip(ids, responders, strict=True):
            path = f"/v1/predictions/{prediction_id}/outcome"
            answer = client.ask("PUT", path, json=OUTCOME | {"responder": bool(responder)})
            assert answer.status_code == 200, answer.text

    return tell
