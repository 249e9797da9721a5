"""Independent tasks over several processes, none of which outlives the one that started it.

Results come in the tasks' order, so that nothing depends on how many processes there are.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import Final, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

_THREADS: Final = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def run_in_processes(
    function: Callable[[Task], Result], tasks: Sequence[Task], *, jobs: int
) -> Generator[Result, None, None]:
    """What a function gives for each task, in order, `jobs` at a time.

    In this process for one job. Closed early, tasks that have not begun are dropped and the
    processes end with those that have; whoever iterates closes it (`contextlib.closing`), because
    an exception of theirs is none in here.

    Parameters
    ----------
    function
        Of a module, so that other processes can import it.
    tasks
        What is sent to them.
    jobs
        Processes, at least 1.

    Examples
    --------
    >>> list(run_in_processes(abs, [-1, 2], jobs=1))
    [1, 2]
    """
    if jobs == 1:
        yield from map(function, tasks)
        return
    pool = ProcessPoolExecutor(
        max_workers=min(jobs, max(len(tasks), 1)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_end_with_parent,
    )
    try:
        with _interrupts_held(), _one_thread_each():
            results: list[Future[Result]] = [pool.submit(function, task) for task in tasks]
        for result in results:
            yield result.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Processes started within are deaf to Ctrl-C, which a terminal sends to all of them.

    The one that started them answers it; each of the others would print a traceback.
    """
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Processes started within do linear algebra in one thread: theirs would fight for the cores.

    A library reads this when it is loaded, so it has to be there before they begin.
    """
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def _end_with_parent() -> None:
    """In a worker: end as soon as the process that started it is gone, killed outright."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
