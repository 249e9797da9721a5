"""Find the simulator's constants (`--fit`), or print what the committed ones achieve.

    python scripts/calibrate_simulator.py          the table of published and achieved moments
    python scripts/calibrate_simulator.py --fit    the constants, to be copied into
                                                   data/simulation/alsfrs.py and
                                                   data/simulation/cytokines.py

Needs SciPy and scikit-learn, which the simulator itself does not.
"""

import argparse
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, least_squares
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from data.simulation.alsfrs import COURSE, MONTHS, ArmCourse, TrialCourse, simulate_alsfrs
from data.simulation.cytokines import (
    LINKS,
    LLOQ,
    POPULATION_AUC,
    Levels,
    Link,
    simulate_levels,
)
from data.simulation.moments import MOMENTS, alsfrs_moments
from data.simulation.trial import SimulatedTrial, simulate_trial

FITTED = ("lead_in_decline", "slope_sd", "slope_skew", "correlation", "stable")
LOWER = (0.8, 0.2, 0.05, -0.6, 0.0)
UPPER = (2.2, 1.1, 1.2, 0.7, 0.45)
START = {"msc": (1.65, 0.6, 0.3, 0.1, 0.15), "control": (1.35, 0.8, 0.6, 0.4, 0.03)}
SHARED_LOWER, SHARED_UPPER, SHARED_START = (0.2, 0.3), (0.7, 1.5), (0.4, 1.0)
"""Slowest lead-in decline and lead-in skewness."""

TOLERANCE = {
    "change_4_sd": 0.1,
    "change_6_sd": 0.15,
    "slope_change_4_mean": 0.05,
    "slope_change_6_mean": 0.05,
    "slope_change_4_sd": 0.06,
    "slope_change_6_sd": 0.06,
    "responders_50_4": 0.015,
    "responders_50_6": 0.015,
    "responders_75_4": 0.03,
    "responders_75_6": 0.03,
    "responders_100_4": 0.03,
    "responders_100_6": 0.03,
}
"""What a moment may miss before it weighs as much as another (our choice)."""
SLOPE_CORRELATION, NOT_EVALUABLE = (0.19, 0.15), (0.0, 0.04)
"""Hints: PRO-ACT's correlation of early and later slopes; everyone analysed was evaluable."""


def moments_by_arm(course: TrialCourse, n: int, seed: int) -> dict[str, dict[str, float]]:
    """Moments of `n` patients, half of them in each arm."""
    is_msc = np.arange(n) % 2 == 0
    totals = simulate_alsfrs(is_msc, np.random.default_rng(seed), course=course)
    return {"msc": alsfrs_moments(totals[is_msc]), "control": alsfrs_moments(totals[~is_msc])}


def fit_courses(n: int = 300_000, seed: int = 5) -> TrialCourse:
    """Shape of the trajectories: least squares over the published moments, equal draws."""

    def course_of(x: NDArray[np.float64]) -> TrialCourse:
        half = len(FITTED)
        msc, control = (
            replace(arm, **dict(zip(FITTED, values, strict=True)))
            for arm, values in ((COURSE.msc, x[:half]), (COURSE.control, x[half : 2 * half]))
        )
        return TrialCourse(
            at_published_means(msc, "msc"), at_published_means(control, "control"), *x[2 * half :]
        )

    def misfit(x: NDArray[np.float64]) -> list[float]:
        found = moments_by_arm(course_of(x), n, seed)
        missed = [
            (found[m.arm][m.measure] - m.published) / TOLERANCE[m.measure]
            for m in MOMENTS
            if m.measure in TOLERANCE
        ]
        for arm in found.values():
            missed.append((arm["slope_correlation"] - SLOPE_CORRELATION[0]) / SLOPE_CORRELATION[1])
            missed.append((arm["not_evaluable"] - NOT_EVALUABLE[0]) / NOT_EVALUABLE[1])
        return missed

    fit = least_squares(
        misfit,
        (*START["msc"], *START["control"], *SHARED_START),
        bounds=((*LOWER, *LOWER, *SHARED_LOWER), (*UPPER, *UPPER, *SHARED_UPPER)),
        diff_step=0.03,
        x_scale=0.3,
        max_nfev=16,
    )
    return course_of(np.array([round(float(value), 2) for value in fit.x]))


def published(measure: str, arm: str) -> float:
    """One number of Table 3."""
    return next(m.published for m in MOMENTS if (m.measure, m.arm) == (measure, arm))


def at_published_means(course: ArmCourse, arm: str) -> ArmCourse:
    """The course with the published mean changes as its true ones."""
    return replace(
        course,
        change_4=published("change_4_mean", arm),
        change_6=published("change_6_mean", arm),
    )


def correct_means(course: TrialCourse, *, rounds: int = 3, chunks: int = 20) -> TrialCourse:
    """True mean changes such that the recorded ones are the published, limits included."""
    for _ in range(rounds):
        bias = {
            (arm, month): recorded - published(f"change_{month}_mean", arm)
            for (arm, month), recorded in mean_changes(course, chunks).items()
        }
        msc, control = (
            replace(
                getattr(course, arm),
                change_4=round(getattr(course, arm).change_4 - bias[arm, 4], 4),
                change_6=round(getattr(course, arm).change_6 - bias[arm, 6], 4),
            )
            for arm in ("msc", "control")
        )
        course = replace(course, msc=msc, control=control)
    return course


