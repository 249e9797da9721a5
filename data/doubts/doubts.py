"""What a reader should know of a cohort that breaks no rule: suspicions and warnings.

A suspicion makes `check` fail, for somebody has to look; training goes on and writes it down.
A warning is for the reader alone. Both come as `CohortFault`, without rows: they are about many.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np

from data.analytes import study_analytes
from data.cohort import Cohort, Patient
from data.doubts.outcome_association import associations
from data.doubts.swapped_panels import swapped_panels
from data.errors import CohortFault
from data.measurement import Measurement
from data.outcome import ResponderDefinition
from data.units import AS_IS

LEAST_RESULTS: Final = 8
FAR_APART: Final = 500.0
"""Times above or below the median of an analyte on its platform (our choice): beyond any assay's
range in SCIENCE's sources, and less than a unit mistaken by 1000."""
FEW_ON_PLATFORM: Final = 10
HEAVY_CENSORING: Final = 0.5


def suspicions(cohort: Cohort) -> list[CohortFault]:
    """What is probably a mistake in the tables: swapped panels, a unit mistaken by 1000."""
    return [*swapped_panels(cohort), *_far_apart(cohort)]


def warnings(cohort: Cohort, definition: ResponderDefinition) -> list[CohortFault]:
    """What weakens conclusions: platforms, plates and sites, censoring, panels that are missing."""
    treated = cohort.of_arm("msc")
    return [
        *_small_platforms(treated),
        *_censored(treated),
        *_plates_of_visits(treated),
        *_without_baseline(treated),
        *_after_horizon(treated, definition.horizon_months),
        *associations(treated, definition),
    ]


def _far_apart(cohort: Cohort) -> Iterator[CohortFault]:
    """Results far from the others of their analyte and platform."""
    logs: dict[tuple[str, str | None], list[float]] = defaultdict(list)
    for measured in _measurements(cohort.patients):
        if measured.value is not None and measured.value > 0 and measured.unit != AS_IS:
            logs[measured.analyte, measured.platform].append(math.log(measured.value))
    for (analyte, _), found in logs.items():
        away = np.abs(np.array(found) - np.median(found))
        far = int((away > math.log(FAR_APART)).sum())
        if len(found) >= LEAST_RESULTS and far and analyte in study_analytes():
            message = (
                f"{far} of {len(found)} results of {analyte} lie {FAR_APART:g} times from "
                "the others: is their unit right?"
            )
            yield _about("cytokines", "result", "far_from_others", message)


def _measurements(patients: Iterable[Patient]) -> Iterator[Measurement]:
    for patient in patients:
        for panel in patient.panels:
            yield from panel.measurements


def _small_platforms(patients: Sequence[Patient]) -> Iterator[CohortFault]:
    used: dict[str, Counter[str]] = defaultdict(Counter)
    for patient in patients:
        measured = {(m.analyte, m.platform or "") for m in _measurements([patient])}
        for analyte, platform in sorted(measured):
            used[analyte][platform] += 1
    for analyte, platforms in used.items():
        few = [n for platform, n in platforms.items() if platform and n < FEW_ON_PLATFORM]
        if few:
            message = f"{analyte} was measured in only {min(few)} treated patients on one platform"
            yield _about("cytokines", "platform", "platform_small", message)


def _censored(patients: Sequence[Patient]) -> Iterator[CohortFault]:
    results: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for patient in patients:
        for panel in patient.panels:
            when = "at baseline" if panel.month <= 0 else "after treatment"
            for measured in panel.measurements:
                results[measured.analyte, when].append(measured.comparator in ("<", ">"))
    for (analyte, when), found in results.items():
        share = sum(found) / len(found)
        if share > HEAVY_CENSORING:
            message = f"{share:.0%} of {len(found)} results of {analyte} {when} are censored"
            yield _about("cytokines", "result", "censored_heavily", message)


def _plates_of_visits(patients: Sequence[Patient]) -> Iterator[CohortFault]:
    """No plate holds panels from before and from after treatment."""
    plates: tuple[set[str], set[str]] = set(), set()
    for patient in patients:
        for panel in patient.panels:
            plates[panel.month > 0].update(m.plate for m in panel.measurements if m.plate)
    if all(plates) and not plates[0] & plates[1]:
        message = "no plate holds panels of before and after treatment: changes may be the plates'"
        yield _about("cytokines", "plate", "plate_is_visit", message)


def _without_baseline(patients: Sequence[Patient]) -> Iterator[CohortFault]:
    n = sum(bool(p.panels) and all(panel.month > 0 for panel in p.panels) for p in patients)
    if n:
        message = f"{n} treated patients have panels after treatment but none before"
        yield _about("cytokines", "month", "baseline_missing", message)


def _after_horizon(patients: Sequence[Patient], horizon: float | None) -> Iterator[CohortFault]:
    """Follow-up panels that are no predictors any more: the outcome is known by then."""
    late = [
        patient
        for patient in patients
        if (after := [x.month for x in patient.panels if x.month > 0])
        and horizon is not None
        and min(after) > horizon
    ]
    if late:
        message = f"{len(late)} treated patients have panels after treatment only past the horizon"
        yield _about("cytokines", "month", "panel_after_horizon", message)


def _about(table: str, column: str, rule: str, message: str) -> CohortFault:
    return CohortFault(table, None, column, rule, message)
