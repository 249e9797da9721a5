"""The analyses of cytokines on csf33, 33 made-up patients whose numbers R worked out."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.clustered_bootstrap import replicate_aucs
from analysis.estimate import Estimate
from analysis.paired_censored import censored_change
from analysis.rank_sum import RankSum
from data.analytes import Analyte, AnalyteTable, study_analytes
from data.cohort import Cohort, Patient, Provenance
from data.measurement import Measurement
from data.panel import Panel
from data.simulate import simulate_cohort
from trial.before_after import AnalyteChange, BeforeAfter
from trial.biomarkers import BiomarkersResults, analyse_biomarkers
from trial.censored_ratio import CensoredRatio
from trial.co_change import CoChange
from trial.co_change_on_scale import CoChangeOnScale
from trial.good_versus_poor import GoodVersusPoor
from trial.group_comparison import ResponderRoc
from trial.not_computed import NotComputed
from trial.paired_tests import PairedTests
from trial.pre_post_roc import PrePostRoc
from trial.results import plain
from trial.study import Study

Expected = Callable[[str], Any]
REFERENCE = Path(__file__).parents[1] / "reference"
ROWS = list(csv.DictReader((REFERENCE / "data" / "csf33.csv").read_text().splitlines()))
NAMES = {"tnf": "TNF", "mcp1": "MCP-1", "tgfb1": "TGF-b1"}


def measured(analyte: str, value: float, lloq: float = 0.0, platform: str = "a") -> Measurement:
    """What a laboratory with this limit reports."""
    if value < lloq:
        return Measurement(analyte, None, "<", lloq, "pg/mL", f"<{lloq}", platform)
    return Measurement(analyte, value, "none", None, "pg/mL", str(value), platform)


def csf33(lloq: float = 0.0, n: int = 33) -> Study:
    """Panels at month 0 and 0.85, stated outcomes; `lloq` is that of TNF."""
    patients = tuple(
        Patient(
            f"P{row['id']}",
            "msc",
            panels=tuple(
                Panel(
                    month,
                    tuple(
                        measured(name, float(row[f"{key}_{time}"]), lloq if key == "tnf" else 0)
                        for key, name in NAMES.items()
                    ),
                )
                for month, time in ((0.0, "pre"), (0.85, "post"))
            ),
            responder=row["good_responder"] == "1",
        )
        for row in ROWS[:n]
    )
    cohort = Cohort(patients, Provenance(simulated=True))
    return Study(cohort, tables=frozenset({"participants", "cytokines"}))


def analysed(study: Study) -> BiomarkersResults:
    results = analyse_biomarkers(study)
    assert isinstance(results, BiomarkersResults)
    return results


def changes(study: Study, month: float = 1.0) -> dict[str, AnalyteChange]:
    arm = analysed(study).before_after["msc"]
    assert isinstance(arm, BeforeAfter)
    (found,) = (one for one in arm.follow_ups if one.month == month)
    return dict(found.analytes)


def groups(study: Study, place: int = 0) -> GoodVersusPoor:
    found = analysed(study).good_versus_poor
    assert not isinstance(found, NotComputed)
    return found[place]


def of_type(value: Any, kind: type[Any]) -> Any:
    assert isinstance(value, kind), value
    return value


def with_levels(study: Study, change: Callable[[str, float, Measurement], Measurement]) -> Study:
    """Every result replaced: by patient, month and what was measured."""

    def panels(patient: Patient) -> tuple[Panel, ...]:
        return tuple(
            Panel(p.month, tuple(change(patient.patient_id, p.month, m) for m in p.measurements))
            for p in patient.panels
        )

    patients = tuple(replace(p, panels=panels(p)) for p in study.cohort.patients)
    return replace(study, cohort=replace(study.cohort, patients=patients))


@pytest.fixture(scope="module")
def reference() -> dict[str, AnalyteChange]:
    return changes(csf33())


@pytest.mark.parametrize("key", NAMES)
@pytest.mark.parametrize(("scale", "of"), [("log", "csf33_log"), ("raw", "csf33")])
def test_paired_tests_are_those_of_r(
    reference: dict[str, AnalyteChange], expected: Expected, key: str, scale: str, of: str
) -> None:
    r = expected("04_paired_corr")[of][key]
    tests = of_type(getattr(reference[NAMES[key]], scale), PairedTests)
    limits = [tests.t_test.change.lower, tests.t_test.change.upper]
    assert tests.t_test.change.value == pytest.approx(r["mean_diff"], abs=1e-9)
    assert limits == pytest.approx(r["diff_ci95"], abs=1e-9)
    assert (tests.t_test.df, tests.t_test.p) == (r["df"], pytest.approx(r["p"], rel=1e-9))
    exact = r["wilcoxon_exact_p_ties_exactRankTests"]
    assert tests.wilcoxon.p_exact == pytest.approx(exact, rel=1e-9)
    assert tests.effect.d_z.value == pytest.approx(r["cohen_dz"], abs=1e-9)
    assert tests.normality.p == pytest.approx(r["shapiro_p"], rel=1e-9)


@pytest.mark.parametrize("key", NAMES)
def test_summaries_are_those_of_r(
    reference: dict[str, AnalyteChange], expected: Expected, key: str
) -> None:
    r, found = expected("04_paired_corr")["csf33"][key], reference[NAMES[key]]
    for time, summary in (("pre", found.before), ("post", found.after)):
        quartiles = [one.value for one in summary.quartiles or ()]
        wanted = [r[f"{which}_{time}"] for which in ("q1", "median", "q3")]
        assert quartiles == pytest.approx(wanted, abs=1e-9)
        assert (summary.mean, summary.sd) == pytest.approx((r[f"mean_{time}"], r[f"sd_{time}"]))


def test_ratio_is_that_of_geometric_means(reference: dict[str, AnalyteChange]) -> None:
    found = of_type(reference["MCP-1"].log, PairedTests).ratio
    before, after = (
        np.array([float(row[f"mcp1_{time}"]) for row in ROWS]) for time in ("pre", "post")
    )
    wanted = np.exp(np.log(after).mean() - np.log(before).mean())
    assert found.value == pytest.approx(wanted, rel=1e-12)


def test_holm_adjusts_over_the_analytes(expected: Expected) -> None:
    arm = of_type(analysed(csf33()).before_after["msc"], BeforeAfter)
    wanted = expected("04_paired_corr")["csf33_adjusted"]["holm"]
    found = arm.follow_ups[0].p_holm["t_raw"]
    assert found == pytest.approx({NAMES[key]: p for key, p in wanted.items()}, rel=1e-9)


@pytest.mark.parametrize("key", NAMES)
def test_roc_before_and_after_is_clustered_by_patient(
    reference: dict[str, AnalyteChange], expected: Expected, key: str
) -> None:
    r = expected("08_ae_clustered")["pre_post_roc"][key]
    roc = of_type(reference[NAMES[key]].roc, PrePostRoc)
    naive = roc.auc_ignoring_pairs
    assert (roc.family, roc.case, roc.n_patients) == ("pre_vs_post", "after treatment", 33)
    assert roc.auc.value == pytest.approx(r["auc"], abs=1e-12)
    wanted = pytest.approx(r["naive_delong_ci95"], abs=1e-9)
    assert [naive.lower, naive.value, naive.upper] == wanted
    assert roc.auc.upper - roc.auc.lower < naive.upper - naive.lower


def test_band_keeps_both_levels_of_a_patient_together(
    reference: dict[str, AnalyteChange],
) -> None:
    # Resampled areas along the band spread as those of resampled patients do.
    roc = of_type(reference["TNF"].roc, PrePostRoc)
    width = np.trapezoid(np.subtract(roc.band.upper, roc.band.lower), roc.band.specificity)
    found = reference["TNF"]
    before, after = np.array([[p.before.value, p.after.value] for p in found.pairs]).T
    drawn = np.random.default_rng(1).integers(33, size=(500, 33))
    spread = replicate_aucs(before, after, direction=roc.direction, indices=drawn).std()
    assert 2 * spread < width < 12 * spread


@pytest.mark.parametrize("group", ["good", "poor", "all"])
def test_changes_of_both_analytes_correlate_as_in_r(expected: Expected, group: str) -> None:
    r = expected("04_paired_corr")["corr_delta_tgfb1_mcp1"][group]
    found = of_type(groups(csf33()).follow_ups[0].co_change, CoChange).raw
    part = getattr(found, "both" if group == "all" else group)
    assert part.n == r["n"]
    assert part.pearson.r == pytest.approx(r["pearson_r"], abs=1e-9)
    assert [part.pearson.lower, part.pearson.upper] == pytest.approx(r["ci95"], abs=1e-9)
    assert part.pearson.p == pytest.approx(r["p"], rel=1e-9)
    assert part.r_squared.value == pytest.approx(r["pearson_r2"], abs=1e-9)
    assert part.spearman.rho == pytest.approx(r["spearman_rho"], abs=1e-9)


def test_difference_of_correlations_and_interaction_are_those_of_r(expected: Expected) -> None:
    r = expected("04_paired_corr")["corr_delta_tgfb1_mcp1"]
    found = of_type(groups(csf33()).follow_ups[0].co_change, CoChange).raw
    slope = found.interaction.slope_difference
    assert found.difference.z == pytest.approx(r["fisher_z_good_vs_poor"]["z"], abs=1e-9)
    assert found.difference.p == pytest.approx(r["fisher_z_good_vs_poor"]["p"], rel=1e-9)
    assert slope.value == pytest.approx(r["interaction_lm"]["coef"]["dtg:gTRUE"], abs=1e-9)
    assert slope.p == pytest.approx(r["interaction_lm"]["p"]["dtg:gTRUE"], rel=1e-9)


def test_each_groups_line_is_its_own_least_squares(expected: Expected) -> None:
    found = of_type(groups(csf33()).follow_ups[0].co_change, CoChange).raw
    for group, line in (("good", found.good_line), ("poor", found.poor_line)):
        r = expected("04_paired_corr")["corr_delta_tgfb1_mcp1"][group]
        (x, y), (x_end, y_end) = line
        assert (y_end - y) / (x_end - x) == pytest.approx(r["slope"], abs=1e-9)
        assert y - r["slope"] * x == pytest.approx(r["intercept"], abs=1e-7)


def test_groups_at_baseline_are_compared_as_in_r() -> None:
    found = groups(csf33()).baseline["TNF"]
    good, poor = (
        np.log([float(row["tnf_pre"]) for row in ROWS if row["good_responder"] == one])
        for one in ("1", "0")
    )
    wanted = np.exp(good.mean() - poor.mean())
    assert (found.good.n, found.poor.n) == (19, 14)
    assert of_type(found.ratio, Estimate).value == pytest.approx(wanted, rel=1e-12)
    below = (good[:, None] < poor).sum() + (good[:, None] == poor).sum() / 2
    roc = of_type(found.roc, ResponderRoc)
    assert (roc.family, roc.auc.value) == (
        "responder_vs_nonresponder",
        pytest.approx(below / (19 * 14)),
    )
    assert of_type(found.rank_sum, RankSum).statistic == pytest.approx(19 * 14 - below)


def test_without_levels_beyond_a_limit_the_likelihood_agrees(
    reference: dict[str, AnalyteChange],
) -> None:
    for found in reference.values():
        fitted = of_type(found.likelihood, CensoredRatio)
        assert fitted.ratio.value == pytest.approx(of_type(found.log, PairedTests).ratio.value)
        assert found.censoring.matters is False


def test_levels_below_a_limit_are_fitted_without_filling_in() -> None:
    found = changes(csf33(lloq=2.5))["TNF"]
    before, after = (
        np.array([float(row[f"tnf_{time}"]) for row in ROWS]) for time in ("pre", "post")
    )
    wanted = censored_change(
        np.maximum(before, 2.5),
        np.maximum(after, 2.5),
        before_below=before < 2.5,
        after_below=after < 2.5,
    )
    assert found.before.n_below == (before < 2.5).sum()
    assert of_type(found.likelihood, CensoredRatio).fit.change == wanted.change
    assert found.before.quartiles is not None
    assert found.before.quartiles[0].bound == "<"


def test_heavy_censoring_is_said_to_matter() -> None:
    found = changes(csf33(lloq=3.0))["TNF"].censoring
    assert found.matters is True
    assert found.p_substituted is not None
    assert found.p_likelihood is not None
    assert found.p_substituted < 0.05 < found.p_likelihood
    assert "the tests disagree at the 5 % level: it matters" in found.sentence


def test_all_values_censored_says_so_and_leaves_the_rest() -> None:
    study = with_levels(
        csf33(), lambda _, __, m: measured("TNF", 0, 20.0) if m.analyte == "TNF" else m
    )
    found = changes(study)
    assert "All 33 values before are beyond" in found["TNF"].likelihood.not_computed  # type: ignore[union-attr]
    assert found["TNF"].censoring.matters is None
    assert isinstance(found["MCP-1"].likelihood, CensoredRatio)


def test_another_platform_after_treatment_leaves_the_pair_out() -> None:
    def moved(patient_id: str, month: float, found: Measurement) -> Measurement:
        is_moved = patient_id == "P1" and month > 0 and found.analyte == "TNF"
        return replace(found, platform="b") if is_moved else found

    found = changes(with_levels(csf33(), moved))
    assert found["TNF"].left_out == {"two_platforms": 1}
    assert (found["TNF"].n_pairs, found["MCP-1"].n_pairs) == (32, 33)


def test_two_plates_are_counted() -> None:
    study = with_levels(csf33(), lambda _, month, m: replace(m, plate=f"plate-{month}"))
    assert changes(study)["TNF"].n_on_two_plates == 33


def test_later_months_are_found_from_five_pairs_on() -> None:
    study = csf33()
    patients = tuple(
        replace(p, panels=(*p.panels, *(Panel(m, p.panels[1].measurements) for m in months)))
        for p, months in zip(
            study.cohort.patients, [(3.9, 12.0)] * 4 + [(4.2,)] + [()] * 28, strict=True
        )
    )
    later = replace(study, cohort=replace(study.cohort, patients=patients))
    arm = of_type(analysed(later).before_after["msc"], BeforeAfter)
    assert [one.month for one in arm.follow_ups] == [1.0, 4.0]
    assert arm.follow_ups[1].analytes["TNF"].months_after == (3.9, 3.9, 4.2)


def test_panels_after_the_horizon_are_not_compared_by_its_outcome() -> None:
    cohort = simulate_cohort("published", 64, 1)
    patients = tuple(
        replace(p, panels=(*p.panels, Panel(6.0, p.panels[-1].measurements)))
        for p in cohort.of_arm("msc")
    )
    study = Study(replace(cohort, patients=patients))
    at_4, at_6 = groups(study), groups(study, 1)
    assert at_4.months_after_horizon == (6.0,)
    assert [one.month for one in at_4.follow_ups] == [1.0]
    assert [one.month for one in at_6.follow_ups] == [1.0, 6.0]


def test_every_month_reported_is_a_horizon() -> None:
    found = analysed(Study(simulate_cohort("published", 64, 1), months=(3.0, 5.0)))
    assert not isinstance(found.good_versus_poor, NotComputed)
    horizons = [one.definition.horizon_months for one in found.good_versus_poor if one.definition]
    assert horizons == [3.0, 4.0, 5.0]


def test_results_are_json_and_the_same_for_the_same_seed() -> None:
    study = Study(simulate_cohort("informative", 40, 2))
    first, second = (json.dumps(plain(analyse_biomarkers(study)), allow_nan=False) for _ in "ab")
    assert first == second
    assert '"not_computed": "No patient of arm control' in first


def test_an_analyte_taken_as_it_is_has_no_logarithms() -> None:
    score = Analyte("score", "score", "1", -1e9, 1e9, scale="as_is")
    study = with_levels(
        replace(csf33(), analytes=AnalyteTable([*study_analytes().values(), score])),
        lambda _, __, m: (
            replace(m, analyte="score", unit="1", value=1 - (m.value or 0))
            if m.analyte == "TNF"
            else m
        ),
    )
    found = changes(study)["score"]
    assert isinstance(found.log, NotComputed)
    assert not isinstance(found.raw.t_test, NotComputed)
    assert groups(study).baseline["score"].scale == "raw"


@pytest.mark.parametrize("n", [1, 2, 3])
def test_very_few_patients_leave_what_can_be_computed(n: int) -> None:
    found = changes(csf33(n=n))["TNF"]
    assert found.n_pairs == n
    assert isinstance(found.likelihood, NotComputed)
    assert isinstance(found.roc, NotComputed) == (n == 1)


def test_no_result_at_all_is_one_sentence() -> None:
    study = csf33()
    patients = tuple(replace(p, panels=()) for p in study.cohort.patients)
    found = analyse_biomarkers(replace(study, cohort=replace(study.cohort, patients=patients)))
    assert isinstance(found, NotComputed)


def test_the_studys_pair_is_missed_by_name() -> None:
    def panels(patient: Patient) -> tuple[Panel, ...]:
        return tuple(replace(p, measurements=p.measurements[:2]) for p in patient.panels)

    study = csf33()
    patients = tuple(replace(p, panels=panels(p)) for p in study.cohort.patients)
    found = groups(replace(study, cohort=replace(study.cohort, patients=patients)))
    missing = found.follow_ups[0].co_change
    assert isinstance(missing, NotComputed)
    assert "TGF-b1 was not measured" in missing.not_computed


def test_log_and_raw_scale_of_changes_both_stand() -> None:
    found = of_type(groups(csf33()).follow_ups[0].co_change, CoChange)
    assert of_type(found.log, CoChangeOnScale).good.n == found.raw.good.n == 19
    log_ratios = [one.log_ratio for one in found.patients]
    first = float(ROWS[0]["tgfb1_post"]) / float(ROWS[0]["tgfb1_pre"])
    assert log_ratios[0] is not None
    assert log_ratios[0][0] == pytest.approx(np.log(first))
