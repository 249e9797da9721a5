"""How far panels lie from the patients who trained, feature by feature in SDs.

A bundle has no covariance of its features, so this is the largest standardised distance of any
feature, not Mahalanobis': a panel that is odd only in how its levels go together is not seen.
"""

from typing import Any

import numpy as np
from scipy.special import stdtrit

from service.monitoring.comparing import NewPatients
from service.monitoring.hiding import LEAST_SHOWN, shown, shown_part

SHARE = 0.05


def leverage(new: NewPatients) -> dict[str, Any]:
    """How many panels are farther from training's mean than one in twenty would be.

    Each feature's distance is compared with Student's limit for one new patient, divided among the
    features (Bonferroni), so that of patients like those who trained, if their features are
    normal, at most `expected_share` are beyond. Described, not tested: panels share the training
    patients, so they are not beyond independently.
    """
    known = [
        (index, trained)
        for index, feature in enumerate(new.manifest.features)
        if (trained := new.training["features"][feature.name])["sd"]
    ]
    n = new.columns.n_patients
    beyond = np.zeros(n, dtype=np.bool_)
    for index, trained in known:
        reach = 1 - SHARE / (2 * len(known))
        limit = float(stdtrit(trained["n"] - 1, reach)) * (1 + 1 / trained["n"]) ** 0.5
        distance = np.abs(new.features[:, index] - trained["mean"]) / trained["sd"]
        beyond |= np.nan_to_num(distance) > limit
    k = shown_part(int(beyond.sum()), n) if known and n >= LEAST_SHOWN else None
    return {
        "method": "largest_standardised_distance",
        "n": shown(n),
        "k": k,
        "share": None if k is None else k / n,
        "expected_share": SHARE,
    }
