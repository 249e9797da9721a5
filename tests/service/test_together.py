"""Requests of one moment are scored together and answered as if each were alone."""

import asyncio
import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from service.champions import load_champions
from service.panels import task_of
from service.predictions import AskedPair, answer_pairs, answerable_pair
from service.schemas import PREDICTION
from service.structure import validate
from service.together import Together

NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def asked(client: Any, registry_of_client: Any, request_body: Any) -> list[Any]:
    """Sixty-four requests of both tasks, each with its classifier."""
    champions = load_champions(registry_of_client)
    found = []
    for number in range(64):
        body = copy.deepcopy(request_body) | {"patient_id": f"P-{number}"}
        body["baseline"]["measurements"][0]["result"] = (
            "<0.7" if number % 5 == 0 else 0.8 + number / 50
        )
        if number % 3 == 0:
            del body["follow_up"]
        read = validate(PREDICTION, body)
        classifier = champions.of(task_of(read))
        found.append((classifier, AskedPair(None, answerable_pair(classifier, read), NOW)))
    return found


def without_id(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "prediction_id"}


def test_answers_are_those_of_each_alone(asked: list[Any]) -> None:
    async def ask_all() -> list[Any]:
        together = Together()
        return await asyncio.gather(*(together.answer(*one) for one in asked))

    answers = asyncio.run(ask_all())
    alone = [answer_pairs(classifier, [pair])[0] for classifier, pair in asked]
    assert [without_id(answer) for answer in answers] == [without_id(answer) for answer in alone]
    assert len({answer["prediction_id"] for answer in answers}) == 64


def test_requests_of_one_moment_share_the_scoring(
    asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []

    def counted(classifier: Any, pairs: Any) -> Any:
        sizes.append(len(pairs))
        return answer_pairs(classifier, pairs)

    monkeypatch.setattr("service.together.answer_pairs", counted)

    async def ask_all() -> None:
        together = Together()
        await asyncio.gather(*(together.answer(*one) for one in asked))
        await together.answer(*asked[0])

    asyncio.run(ask_all())
    assert sorted(sizes) == [1, 22, 42]


def test_whoever_has_gone_away_does_not_keep_the_others_from_their_answers(
    asked: list[Any],
) -> None:
    async def ask_all() -> list[Any]:
        together = Together()
        tasks = [asyncio.ensure_future(together.answer(*one)) for one in asked[:3]]
        asyncio.get_running_loop().call_soon(tasks[1].cancel)
        return await asyncio.gather(*tasks, return_exceptions=True)

    first, gone, last = asyncio.run(ask_all())
    assert isinstance(gone, asyncio.CancelledError)
    assert (first["task"], last["task"]) == ("pretreatment", "on_treatment")


def test_failure_of_one_is_nobody_elses(asked: list[Any]) -> None:
    async def ask_all() -> list[Any]:
        together = Together()
        spoilt = (asked[0][0], AskedPair(None, None, NOW))  # type: ignore[arg-type]
        waiting = [together.answer(*one) for one in (spoilt, asked[0], asked[1])]
        return await asyncio.gather(*waiting, return_exceptions=True)

    failed, *others = asyncio.run(ask_all())
    assert isinstance(failed, AttributeError)
    assert [answer["task"] for answer in others] == ["pretreatment", "on_treatment"]
