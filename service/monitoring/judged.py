"""Predictions of a bundle, judged or waiting; the judged as arrays, one for each patient.

The last one counts where a patient has several. Erased predictions are nobody's: each counts for
itself, and how many they are is told.
"""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from service.store.monitoring import AnsweredPrediction

Floats = NDArray[np.float64]


@dataclass(slots=True)
class Judged:
    """What is known of one bundle's patients.

    Attributes
    ----------
    task
        Of the bundle.
    by_patient
        Score, probability and outcome by whatever tells patients apart.
    left_out
        Predictions that do not count, by reason: ``repeated`` (a later one of the patient counts),
        ``concurrent`` (made from a panel of the horizon itself).
    n_erased
        Of those that count, how many are of patients unknown.
    n_waiting, total_waiting
        Predictions whose outcome is still to be told, and the sum of their probabilities.
    """

    task: str
    by_patient: dict[tuple[str, str], tuple[float, float, bool]] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    n_erased: int = 0
    n_waiting: int = 0
    total_waiting: float = 0.0

    def add(self, prediction: AnsweredPrediction) -> None:
        """Take in one more, made before those taken in already."""
        if prediction.responder is None:
            self.n_waiting += 1
            self.total_waiting += probability_of(prediction.answer)
            return
        score, probability, lead_months = numbers_of(prediction.answer)
        if lead_months == 0:
            self.left_out["concurrent"] += 1
            return
        patient = prediction.patient_id
        self.n_erased += patient is None
        # A space is in no patient's id.
        whose = prediction.tenant, f" {prediction.prediction_id}" if patient is None else patient
        if whose in self.by_patient:
            self.left_out["repeated"] += 1
        else:
            self.by_patient[whose] = (score, probability, prediction.responder)

    def arrays(self) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Score, probability and who responded, each of shape (n_patients,), the newest last."""
        table = np.array(list(self.by_patient.values()), dtype=np.float64).reshape(-1, 3)[::-1]
        return table[:, 0], table[:, 1], table[:, 2] == 1


def numbers_of(answer: bytes) -> tuple[float, float, float | None]:
    """Score, probability and lead [months] of an answer as it was kept, without parsing it all."""
    lead = _after(answer, b'"lead_months":')
    return (
        float(_after(answer, b'"score":')),
        probability_of(answer),
        None if lead == b"null" else float(lead),
    )


def probability_of(answer: bytes) -> float:
    """The probability in an answer as it was kept.

    Examples
    --------
    >>> probability_of(b'{"score":0.4,"probability":0.6,"probability_interval":{}}')
    0.6
    """
    return float(_after(answer, b'"probability":'))


def _after(answer: bytes, key: bytes) -> bytes:
    """The number behind a key; no text can hold one, for its quotation marks are escaped."""
    begin = answer.index(key) + len(key)
    return answer[begin : answer.index(b",", begin)]
