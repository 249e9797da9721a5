"""Who is next: small submissions in groups, large ones alone, neither for ever behind the other."""

import asyncio

import pytest

from service.store.errors import StoreBusyError
from service.store.preparing import prepare
from service.store.waiting import MOST_IN_GROUP, Queue, Waiting

LARGE = MOST_IN_GROUP + 1


@pytest.fixture
def waiting(store, wide):
    """`waiting(n)`: somebody with so many predictions."""
    loop = asyncio.new_event_loop()
    yield lambda n: Waiting(prepare(wide(n), store.engine.dialect), 0.0, loop.create_future(), loop)
    loop.close()


@pytest.fixture
def queue():
    return Queue(4096)


def sizes(group):
    return [one.prepared.size for one in group]


def test_a_small_one_is_behind_one_large_one_at_most(queue, waiting):
    for n in (LARGE, LARGE, LARGE, 1):
        queue.add(waiting(n))
    assert [sizes(queue.take()) for _ in range(2)] == [[1], [LARGE]]
    queue.add(waiting(2))
    assert [sizes(queue.take()) for _ in range(3)] == [[2], [LARGE], [LARGE]]
    assert not queue


def test_a_large_one_is_behind_one_group_of_small_ones_at_most(queue, waiting):
    for n in (300, 300, 300, LARGE):
        queue.add(waiting(n))
    assert [sizes(queue.take()) for _ in range(3)] == [[300, 300], [LARGE], [300]]


def test_a_fifth_large_one_is_refused_and_a_small_one_is_not(queue, waiting):
    for _ in range(4):
        queue.add(waiting(LARGE))
    with pytest.raises(StoreBusyError):
        queue.add(waiting(LARGE))
    queue.add(waiting(1))
    assert sizes(queue.take()) == [1]
