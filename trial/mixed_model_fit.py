"""The mixed model with one choice of random effects: what is reported of its fit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from analysis.checks import Vector
from analysis.estimate import Estimate
from analysis.mixed_contrasts import MixedContrasts, mixed_contrasts
from analysis.mixed_model import Convergence, MixedFit, fit_mixed_model
from analysis.piecewise_slopes import FIXED_TERMS, RandomStructure, fixed_columns, random_columns
from data.cohort import ARMS, Arm
from trial.mixed_model_rows import VisitRows

RANDOM_TERMS: Final[Mapping[RandomStructure, tuple[str, ...]]] = {
    "two_slopes": ("intercept", "lead_in", "follow_up"),
    "intercept_slope": ("intercept", "slope"),
    "intercept": ("intercept",),
}
"""What patients differ in."""
Quantity = Literal["mean", "change", "lead_in_slope", "follow_up_slope", "slope_change"]


@dataclass(frozen=True, slots=True)
class EffectTest:
    """A combination of fixed effects and its t test against 0 with Satterthwaite's df."""

    estimate: Estimate
    standard_error: float
    df: float
    t: float
    p: float


@dataclass(frozen=True, slots=True)
class Contrast:
    """What the fixed effects say of an arm, or of the difference between the arms.

    Attributes
    ----------
    quantity
        Least-squares ``mean`` of ALSFRS-R at a month [points], its ``change`` from month 0, a
        slope [points/month], or ``slope_change``, follow-up less lead-in.
    arm
        None for MSC less control.
    month
        None for slopes.
    """

    quantity: Quantity
    arm: Arm | None
    month: float | None
    tested: EffectTest


@dataclass(frozen=True, slots=True)
class StructureFit:
    """A fit by REML.

    Attributes
    ----------
    fixed
        Coefficients by term; those of slopes in points/month, those with ``arm`` MSC less
        control.
    random_terms
        Order of `random_sds` and of both sides of `random_covariance` and
        `random_correlations`; a correlation with a variance of 0 is not a number.
    deviance
        -2 restricted log-likelihood; fits with the same fixed effects may be compared by it.
    n_variances
        Variances and covariances estimated, the residual's among them.
    singular
        Which variances are 0 and which correlations 1; empty where none.
    contrasts
        At month 0, the months reported and every month of a visit.
    """

    structure: RandomStructure
    fixed: Mapping[str, EffectTest]
    random_terms: tuple[str, ...]
    random_sds: Vector
    random_covariance: Vector
    random_correlations: Vector
    residual_sd: float
    residual_variance: float
    deviance: float
    n_variances: int
    convergence: Convergence
    singular: tuple[str, ...]
    contrasts: tuple[Contrast, ...]

    def found(self, quantity: Quantity, arm: Arm | None, month: float | None = None) -> Contrast:
        """The contrast of one quantity, arm and month."""
        wanted = quantity, arm, month
        return next(c for c in self.contrasts if (c.quantity, c.arm, c.month) == wanted)


def fit_rows(
    rows: VisitRows, structure: RandomStructure, *, columns: Vector | None = None, reml: bool = True
) -> MixedFit:
    """Fit the visits, or the same visits with other fixed columns.

    Parameters
    ----------
    columns
        Fixed columns where they are not those of the two lines.
    """
    fixed = rows.fixed() if columns is None else columns
    random = random_columns(rows.month, structure)
    return fit_mixed_model(rows.total, fixed, random, rows.patient, reml=reml)


def report_fit(
    rows: VisitRows, structure: RandomStructure, months: tuple[float, ...], *, level: float
) -> StructureFit:
    """Fit by REML and take what is reported from it.

    Parameters
    ----------
    months
        At which means and differences are estimated; 0 among them.
    """
    fit = fit_rows(rows, structure)
    asked = list(_asked(rows, months))
    contrasts = mixed_contrasts(fit, [row for *_, row in asked], level=level)
    terms = FIXED_TERMS if rows.has_both_arms else tuple(t for t in FIXED_TERMS if "arm" not in t)
    identity = [[float(term == other) for other in terms] for term in terms]
    fixed = mixed_contrasts(fit, identity, level=level)
    return StructureFit(
        structure=structure,
        fixed={term: _tested(fixed, number, rows) for number, term in enumerate(terms)},
        random_terms=RANDOM_TERMS[structure],
        random_sds=fit.random_sds,
        random_covariance=fit.random_covariance,
        random_correlations=fit.random_correlations,
        residual_sd=fit.residual_sd,
        residual_variance=fit.residual_sd**2,
        deviance=fit.deviance,
        n_variances=fit.theta.size + 1,
        convergence=fit.convergence,
        singular=tuple(_singular(fit, RANDOM_TERMS[structure])),
        contrasts=tuple(
            Contrast(quantity, arm, month, _tested(contrasts, number, rows))
            for number, (quantity, arm, month, _) in enumerate(asked)
        ),
    )


def _asked(
    rows: VisitRows, months: tuple[float, ...]
) -> Iterator[tuple[Quantity, Arm | None, float | None, Vector]]:
    """Each contrast with the row that multiplies the coefficients."""
    arms: tuple[Arm | None, ...] = tuple(arm for arm in ARMS if arm in rows.n_patients)
    for arm in (*arms, None) if rows.has_both_arms else arms:
        start, before, after = (_mean(rows, arm, month) for month in (0.0, -1.0, 1.0))
        for month in months:
            yield "mean", arm, month, _mean(rows, arm, month)
        for month in months:
            if month > 0:
                yield "change", arm, month, _mean(rows, arm, month) - start
        yield "lead_in_slope", arm, None, start - before
        yield "follow_up_slope", arm, None, after - start
        yield "slope_change", arm, None, after - start - (start - before)


def _mean(rows: VisitRows, arm: Arm | None, month: float) -> Vector:
    if arm is None:
        return _mean(rows, "msc", month) - _mean(rows, "control", month)
    is_msc = [arm == "msc"] if rows.has_both_arms else None
    row: Vector = fixed_columns([month], is_msc)[0]
    return row


def _tested(contrasts: MixedContrasts, number: int, rows: VisitRows) -> EffectTest:
    value, lower, upper, error, df, t, p = (
        float(of[number])
        for of in (
            contrasts.value,
            contrasts.lower,
            contrasts.upper,
            contrasts.standard_error,
            contrasts.df,
            contrasts.t,
            contrasts.p,
        )
    )
    n_msc, n_control = (rows.n_patients.get(arm, 0) for arm in ARMS)
    method = "satterthwaite_t"
    estimate = Estimate(value, lower, upper, contrasts.level, method, n_msc, n_control)
    return EffectTest(estimate, error, df, t, p)


def _singular(fit: MixedFit, terms: tuple[str, ...]) -> Iterator[str]:
    """Name what is at its bound."""
    yield from (f"variance of {terms[column]} is 0" for column in fit.zero_variances)
    for one, other in fit.perfect_correlations:
        sign = "1" if fit.random_correlations[one, other] > 0 else "-1"
        yield f"correlation of {terms[one]} and {terms[other]} is {sign}"
    if fit.is_singular and not fit.zero_variances and not fit.perfect_correlations:
        rank = fit.minimum.rank
        yield f"the {len(terms)} random effects vary in {rank} directions only"
