"""A booster's first load, in a process of its own: bytes that kill XGBoost kill that one only.

Estimators without a booster are JSON of bounded size and a few NumPy operations, which can end no
process; they are loaded in place.
"""

import json
import os
import subprocess
import sys
from typing import Any, Final

from models.bundle import Bundle
from models.errors import BundleError
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
    """Remembers, by `content_sha256`, the bundles whose boosters passed in this process."""

    def __init__(self) -> None:
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
        status = _try_in_child(bundle, bundle.booster)
        if status != 0:
            raise BundleError(bundle.bundle_id, _PROBLEMS.get(status, KILLED_SENTENCE))
        self._passed.add(bundle.content_sha256)


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
