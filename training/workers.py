"""Worker processes for long work; they end with the process that started them, even killed."""

import os
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import Any, Final

import joblib

WATCH_SECONDS: Final = 0.5


def run_in_workers(tasks: Iterable[Any], *, jobs: int) -> Iterator[Any]:
    """Results of `joblib.delayed` calls, in order, `jobs` at a time.

    In this process for one job, else in joblib's workers or those of the backend that the caller
    set by `joblib.parallel_config`.

    Examples
    --------
    >>> list(run_in_workers([joblib.delayed(abs)(-1), joblib.delayed(abs)(2)], jobs=1))
    [1, 2]
    """
    parallel = joblib.Parallel(
        n_jobs=jobs, return_as="generator", initializer=_end_with, initargs=(os.getpid(),)
    )
    if jobs == 1:
        return _in_order(parallel, tasks)
    with _without_interrupts():
        return _in_order(parallel, tasks)


def _in_order(parallel: joblib.Parallel, tasks: Iterable[Any]) -> Iterator[Any]:
    results: Iterator[Any] = parallel(tasks)
    return results


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Processes are started to the end before an interrupt is answered, and are deaf to Ctrl-C.

    A terminal sends it to all of them; this process alone answers, by ending the others. Each of
    them would print a traceback, and so would one that is only half started.
    """
    resource_tracker.ensure_running()  # started within, that of older Pythons ends the blocking
    arrived: list[int] = []
    is_main = threading.current_thread() is threading.main_thread()
    deferred = (signal.SIGINT, signal.SIGTERM) if is_main else ()
    handlers = {n: signal.signal(n, lambda number, _: arrived.append(number)) for n in deferred}
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if arrived:
            signal.raise_signal(arrived[0])


def _end_with(parent: int) -> None:
    """In a worker: end as soon as the process that started it is gone.

    Killed outright, it cannot tell its workers, and joblib's wait for five minutes.
    """
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)
    os._exit(1)
