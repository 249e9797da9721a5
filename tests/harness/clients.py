"""Clients who post at the same time and note every answer they get."""

import http.client
import json
import threading
import time
import uuid
from collections.abc import Iterator, Sized
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

from serving import JSON, PREDICTIONS, SECONDS, Running, exchange, pair

from models.canonical import sha256

BODY = json.dumps(pair()).encode()


@dataclass
class Clients:
    """So many who post at the same time; a 503 they ask again, under the same key."""

    running: Running
    stopping: threading.Event = field(default_factory=threading.Event)
    acknowledged: dict[str, bytes] = field(default_factory=dict)
    """By idempotency key."""
    refused: list[dict[str, Any]] = field(default_factory=list)
    n_broken: int = 0

    @contextmanager
    def posting(self, n: int) -> Iterator[None]:
        """At the end everybody gets the answer that they wait for."""
        threads = [threading.Thread(target=self._post) for _ in range(n)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.stopping.set()
            for thread in threads:
                thread.join()

    def wait_for(self, n_more: int, *, refused: bool = False) -> float:
        """How long it takes until so many more are acknowledged, or refused [s]."""
        counted: Sized = self.refused if refused else self.acknowledged
        begun, before = time.monotonic(), len(counted)
        while len(counted) < before + n_more:
            assert time.monotonic() - begun < SECONDS, self.refused[-3:]
            time.sleep(0.01)
        return time.monotonic() - begun

    def digests(self) -> dict[str, str]:
        """Digest of each answer that was acknowledged, by the prediction's id."""
        answers = list(self.acknowledged.values())
        found = {json.loads(answer)["prediction_id"]: sha256(answer) for answer in answers}
        assert len(found) == len(answers)
        return found

    def _post(self) -> None:
        try:
            with closing(self.running.connect()) as connection:
                while not self.stopping.is_set():
                    self._post_until_kept(connection, str(uuid.uuid4()))
        except (OSError, http.client.HTTPException):
            self.n_broken += 1

    def _post_until_kept(self, connection: http.client.HTTPConnection, key: str) -> None:
        deadline = time.monotonic() + SECONDS
        sent = self.running.with_key((*JSON, ("idempotency-key", key)))
        while time.monotonic() < deadline:
            answer = exchange(connection, "POST", PREDICTIONS, BODY, sent)
            if answer.status == 201:
                self.acknowledged[key] = answer.content
                return
            self.refused.append(answer.json())
            time.sleep(0.02)
        raise TimeoutError
