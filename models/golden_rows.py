"""Golden rows: simulated rows of features with the answers that a bundle gave when it was made.

An estimator that no longer gives them was not read as it was written, or runs on libraries that
count differently.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from models.estimator import BoostedEstimator, Estimator
from models.scorer import score

TOLERANCE_LINEAR: Final = 1e-9
TOLERANCE_BOOSTED: Final = 1e-6
"""Log-odds; XGBoost adds up in single precision."""

UNREADABLE: Final = (ValueError, KeyError, TypeError, IndexError, ArithmeticError)
"""What comes of parameters that are none of an estimator."""


def replay(estimator: Estimator, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether an estimator still gives the stored answers; without any row it does not.

    Parameters
    ----------
    rows
        Each with `features` (None: missing) and the stored `score`, `lower` and `upper`.

    Raises
    ------
    ValueError, KeyError, TypeError, IndexError, ArithmeticError
        Its parameters or the rows do not fit together.
    """
    if not rows:
        return False
    features = np.array([row["features"] for row in rows], dtype=np.float64)
    stored = np.array([[row[name] for name in ("score", "lower", "upper")] for row in rows])
    with np.errstate(all="ignore"):  # what overflows differs, and is refused for that
        got = score(estimator, features)
        difference = np.abs(np.column_stack([got.score, got.lower, got.upper]) - stored)
    boosted = isinstance(estimator, BoostedEstimator)
    return bool((difference <= (TOLERANCE_BOOSTED if boosted else TOLERANCE_LINEAR)).all())
