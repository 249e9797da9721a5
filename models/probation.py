"""A booster's first load, in a process of its own: bytes that kill XGBoost kill that one only.

Estimators without a booster are JSON of bounded size and a few NumPy operations, which can end no
process; they are loaded in place.
"""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from models.bundle import Bundle
from models.canonical import canonical_json, sha256
from models.errors import BundleError
from models.libraries import scoring_environment
from models.probation_child import DIFFERS, UNREADABLE_EXIT

SECONDS: Final = 60
"""On the clock; the process has less on the processor's (`models/probation_child.py`)."""

GOLDEN_ROWS_SENTENCE: Final = "its golden rows no longer give the stored answers: train it again"
UNREADABLE_SENTENCE: Final = "its estimator cannot be read"
KILLED_SENTENCE: Final = (
    "its estimator ended the process that tried it, or took too much time or memory"
)
_PROBLEMS: Final = {DIFFERS: GOLDEN_ROWS_SENTENCE, UNREADABLE_EXIT: UNREADABLE_SENTENCE}

# The child imports from where this process did, and from no working folder.
_START: Final = (
    "import sys; sys.path[:] = sys.argv[1:]; from models.probation_child import main; main()"
)
_ONE_THREAD: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class Probation:
    """Remembers, by `content_sha256`, the bundles whose boosters passed.

    Parameters
    ----------
    marks
        Folder where processes tell each other what passed, so that a bundle is tried by the one
        that promotes it and not by every worker as well. A mark holds for the same libraries,
        Python and kind of machine; forging one spares a bundle its child, nothing else.
    """

    def __init__(self, marks: Path | None = None) -> None:
        self._marks = marks
        self._passed: set[str] = set()

    def admit(self, bundle: Bundle) -> None:
        """Try a bundle's booster on its golden rows, unless it passed before.

        Raises
        ------
        BundleError
            It cannot be read, gives other answers, or ended the process that tried it.
        """
        if bundle.booster is None or bundle.content_sha256 in self._passed:
            return
        mark = None if self._marks is None else self._marks / _mark(bundle)
        if mark is None or not mark.is_file():
            status = _try_in_child(bundle, bundle.booster)
            if status != 0:
                raise BundleError(bundle.bundle_id, _PROBLEMS.get(status, KILLED_SENTENCE))
            _leave(mark)
        self._passed.add(bundle.content_sha256)


def _mark(bundle: Bundle) -> str:
    """Name of the empty file that says: this content passed where everything is as here."""
    return sha256(canonical_json([bundle.content_sha256, *scoring_environment("boosted")]))


def _leave(mark: Path | None) -> None:
    """Tell the other processes; where nothing may be written, each tries for itself."""
    if mark is not None:
        with contextlib.suppress(OSError):
            mark.parent.mkdir(parents=True, exist_ok=True)
            mark.touch()


def _try_in_child(bundle: Bundle, booster: bytes) -> int:
    """Exit status of a process that loads the booster; negative where a signal ended it."""
    rows = [row.model_dump() for row in bundle.manifest.golden_rows]
    stored: dict[str, Any] = {"estimator": bundle.estimator, "golden_rows": rows}
    try:
        return subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-P", "-c", _START, *sys.path],
            input=json.dumps(stored).encode() + b"\n" + booster,
            env={**os.environ, **_ONE_THREAD},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
        ).returncode
    except subprocess.TimeoutExpired:
        return -1
