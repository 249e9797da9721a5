"""Reports that are given again, and those that are turned away."""

import threading
import time
from typing import Any

import pytest

from service.errors import RequestError
from service.monitoring.reports import MOST_WAITING, Reports


def test_report_is_made_again_only_after_something_was_recorded() -> None:
    reports, made = Reports(), []

    def make() -> dict[str, Any]:
        made.append(1)
        return {"n": len(made)}

    versions = iter((1, 1, 2, 2))
    given = [reports.get("key", lambda: next(versions), make)["n"] for _ in range(4)]
    assert given == [1, 1, 2, 2]
    assert reports.get("another", lambda: 2, make)["n"] == 3


def test_slow_report_is_given_again_although_something_was_recorded() -> None:
    reports, wait = Reports(), threading.Event()

    def make() -> dict[str, Any]:
        wait.wait(0.15)
        return {}

    first = reports.get("key", lambda: 1, make)
    assert reports.get("key", lambda: 2, make) is first


def test_more_than_may_wait_are_turned_away() -> None:
    reports, go, started = Reports(), threading.Event(), threading.Semaphore(0)

    def version() -> int:
        started.release()
        go.wait(10)
        return 1

    threads = [
        threading.Thread(target=reports.get, args=(n, version, dict)) for n in range(MOST_WAITING)
    ]
    for thread in threads:
        thread.start()
    started.acquire(timeout=10)
    while reports._room._value:  # the others are on their way
        time.sleep(0.001)
    with pytest.raises(RequestError) as refused:
        reports.get("one more", version, dict)
    go.set()
    for thread in threads:
        thread.join()
    assert (refused.value.status, refused.value.code) == (503, "too_busy")


def test_report_that_fails_leaves_room() -> None:
    reports = Reports()
    for _ in range(MOST_WAITING + 1):
        with pytest.raises(KeyError):
            reports.get("key", lambda: 1, lambda: {}["missing"])
    assert reports.get("key", lambda: 1, lambda: {"fine": True}) == {"fine": True}
