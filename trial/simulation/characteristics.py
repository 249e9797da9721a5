"""From what was found in many simulated trials to every property of every test."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from data.cohort import ARMS
from trial.simulation.batches import SimulatedTrials
from trial.simulation.characteristic import Characteristic, judged
from trial.simulation.contrasts import CONTRASTS, COURSES, NULL_COURSES, Course, Floats
from trial.simulation.population import mean_and_error, published_difference, published_moment
from trial.study import MONTHS

RATE_MARGIN: Final = 0.05
"""How far a responder rate may be from the published one."""
_PUBLISHED: Final = COURSES.index("published")
_NOISY: Final = "noisy_visits"
_MODEL: Final = ("mixed_model", "covariance", None)


def characteristics(trials: SimulatedTrials, *, level: float) -> tuple[Characteristic, ...]:
    """Every property of every test.

    Parameters
    ----------
    trials
        At least 2.
    level
        Of the intervals in `trials`.
    """
    return (
        *_means(trials),
        *_coverage(trials, level),
        *_type_one_errors(trials, level),
        *_fits(trials),
        *_errors_in_singular_fits(trials, level),
        *_responders(trials),
    )


def _means(trials: SimulatedTrials) -> Iterator[Characteristic]:
    """Estimates against the study's differences; against the population's where it has none."""
    values, errors = mean_and_error(trials.population)
    for number, contrast in enumerate(CONTRASTS):
        target, error = float(values[number]), float(errors[number])
        if contrast.quantity == "change" and contrast.month is not None:
            target, error = published_difference(contrast.month), 0.0
        if contrast.method != "student":  # the same difference as Welch's
            yield judged(
                trials.contrasts[:, _PUBLISHED, number, 0],
                "mean",
                *contrast,
                target=target,
                target_error=error,
            )


def _coverage(trials: SimulatedTrials, level: float) -> Iterator[Characteristic]:
    truth = trials.population.mean(axis=0)
    for number, contrast in enumerate(CONTRASTS):
        estimates = trials.contrasts[:, _PUBLISHED, number]
        held = _held(estimates, float(truth[number]))
        yield judged(held, "coverage", *contrast, target=level, is_nominal=True)


def _type_one_errors(trials: SimulatedTrials, level: float) -> Iterator[Characteristic]:
    for course in NULL_COURSES:
        for number, contrast in enumerate(CONTRASTS):
            rejected = _rejected(trials, course, number)
            yield judged(
                rejected,
                "type_one_error",
                *contrast,
                course=course,
                target=_alpha(level),
                is_nominal=True,
            )


def _errors_in_singular_fits(trials: SimulatedTrials, level: float) -> Iterator[Characteristic]:
    """Type I error where a reader is told that the fit is singular."""
    is_singular = trials.is_singular[:, COURSES.index(_NOISY)] == 1
    for number, contrast in enumerate(CONTRASTS):
        if contrast.method == "mixed_model":
            yield judged(
                np.where(is_singular, _rejected(trials, _NOISY, number), np.nan),
                "type_one_error_if_singular",
                *contrast,
                course=_NOISY,
                target=_alpha(level),
                is_nominal=True,
            )


def _rejected(trials: SimulatedTrials, course: Course, number: int) -> Floats:
    """1 where a test rejects: its interval leaves out 0."""
    rejected: Floats = 1 - _held(trials.contrasts[:, COURSES.index(course), number], 0.0)
    return rejected


def _alpha(level: float) -> float:
    return round(1 - level, 12)


def _held(estimates: Floats, truth: float) -> Floats:
    """1 where an interval holds the truth, 0 where it does not, NaN where there is none."""
    _, lower, upper = estimates.T
    return np.where(np.isnan(lower), np.nan, (lower <= truth) & (truth <= upper))


def _fits(trials: SimulatedTrials) -> Iterator[Characteristic]:
    for course, singular in zip(COURSES, trials.is_singular.T, strict=True):
        yield judged(singular, "singular_fits", *_MODEL, course=course)
        failed = np.isnan(singular).astype(np.float64)
        yield judged(failed, "failed_fits", *_MODEL, course=course)


def _responders(trials: SimulatedTrials) -> Iterator[Characteristic]:
    """Rates of 50 % improvement against the study's."""
    for place, month in enumerate(MONTHS):
        for number, arm in enumerate(ARMS):
            yield judged(
                trials.responder_rates[:, place, number],
                "responders",
                None,
                arm,
                month,
                target=published_moment(f"responders_50_{month:g}", arm),
                margin=RATE_MARGIN,
            )
