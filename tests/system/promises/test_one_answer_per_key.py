"""A request that is sent often, at the same time, to several processes, is answered once."""

import json
import threading
import uuid
from typing import Any

from serving import JSON, PREDICTIONS, Running, Service, pair

N_KEYS, N_POSTS, N_WORKERS, SECONDS = 20, 32, 4, 30


def test_twenty_keys_posted_thirty_two_times_over_four_workers_are_twenty_records(
    service: Service, reached: Any
) -> None:
    keys = [str(uuid.uuid4()) for _ in range(N_KEYS)]
    found: dict[str, set[tuple[int, bytes]]] = {key: set() for key in keys}
    body, together = json.dumps(pair()).encode(), threading.Barrier(N_POSTS)

    def ask(running: Running) -> None:
        for key in keys:
            together.wait(SECONDS)
            answer = running.ask("POST", PREDICTIONS, body, (*JSON, ("idempotency-key", key)))
            found[key].add((answer.status, answer.content))

    with service.running(N_WORKERS) as running:
        threads = [threading.Thread(target=ask, args=(running,)) for _ in range(N_POSTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [len(answers) for answers in found.values()] == [1] * N_KEYS
    assert {status for answers in found.values() for status, _ in answers} == {201}
    ids = {json.loads(content)["prediction_id"] for a in found.values() for _, content in a}
    assert ids == set(service.answers())
    reached(f"{N_KEYS * N_POSTS} posts: {len(ids)} ids, {len(service.answers())} records")
