"""Tables of how the mixed model was fitted: likelihood-ratio tests, other random effects, proof."""

from collections.abc import Iterator, Mapping
from typing import Final

from analysis.piecewise_slopes import RandomStructure
from charts.table import Column, Table
from trial.mixed_model import MixedModelResults
from trial.mixed_model_fit import Contrast, StructureFit
from trial.mixed_model_tests import LikelihoodTest, TestName
from trial.not_computed import NotComputed
from trial.pages.mixed_model_tables import TESTED, Row, contrast_name, tested_cells

STRUCTURES: Final[Mapping[RandomStructure, str]] = {
    "two_slopes": "intercept and two slopes",
    "intercept_slope": "intercept and one slope",
    "intercept": "intercept alone",
}
_TESTS: Final[Mapping[TestName, str]] = {
    "follow_up_by_arm": "slope in the follow-up differs between arms",
    "slopes_by_arm": "slopes in lead-in or follow-up differ between arms",
    "all_arm_terms": "arms differ in any way",
    "curvature": "follow-up bends (square of months, by arm)",
}


def tests_table(results: MixedModelResults) -> Table:
    """Likelihood-ratio tests."""
    columns = (
        Column("hypothesis", "Tested"),
        Column("chi_square", "Chi-square", "number"),
        Column("df", "df", "integer"),
        Column("p", "p", "p"),
        Column("log_likelihood", "Log-likelihood with", "number"),
        Column("log_likelihood_reduced", "and without", "number"),
    )
    rows = tuple(
        _likelihood_row(test)
        for test in results.tests.values()
        if not isinstance(test, NotComputed)
    )
    return Table("mixed-model-tests", "Likelihood-ratio tests", columns, rows)


def _likelihood_row(test: LikelihoodTest) -> Row:
    return {
        "hypothesis": _TESTS[test.name],
        "chi_square": test.test.chi_square,
        "df": test.test.df,
        "p": test.test.p,
        "log_likelihood": test.log_likelihood,
        "log_likelihood_reduced": test.log_likelihood_reduced,
    }


def structures_table(results: MixedModelResults, months: tuple[float, ...]) -> Table:
    """What each choice of random effects says of the same contrasts."""
    columns = (
        Column("structure", "Patients differ in"),
        Column("quantity", "Quantity"),
        Column("estimate", "Estimate (interval)", "estimate"),
        *TESTED,
    )
    rows = tuple(
        tested_cells(contrast.tested)
        | {"structure": STRUCTURES[fit.structure], "quantity": contrast_name(contrast)}
        for fit in _fits(results)
        for contrast in _compared(results, fit, months)
    )
    title = "The same contrasts with each choice of random effects"
    return Table("mixed-model-structures", title, columns, rows)


def convergence_table(results: MixedModelResults) -> Table:
    """The proof that each fit is one."""
    columns = (
        Column("structure", "Patients differ in"),
        Column("headline", "Headline"),
        Column("deviance", "-2 REML log-likelihood", "number"),
        Column("n_variances", "Variances and covariances", "integer"),
        Column("max_gradient", "Largest gradient", "scientific", 0),
        Column("scaled_gradient", "Scaled gradient", "scientific", 0),
        Column("least_curvature", "Least curvature", "scientific", 0),
        Column("n_steps", "Steps", "integer"),
        Column("n_starts", "Starts", "integer"),
        Column("singular", "Singular"),
    )
    rows = tuple(_convergence_row(fit, results.headline) for fit in _fits(results))
    note = (
        "Gradient: of the deviance in the Cholesky factor of the random effects' covariance."
        " Scaled: in units in which its Hessian is 1, so about how many standard errors the"
        " minimum may still be away. Least curvature: smallest eigenvalue of the Hessian over"
        " the largest; not below 0 at a minimum. A singular fit is searched for from three starts."
    )
    return Table("mixed-model-convergence", "Fits and their convergence", columns, rows, note)


def _convergence_row(fit: StructureFit, headline: RandomStructure) -> Row:
    proof = fit.convergence
    return {
        "structure": STRUCTURES[fit.structure],
        "headline": fit.structure == headline,
        "deviance": fit.deviance,
        "n_variances": fit.n_variances,
        "max_gradient": proof.max_gradient,
        "scaled_gradient": proof.scaled_gradient,
        "least_curvature": proof.least_curvature,
        "n_steps": proof.n_steps,
        "n_starts": proof.n_starts,
        "singular": "; ".join(fit.singular) or "no",
    }


def _fits(results: MixedModelResults) -> Iterator[StructureFit]:
    return (fit for fit in results.fits.values() if isinstance(fit, StructureFit))


def _compared(
    results: MixedModelResults, fit: StructureFit, months: tuple[float, ...]
) -> Iterator[Contrast]:
    """Changes, and the slope they follow from, of the difference or else of the one arm."""
    arm = None if len(results.n_patients) > 1 else next(iter(results.n_patients))
    for month in months:
        yield fit.found("mean", arm, month)
        yield fit.found("change", arm, month)
    yield fit.found("slope_change", arm)
