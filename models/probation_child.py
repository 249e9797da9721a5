"""The process that `models/probation.py` starts: loads one booster, replays its golden rows, ends.

It reads one line of JSON (`estimator`, `golden_rows`) and then the booster's bytes, and says what
it found by its exit status alone. Its memory and time are limited before anything is parsed.
"""

import contextlib
import json
import os
import resource
import sys
from typing import Final, NoReturn

MEMORY: Final = 2 << 30
SECONDS: Final = 30

DIFFERS: Final = 3
UNREADABLE_EXIT: Final = 4


def main() -> NoReturn:
    """Try the booster on standard input; no exception, signal or thread outlives this."""
    limit(resource.RLIMIT_AS, MEMORY)
    limit(resource.RLIMIT_CPU, SECONDS)
    # It writes no file, not even of its own end.
    limit(resource.RLIMIT_FSIZE, 0)
    limit(resource.RLIMIT_CORE, 0)
    # XGBoost imports scikit-learn where it finds it, three times slower, for classes not used here.
    sys.modules["sklearn"] = None  # type: ignore[assignment]
    os._exit(status())


def limit(kind: int, most: int) -> None:
    """Lower a limit of this process; macOS knows none of memory, there time alone remains."""
    _, hard = resource.getrlimit(kind)
    lowered = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (lowered, lowered))


def status() -> int:
    """0 where the golden rows agree, `DIFFERS` where not, `UNREADABLE_EXIT` for no estimator."""
    from models.estimator import load_estimator
    from models.golden_rows import UNREADABLE, replay

    stored = json.loads(sys.stdin.buffer.readline())
    try:
        estimator = load_estimator(stored["estimator"], sys.stdin.buffer.read())
        return 0 if replay(estimator, stored["golden_rows"]) else DIFFERS
    except UNREADABLE:
        return UNREADABLE_EXIT
