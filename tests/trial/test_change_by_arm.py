"""The arms' changes of cytokines compared, where controls have panels, too."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from data.analytes import Analyte, AnalyteTable, study_analytes
from data.cohort import Arm, Cohort, Patient, Provenance
from data.measurement import Measurement
from data.panel import Panel
from data.simulate import simulate_cohort
from trial.biomarkers import BiomarkersResults, analyse_biomarkers
from trial.censored_groups import CensoredGroups, PairCounts
from trial.change_by_arm import AnalyteByArm, changes_by_arm
from trial.not_computed import NotComputed
from trial.study import Study

Levels = tuple[float, float]


def measured(level: float, lloq: float = 0.0) -> Measurement:
    if level < lloq:
        return Measurement("MCP-1", None, "<", lloq, "pg/mL", f"<{lloq}", "a")
    return Measurement("MCP-1", level, "none", None, "pg/mL", str(level), "a")


def study_of(levels: Mapping[Arm, list[Levels]], *, lloq: float = 0.0, month: float = 1.0) -> Study:
    """MCP-1 of each patient at month 0 and at a follow-up."""
    patients = tuple(
        Patient(
            f"{arm}-{i}",
            arm,
            panels=(Panel(0.0, (measured(first, lloq),)), Panel(month, (measured(second, lloq),))),
        )
        for arm, pairs in levels.items()
        for i, (first, second) in enumerate(pairs)
    )
    return Study(Cohort(patients, Provenance(simulated=True)))


def drawn(n_msc: int, n_control: int, seed: int = 1) -> dict[Arm, list[Levels]]:
    """Levels that fall by a quarter with MSC, and wander in controls."""
    rng = np.random.default_rng(seed)

    def arm(n: int, change: float) -> list[Levels]:
        before = rng.normal(6, 0.4, n)
        after = 6 + 0.6 * (before - 6) + change + rng.normal(0, 0.2, n)
        return list(zip(np.exp(before).tolist(), np.exp(after).tolist(), strict=True))

    return {"msc": arm(n_msc, np.log(0.75)), "control": arm(n_control, 0.05)}


def only(study: Study, analyte: str = "MCP-1") -> AnalyteByArm:
    found = changes_by_arm(study)
    assert not isinstance(found, NotComputed)
    return found[0].analytes[analyte]


@pytest.fixture(scope="module")
def logs() -> Mapping[str, tuple[np.ndarray, np.ndarray]]:
    found = {arm: np.log(pairs).T for arm, pairs in drawn(20, 17).items()}
    return {arm: (before, after - before) for arm, (before, after) in found.items()}


@pytest.fixture(scope="module")
def found() -> AnalyteByArm:
    return only(study_of(drawn(20, 17)))


def test_ratio_of_ratios_is_welchs_of_log_ratios(
    found: AnalyteByArm, logs: Mapping[str, tuple[np.ndarray, np.ndarray]]
) -> None:
    wanted = stats.ttest_ind(logs["msc"][1], logs["control"][1], equal_var=False)
    limits = np.exp(wanted.confidence_interval(0.95))
    assert found.ratio is not None
    assert not isinstance(found.welch, NotComputed)
    assert [found.ratio.lower, found.ratio.upper] == pytest.approx(limits, rel=1e-9)
    assert found.welch.p == pytest.approx(wanted.pvalue, rel=1e-9)
    assert found.n_pairs == {"msc": 20, "control": 17}


def test_adjusted_ratio_is_that_of_a_regression_on_log_baseline(
    found: AnalyteByArm, logs: Mapping[str, tuple[np.ndarray, np.ndarray]]
) -> None:
    before, change = (np.concatenate([logs[arm][i] for arm in ("msc", "control")]) for i in (0, 1))
    design = np.c_[np.ones(37), np.arange(37) < 20, before]
    wanted = np.linalg.lstsq(design, change, rcond=None)[0][1]
    assert found.ancova_ratio is not None
    assert found.ancova_ratio.value == pytest.approx(np.exp(wanted), rel=1e-9)


def test_a_change_that_both_arms_share_is_no_effect() -> None:
    levels = drawn(20, 17)
    fallen = {arm: [(a, 0.5 * b) for a, b in pairs] for arm, pairs in levels.items()}
    one, other = only(study_of(levels)), only(study_of(fallen))
    assert one.ratio is not None
    assert other.ratio is not None
    assert other.ratio.value == pytest.approx(one.ratio.value)
    assert other.mean_change["control"] == pytest.approx(one.mean_change["control"] + np.log(0.5))


def test_swapped_arms_turn_the_ratio_over() -> None:
    levels = drawn(20, 17)
    found = only(study_of(levels))
    swapped = only(study_of({"msc": levels["control"], "control": levels["msc"]}))
    for one, other in ((found.ratio, swapped.ratio), (found.ancova_ratio, swapped.ancova_ratio)):
        assert one is not None
        assert other is not None
        assert one.value == pytest.approx(1 / other.value)


@pytest.mark.parametrize("n_control", [0, 1])
def test_fewer_than_two_pairs_of_an_arm_are_not_compared(n_control: int) -> None:
    found = changes_by_arm(study_of(drawn(20, n_control)))
    assert isinstance(found, NotComputed)
    assert "at least two patients of each" in found.not_computed


def test_two_pairs_of_each_arm_are_compared() -> None:
    found = only(study_of(drawn(2, 2)))
    assert found.ratio is not None
    assert found.ancova_ratio is not None
    assert isinstance(found.slope_difference, NotComputed)


def test_a_later_month_is_compared_too() -> None:
    found = changes_by_arm(study_of(drawn(20, 17), month=4.0))
    assert not isinstance(found, NotComputed)
    assert [one.month for one in found] == [4.0]


def test_levels_beyond_a_limit_are_counted_by_arm() -> None:
    levels = drawn(20, 17)
    lloq = 400.0
    found = only(study_of(levels, lloq=lloq)).censoring
    assert isinstance(found, CensoredGroups)
    for arm, counts in zip(levels, (found.first, found.second), strict=True):
        below = np.array(levels[arm], dtype=float) < lloq
        wanted = PairCounts(len(below), int(below.any(axis=1).sum()), int(below.all(axis=1).sum()))
        assert counts == wanted


def test_an_analyte_taken_as_it_is_is_compared_by_differences() -> None:
    score = Analyte("MCP-1", "mcp1", "1", -1e9, 1e9, scale="as_is")
    rest = [one for one in study_analytes().values() if one.name != "MCP-1"]
    levels = drawn(20, 17)
    study = replace(study_of(levels), analytes=AnalyteTable([score, *rest]))
    found = only(study)
    changes = {arm: np.subtract(*np.array(pairs).T[::-1]) for arm, pairs in levels.items()}
    assert (found.scale, found.ratio, found.censoring) == ("raw", None, None)
    assert not isinstance(found.welch, NotComputed)
    wanted = changes["msc"].mean() - changes["control"].mean()
    assert found.welch.difference.value == pytest.approx(wanted)


def test_holm_adjusts_over_the_analytes() -> None:
    cohort = simulate_cohort("published", 64, 1)
    later = tuple(
        replace(p, panels=(p.panels[0], Panel(1.0, q.panels[0].measurements)))
        for p, q in zip(cohort.patients, cohort.patients[1:] + cohort.patients[:1], strict=True)
    )
    results = analyse_biomarkers(Study(replace(cohort, patients=later)))
    assert isinstance(results, BiomarkersResults)
    assert not isinstance(results.changes_by_arm, NotComputed)
    (found,) = results.changes_by_arm
    raw = {name: one.welch.p for name, one in found.analytes.items()}  # type: ignore[union-attr]
    assert min(found.p_holm["welch"].values()) == pytest.approx(min(3 * min(raw.values()), 1))
    assert set(found.p_holm["ancova"]) == set(raw)