def mean_changes(
    course: TrialCourse, chunks: int, *, first_seed: int = 1000
) -> dict[tuple[str, int], float]:
    """Mean recorded changes over `chunks` million patients, half in each arm."""
    is_msc = np.arange(1_000_000) % 2 == 0
    sums: dict[tuple[str, int], float] = {}
    for seed in range(chunks):
        totals = simulate_alsfrs(is_msc, np.random.default_rng(first_seed + seed), course=course)
        for arm, kept in (("msc", is_msc), ("control", ~is_msc)):
            for month in (4, 6):
                change = totals[kept, MONTHS.index(month)] - totals[kept, MONTHS.index(0)]
                sums[arm, month] = sums.get((arm, month), 0.0) + float(np.nanmean(change))
    return {key: total / chunks for key, total in sums.items()}


def features(levels: NDArray[np.float64], task: str) -> NDArray[np.float64]:
    """Log levels with `<limit` as limit/sqrt(2); on treatment with their log ratios.

    The balance log TGF-b1 - log MCP-1 and its change are linear in these.
    """
    logs = np.log(np.where(levels < LLOQ, np.array(LLOQ) / np.sqrt(2), levels))
    return (
        logs[:, 0] if task == "pretreatment" else np.hstack([logs[:, 0], logs[:, 1] - logs[:, 0]])
    )


class Population:
    """Two halves of a large population of evaluable MSC patients: to fit, and to judge."""

    def __init__(self, n: int, seed: int) -> None:
        trials = (simulate_trial("null", n, np.random.default_rng(seed + i)) for i in (0, 1))
        self.good = [trial.responder[_evaluable_msc(trial)] for trial in trials]
        self.seed = seed

    def levels(self, link: Link) -> list[Levels]:
        """Levels of both halves under a link, always from the same draws."""
        return [
            simulate_levels(link, good=good, poor=~good, rng=np.random.default_rng(self.seed + i))
            for i, good in enumerate(self.good)
        ]

    def auc(self, link: Link, task: str, *, boosting: bool = False) -> float:
        """AUC in the second half of a model fitted to the first."""
        fitting, judging = (features(levels.read, task) for levels in self.levels(link))
        if boosting:
            trees = HistGradientBoostingClassifier(max_iter=200, random_state=1)
            score = trees.fit(fitting, self.good[0]).decision_function(judging)
        else:
            line = LogisticRegression(C=1e6).fit(fitting, self.good[0])
            score = line.decision_function(judging)
        return float(roc_auc_score(self.good[1], score))


def _evaluable_msc(trial: SimulatedTrial) -> NDArray[np.bool_]:
    return trial.is_msc & trial.evaluable


def fit_link(population: Population) -> Link:
    """The two shifts of `informative` that give `POPULATION_AUC` to a logistic model."""
    link = LINKS["informative"]
    for task, name in (("pretreatment", "baseline_shift"), ("on_treatment", "follow_up_shift")):
        link = replace(link, **{name: _solve(population, link, task, name)})
    return link


def _solve(population: Population, link: Link, task: str, name: str) -> float:
    def missed(shift: float) -> float:
        return population.auc(replace(link, **{name: shift}), task) - POPULATION_AUC[task]

    return round(float(brentq(missed, 0.1, 0.8, xtol=2e-4)), 3)


def print_achieved() -> None:
    """Every published moment beside the simulator's, then hints and AUCs."""
    found = moments_by_arm(COURSE, 4_000_000, 7)
    means = mean_changes(COURSE, 20, first_seed=2000)  # draws that did not make COURSE
    for moment in MOMENTS:
        value = found[moment.arm][moment.measure]
        print(f"{moment.measure:20} {moment.arm:8} {moment.published:7.3f} {value:7.3f}")
    for month in (4, 6):
        gained = means["msc", month] - means["control", month]
        print(f"difference at {month} months: {gained:.4f}")
    for name in ("lead_in_slope_mean", "slope_correlation", "not_evaluable"):
        print(name, {arm: round(found[arm][name], 3) for arm in found})


def print_aucs(population: Population) -> None:
    """Population AUCs of a logistic model and of boosted trees.

    `contrast` is `informative` with no correlation of changes in poor responders.
    """
    contrast = replace(LINKS["informative"], other_correlation=0.0)
    for scenario, link in (*LINKS.items(), ("contrast", contrast)):
        for task in POPULATION_AUC:
            line = population.auc(link, task)
            trees = population.auc(link, task, boosting=True)
            print(f"{scenario:12} {task:13} logistic {line:.4f}  boosted trees {trees:.4f}")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fit", action="store_true", help="find the constants again")
    population = Population(2_000_000, 11)
    if parser.parse_args().fit:
        print(correct_means(fit_courses()))
        print(fit_link(population))
    else:
        print_achieved()
        print_aucs(population)


if __name__ == "__main__":
    main()
