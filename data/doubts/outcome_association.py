"""Whether responders are spread evenly over sites, platforms and plates.

Where they are not, the batch may explain the outcome, and a classifier may learn the batch.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from data.cohort import Patient
from data.errors import CohortFault
from data.evaluable import outcome_of
from data.outcome import ResponderDefinition

ASSOCIATED_P: Final = 0.01
N_PERMUTATIONS: Final = 2000


def associations(
    patients: Sequence[Patient], definition: ResponderDefinition
) -> Iterator[CohortFault]:
    """A warning for each of site, platform and plate that goes with the outcome."""
    outcomes = _outcomes(patients, definition)
    for column, groups in _groups(patients):
        shared = [patient_id for patient_id in groups if patient_id in outcomes]
        if associated([groups[i] for i in shared], [outcomes[i] for i in shared]):
            table = "participants" if column == "site" else "cytokines"
            message = f"responders are not spread evenly over {column}s: it may explain the outcome"
            yield CohortFault(table, None, column, f"{column}_outcome", message)


def associated(groups: Sequence[str], outcomes: Sequence[bool]) -> bool:
    """Whether groups differ in their share of responders by more than chance.

    Chi-square's order of tables with these margins, by 2,000 shuffles with a fixed seed; true
    from p <= .01 on.

    Examples
    --------
    >>> associated(["A"] * 8 + ["B"] * 8, [True] * 8 + [False] * 8)
    True
    """
    names, at = np.unique(np.array(groups, dtype=object).astype(str), return_inverse=True)
    if len(names) < 2 or len(set(outcomes)) < 2:
        return False
    members = (at[:, np.newaxis] == np.arange(len(names))).astype(np.float64)
    sizes = members.sum(axis=0)
    rng = np.random.default_rng(0)
    y = np.array(outcomes, dtype=np.float64)
    shuffled = rng.permuted(np.tile(y, (N_PERMUTATIONS, 1)), axis=1)
    # With the margins fixed, chi-square grows with this sum alone.
    spread = ((shuffled @ members) ** 2 / sizes).sum(axis=1)
    observed = float(((y @ members) ** 2 / sizes).sum())
    as_far = int((spread >= observed * (1 - 1e-12)).sum())
    return (as_far + 1) / (N_PERMUTATIONS + 1) <= ASSOCIATED_P


def _outcomes(patients: Sequence[Patient], definition: ResponderDefinition) -> dict[str, bool]:
    """Outcomes of the patients who can be judged."""
    judged = {patient.patient_id: outcome_of(patient, definition) for patient in patients}
    return {
        patient_id: outcome.responder
        for patient_id, outcome in judged.items()
        if outcome is not None and outcome.responder is not None
    }


def _groups(patients: Sequence[Patient]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Site, and platform and plate of the last baseline panel, of each patient."""
    yield "site", {p.patient_id: p.site for p in patients if p.site}
    last = {p.patient_id: b[-1] for p in patients if (b := [x for x in p.panels if x.month <= 0])}
    for column in ("platform", "plate"):
        names = {
            patient_id: "|".join(sorted({getattr(m, column) or "" for m in panel.measurements}))
            for patient_id, panel in last.items()
        }
        yield column, {patient_id: name for patient_id, name in names.items() if name.strip("|")}
