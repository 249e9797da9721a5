"""The folder where the workers of one service keep their counts; it goes when the service ends.

A service that was killed leaves its folder behind. The next one removes it: each service holds a
lock within its own, which the kernel lets go of whatever ends the process.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from service.metrics import FOLDER

_PREFIX: Final = "csf-responder-metrics-"
_LOCK: Final = "lock"


@contextmanager
def shared_metrics() -> Iterator[None]:
    """A folder of its own for a service, unless the environment names one."""
    if FOLDER in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as name:
        folder = Path(name)
        remove_left_behind(folder.parent)
        with (folder / "new").open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            # Nobody sees a lock that is not held yet.
            os.replace(folder / "new", folder / _LOCK)
            os.environ[FOLDER] = name
            yield


def remove_left_behind(parent: Path) -> None:
    """Remove folders of services that ended without doing so; a folder in doubt stays."""
    for folder in parent.glob(f"{_PREFIX}*"):
        try:
            with (folder / _LOCK).open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
        except OSError:  # somebody else's, in use, or not locked yet
            continue
