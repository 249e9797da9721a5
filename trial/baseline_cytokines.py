"""Cytokines before treatment, by arm, with values below a limit counted as what they are."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis.standardised_difference import standardised_mean_difference
from analysis.summary import quartiles
from data.analytes import AnalyteTable
from data.cohort import ARMS, Arm, Patient
from data.measurement import Measurement
from trial.not_computed import NotComputed, computed


@dataclass(frozen=True, slots=True)
class Quartile:
    """A quartile [the analyte's unit].

    Attributes
    ----------
    bound
        ``<`` where it rests on a value below its limit, so that it lies at or below `value`; ``>``
        in the same way; else ``none``.
    """

    value: float
    bound: str


@dataclass(frozen=True, slots=True)
class CytokineSummary:
    """One analyte in one arm; `quartiles` are lower, median, upper, None without patients."""

    n: int
    missing: int
    n_below: int
    n_above: int
    quartiles: tuple[Quartile, Quartile, Quartile] | None


@dataclass(frozen=True, slots=True)
class CytokineVariable:
    """An analyte at baseline.

    Attributes
    ----------
    platform
        Its assay, where more than one was used; they are never pooled.
    standardised_difference
        MSC less control, of logarithms with values below a limit at limit/sqrt(2), or of the
        numbers themselves for analytes that hold no concentrations.
    """

    analyte: str
    unit: str
    platform: str | None
    arms: Mapping[Arm, CytokineSummary]
    standardised_difference: float | NotComputed


def baseline_cytokines(
    patients: Sequence[Patient], analytes: AnalyteTable
) -> tuple[CytokineVariable, ...]:
    """Each analyte measured at month 0 or before: of each patient the last result there is."""
    found = {p.patient_id: _last_results(p) for p in patients}
    kinds = dict.fromkeys((m.analyte, m.platform) for results in found.values() for m in results)
    names = [analyte for analyte, _ in kinds]
    return tuple(
        _variable(
            patients,
            {
                i: one
                for i, results in found.items()
                for one in results
                if (one.analyte, one.platform) == kind
            },
            platform=kind[1] if names.count(kind[0]) > 1 else None,
            is_log=(known := analytes.find(kind[0])) is None or known.scale != "as_is",
        )
        for kind in kinds
    )


def _last_results(patient: Patient) -> list[Measurement]:
    """The last result of each analyte at month 0 or before."""
    last: dict[str, Measurement] = {}
    for panel in sorted(patient.panels, key=lambda panel: panel.month):
        if panel.month <= 0:
            reported = (m for m in panel.measurements if "not_reported" not in m.flags)
            last |= {measurement.analyte: measurement for measurement in reported}
    return list(last.values())


def _variable(
    patients: Sequence[Patient],
    results: Mapping[str, Measurement],
    *,
    platform: str | None,
    is_log: bool,
) -> CytokineVariable:
    one = next(iter(results.values()))
    of_arm = {arm: [results.get(p.patient_id) for p in patients if p.arm == arm] for arm in ARMS}
    present = {arm: [m for m in of_arm[arm] if m is not None] for arm in ARMS}
    scaled = {arm: [_scaled(m, is_log=is_log) for m in present[arm]] for arm in ARMS}
    return CytokineVariable(
        one.analyte,
        one.unit,
        platform,
        {arm: _summary(present[arm], of_arm[arm].count(None)) for arm in ARMS},
        computed(lambda: standardised_mean_difference(scaled["msc"], scaled["control"])),
    )


def _summary(results: list[Measurement], missing: int) -> CytokineSummary:
    below, above = (sum(m.comparator == sign for m in results) for sign in ("<", ">"))
    return CytokineSummary(len(results), missing, below, above, _quartiles(results))


def _quartiles(results: list[Measurement]) -> tuple[Quartile, Quartile, Quartile] | None:
    """Quartiles with censored results at their limits; those that rest on one say so."""
    if not results:
        return None
    levels = [_level(m) for m in results]
    # Moved down or up without bound, censored results move exactly the quartiles that rest on them.
    moved = {
        sign: quartiles(
            [far if m.comparator == sign else x for m, x in zip(results, levels, strict=True)]
        )
        for sign, far in (("<", -1e300), (">", 1e300))
    }
    at_limit = quartiles(levels)
    bounds = ["<" if moved["<"][i] != q else ">" if moved[">"][i] != q else "none"
              for i, q in enumerate(at_limit)]  # fmt: skip
    lower, median, upper = map(Quartile, at_limit, bounds)
    return lower, median, upper


def _level(measured: Measurement) -> float:
    """Its value, or the limit that it lies beyond."""
    level = measured.value if measured.limit is None else measured.limit
    return math.nan if level is None else level


def _scaled(measured: Measurement, *, is_log: bool) -> float:
    if not is_log:
        return _level(measured)
    below = math.log(2) / 2 if measured.comparator == "<" else 0.0
    return math.log(_level(measured)) - below
