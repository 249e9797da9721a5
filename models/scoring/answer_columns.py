"""The columns of a file of predictions, whatever its kind."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.classifier import Classifier
from models.scoring.circumstances import ROW_FLAGS

COLUMNS: Final = (
    "patient_id",
    "score",
    "probability",
    "lower",
    "upper",
    "responder",
    "flags",
    "bundle_id",
    "simulated",
)
"""In this order; a row with faults has blanks from `score` to `flags`."""
FAULT_COLUMNS: Final = ("row", "patient_id", "column", "code", "message")


@dataclass(frozen=True, slots=True)
class Label:
    """What every row says about the classifier that answered it."""

    bundle_id: str
    simulated: bool

    @classmethod
    def of_classifier(cls, classifier: Classifier) -> "Label":
        """The label of a classifier's answers."""
        return cls(classifier.bundle_id, classifier.manifest.simulated)


def flag_texts(flags: NDArray[np.uint16]) -> tuple[NDArray[np.int16], list[str]]:
    """The texts of flags, each once, and which of them each row has.

    Examples
    --------
    >>> flag_texts(np.array([5, 0, 5], dtype=np.uint16))
    (array([1, 0, 1], dtype=int16), ['', 'below_lloq extrapolated'])
    """
    used = np.flatnonzero(np.bincount(flags, minlength=1 << len(ROW_FLAGS)))
    place = np.zeros(1 << len(ROW_FLAGS), dtype=np.int16)
    place[used] = np.arange(len(used))
    texts = [
        " ".join(code for bit, code in enumerate(ROW_FLAGS) if bits >> bit & 1)
        for bits in used.tolist()
    ]
    return place[flags], texts
