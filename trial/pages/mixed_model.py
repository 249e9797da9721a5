"""The page of the mixed model: Figure 2B of the study, and what stands behind it."""

from collections.abc import Iterator

from charts.report import Block, Notice, Page, Prose
from trial.mixed_model import MixedModelResults
from trial.not_computed import NotComputed
from trial.pages.mixed_model_figures import figure_2b, residuals_figure
from trial.pages.mixed_model_fits import (
    STRUCTURES,
    convergence_table,
    structures_table,
    tests_table,
)
from trial.pages.mixed_model_tables import fixed_table, means_table, random_table
from trial.pages.words import ARM_NAMES
from trial.study import Study


def mixed_model_page(results: MixedModelResults | NotComputed, study: Study) -> Page:
    """Lay out the mixed model."""
    if isinstance(results, NotComputed):
        blocks: tuple[Block, ...] = (Notice(results.not_computed),)
    else:
        blocks = tuple(_blocks(results, study))
    return Page("mixed_model", "Mixed model", blocks)


def _blocks(results: MixedModelResults, study: Study) -> Iterator[Block]:
    yield from _model(results)
    yield figure_2b(results, study)
    yield means_table(results, study.months)
    yield from _coefficients(results)
    yield from _tests(results)
    yield residuals_figure(results)
    yield from _structures(results, study)


def _model(results: MixedModelResults) -> Iterator[Block]:
    n = " and ".join(f"{n} {ARM_NAMES[arm]}" for arm, n in results.n_patients.items())
    yield Prose(
        f"All {results.n_visits} ALSFRS-R totals of {n} patients at once, lead-in and follow-up."
        " Each arm has one straight line before and one after the first injection, which meet at"
        " month 0 (the knot); each patient has lines of their own around them (linear mixed"
        " model, Laird and Ware 1982, Biometrics 38:963; restricted maximum likelihood)."
        " Everybody with a visit is in it, also without baseline or later visits: a visit that is"
        " missing is assumed to be missing at random given the visits that are there. Time is the"
        " month of the visit as recorded. Nothing but arm and time is adjusted for."
    )
    if len(results.n_patients) == 1:
        yield Notice("There is one arm, so the model has no terms of the arm and no differences.")
    yield Prose(
        "Intervals and tests by Student's t with Satterthwaite's degrees of freedom (Kuznetsova et"
        " al. 2017, J Stat Softw 82(13)); standard errors take the variances as known. The"
        " difference at a month holds the difference at month 0, which randomisation makes one"
        " of chance; the difference in change does not. One straight line after month 0 makes the"
        " difference in change grow in proportion to time. The study's observed differences (2.98"
        " points at 4 months, 3.38 at 6) do not, so where the follow-up bends (tests below) read"
        " the changes of the page of efficacy before these."
    )
    yield Prose(
        f"Patients differ here in {STRUCTURES[results.headline]}, with any covariance."
        f" {results.headline_reason} The order was fixed beforehand: intercept and two slopes,"
        " then intercept and one slope, then intercept alone. One that cannot be fitted is passed"
        " over, one that is singular is not: with a slope less, tests of slopes reject too often."
        " All are shown at the end of the page."
    )
    yield from _warnings(results)


def _warnings(results: MixedModelResults) -> Iterator[Notice]:
    fit = results.headline_fit
    if fit.singular:
        yield Notice(
            f"The fit is singular: {'; '.join(fit.singular)}. The visits are too few, or too noisy,"
            " to tell all that patients differ in from chance. Estimates stand; standard errors and"
            " degrees of freedom take what is at its bound as known, so p values may be a little"
            " too small, that of the slope change most."
        )
    if results.headline == "intercept":
        yield Notice(
            "With an intercept alone, patients of an arm decline in parallel. Where they do not,"
            " standard errors of slopes and changes are too small."
        )


def _coefficients(results: MixedModelResults) -> Iterator[Block]:
    yield fixed_table(results)
    yield random_table(results)


def _tests(results: MixedModelResults) -> Iterator[Block]:
    yield Prose(
        "Likelihood-ratio tests, refitted by maximum likelihood with the same random effects"
        " (Pinheiro and Bates 2000, section 2.4): the fall of -2 log-likelihood against"
        " chi-square, which holds in large samples; for one coefficient prefer its t test. The"
        " last asks whether one slope after month 0 is enough."
    )
    yield tests_table(results)
    for reason in dict.fromkeys(
        test.not_computed for test in results.tests.values() if isinstance(test, NotComputed)
    ):
        yield Notice(f"Not every test could be computed. {reason}")


def _structures(results: MixedModelResults, study: Study) -> Iterator[Block]:
    yield Prose(
        "The same fixed effects with every choice of random effects. The fewer there are, the"
        " more of the patients' own courses counts as residuals, as if visits of one patient were"
        " independent: intervals of slopes and changes are then mostly too narrow and their"
        " degrees of freedom too many. Fits may be compared by -2 log-likelihood, because their"
        " fixed effects are the same."
    )
    yield structures_table(results, study.months)
    yield convergence_table(results)
    for name, fit in results.fits.items():
        if isinstance(fit, NotComputed):
            yield Notice(f"Random {STRUCTURES[name]}: not fitted. {fit.not_computed}")
