"""Requests that arrive in the same turn of the event loop are scored together.

Scoring a few pairs takes hardly longer than scoring one, and gives each the same bits; whoever
is alone waits for nobody.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

from models.classifier import Classifier
from service.predictions import AskedPair, answer_pairs


class _Waiting(NamedTuple):
    classifier: Classifier
    asked: AskedPair
    answered: "asyncio.Future[dict[str, Any]]"


class Together:
    """Pairs that wait for the end of this turn of the event loop."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []

    async def answer(self, classifier: Classifier, asked: AskedPair) -> dict[str, Any]:
        """The answer to a request, by the classifier that it took."""
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[dict[str, Any]] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._answer_all)
        self._waiting.append(_Waiting(classifier, asked, answered))
        return await answered

    def _answer_all(self) -> None:
        waiting, self._waiting = self._waiting, []
        by_classifier: dict[int, list[_Waiting]] = {}
        for one in waiting:
            by_classifier.setdefault(id(one.classifier), []).append(one)
        for group in by_classifier.values():
            _answer_group(group)


def _answer_group(group: Sequence[_Waiting]) -> None:
    try:
        answers = answer_pairs(group[0].classifier, [one.asked for one in group])
    except Exception as error:  # whatever it is, it is raised where somebody waits
        if len(group) > 1:
            # Nobody pays for another's request.
            for one in group:
                _answer_group([one])
        elif not group[0].answered.done():
            group[0].answered.set_exception(error)
        return
    for one, answer in zip(group, answers, strict=True):
        if not one.answered.done():
            one.answered.set_result(answer)
