"""From a request and its predictions to what the store keeps of them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson

from models.canonical import sha256
from service.champions import Champions
from service.errors import RequestError
from service.security import Caller
from service.store.records import IdempotencyKey, NewPrediction, Submission

_LONGEST_KEY: Final = 255
_VISIBLE: Final = frozenset(map(chr, range(0x21, 0x7F)))

Answered = tuple[Any, dict[str, Any]]
"""A request for one prediction as it was sent, and the prediction as it is answered."""


class Asked(NamedTuple):
    """A request for predictions, and everything that its answer rests on.

    Attributes
    ----------
    caller
        Who asks.
    champions
        The bundles that answer it, whatever is promoted meanwhile.
    received
        Its body.
    key
        Under which it is answered once.
    now
        When it was asked.
    is_recorded
        Whether its predictions are kept.
    """

    caller: Caller
    champions: Champions
    received: bytes
    key: IdempotencyKey | None
    now: datetime
    is_recorded: bool

    def submission(
        self, status: int, answer: bytes, each: Iterable[Answered], *, corrects: bool
    ) -> Submission:
        """What the store is given: the reply, and each prediction with what it was made from.

        Parameters
        ----------
        status, answer
            The reply.
        each
            Every prediction in it; not looked at where nothing is kept.
        corrects
            Whether one of them supersedes an earlier one.

        Raises
        ------
        RequestError
            Nothing is kept here, but the request rests on it.
        """
        if not self.is_recorded:
            if corrects or self.key is not None:
                sentence = "this service keeps nothing: leave Idempotency-Key and supersedes out"
                raise RequestError(422, "not_recording", sentence)
            return Submission((), self.now, self.caller.key_id, status, answer)
        kept = tuple(self._new_prediction(request, made) for request, made in each)
        return Submission(kept, self.now, self.caller.key_id, status, answer, self.key)

    def _new_prediction(self, request: Any, answer: dict[str, Any]) -> NewPrediction:
        return NewPrediction(
            prediction_id=answer["prediction_id"],
            tenant=self.caller.tenant,
            patient_id=request["patient_id"],
            created_at=self.now,
            task=answer["task"],
            bundle_id=answer["bundle_id"],
            content_sha256=self.champions.of(answer["task"]).bundle.content_sha256,
            input=orjson.dumps(request, option=orjson.OPT_SORT_KEYS),
            answer=orjson.dumps(answer),
            supersedes=answer.get("supersedes"),
        )


def idempotency_key(
    headers: Iterable[tuple[bytes, bytes]], caller: Caller, received: bytes
) -> IdempotencyKey | None:
    """The key under which a request is answered once; None where it has none.

    Raises
    ------
    RequestError
        It is no key, or there are two.
    """
    stated = [value.decode("latin-1") for name, value in headers if name == b"idempotency-key"]
    if not stated:
        return None
    if len(stated) > 1 or not 0 < len(stated[0]) <= _LONGEST_KEY or set(stated[0]) - _VISIBLE:
        sentence = "send one Idempotency-Key of 1 to 255 visible ASCII characters"
        raise RequestError(400, "idempotency_key", sentence)
    return IdempotencyKey(caller.key_id, stated[0], sha256(received))
