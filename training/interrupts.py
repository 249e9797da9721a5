"""How a training run ends when it is told to: at once, in one sentence, nothing kept, nobody left.

An exception raised by a signal may come out of any line of any library as something else, or not
at all. Until a bundle is written there is nothing to tidy up, so the handler ends the process
itself, its workers first. Imports nothing but the standard library: it is set before the others.
"""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
SENTENCE: Final = "Interrupted: nothing was kept."


def end_at_once_on_signals(*, as_json: bool) -> None:
    """From now on SIGINT and SIGTERM end this process with 130 and 143, saying so."""

    def end(number: int, frame: FrameType | None) -> NoReturn:
        finish_whatever_comes()
        while workers := list(descendants(os.getpid())):  # one may be starting another
            for worker in workers:
                _kill(worker)
        if as_json:
            os.write(1, json.dumps({"error": SENTENCE, "faults": []}).encode() + b"\n")
        else:
            below_the_bar = "\n" if os.isatty(2) else ""
            os.write(2, f"{below_the_bar}{SENTENCE}\n".encode())
        os._exit(128 + number)

    for number in SIGNALS:
        signal.signal(number, end)


def finish_whatever_comes() -> None:
    """From now on SIGINT and SIGTERM are ignored: what is left takes a moment."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def descendants(process: int) -> Iterator[int]:
    """Children of a process and theirs that still run, the deepest first (Linux: none elsewhere).

    Elsewhere workers see their pipes close and end by themselves.
    """
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = [int(child) for child in path.read_text().split()]
        except OSError:
            continue  # that thread ended meanwhile
        for child in children:
            yield from descendants(child)
            if _runs(child):
                yield child


def _runs(process: int) -> bool:
    """Whether it is there and no zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _kill(process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
