"""Tables of what the mixed model says: means and slopes by arm, coefficients, variances."""

from typing import Final

from charts.table import Cell, Column, Table
from trial.mixed_model import MixedModelResults
from trial.mixed_model_fit import Contrast, EffectTest, Quantity, StructureFit

Row = dict[str, Cell]

_FIXED: Final = {
    "intercept": "mean at month 0 [points]",
    "lead_in": "slope in the lead-in [points/month]",
    "follow_up": "slope in the follow-up [points/month]",
}
_RANDOM: Final = {
    "intercept": "value at month 0 [points]",
    "lead_in": "slope in the lead-in [points/month]",
    "follow_up": "slope in the follow-up [points/month]",
    "slope": "slope throughout [points/month]",
}
TESTED: Final = (
    Column("standard_error", "SE", "number"),
    Column("df", "df", "number", 1),
    Column("t", "t", "number"),
    Column("p", "p", "p"),
)


def means_table(results: MixedModelResults, months: tuple[float, ...]) -> Table:
    """Means, changes and slopes by arm, and their differences."""
    fit = results.headline_fit
    columns = (
        Column("quantity", "Quantity"),
        Column("msc", "MSC (interval)", "estimate"),
        Column("control", "Control (interval)", "estimate"),
        Column("difference", "MSC less control (interval)", "estimate"),
        *TESTED,
    )
    wanted: list[tuple[Quantity, float | None]] = [
        *(("mean", month) for month in (0.0, *months)),
        *(("change", month) for month in months),
        *((slope, None) for slope in ("lead_in_slope", "follow_up_slope", "slope_change")),
    ]
    rows = tuple(_by_arm(fit, quantity, month) for quantity, month in wanted)
    note = (
        "Points of ALSFRS-R, slopes in points/month. SE, df, t and p are of the difference;"
        " above 0 is in favour of MSC. Not corrected for several tests."
    )
    title = "Least-squares means, changes from month 0, and slopes"
    return Table("mixed-model-means", title, columns, rows, note)


def fixed_table(results: MixedModelResults) -> Table:
    """The fixed effects of the headline model."""
    has_arms = len(results.n_patients) > 1
    columns = (
        Column("term", "Term"),
        Column("estimate", "Estimate (interval)", "estimate"),
        *TESTED,
    )
    rows = tuple(
        tested_cells(tested) | {"term": _term(term, has_arms=has_arms)}
        for term, tested in results.headline_fit.fixed.items()
    )
    return Table("mixed-model-fixed", "Fixed effects", columns, rows)


def random_table(results: MixedModelResults) -> Table:
    """Standard deviations and correlations of the headline model."""
    fit = results.headline_fit
    columns = (
        Column("term", "Patients differ in"),
        Column("sd", "SD", "number"),
        Column("variance", "Variance", "number", 3),
        *(
            Column(f"with_{term}", f"Correlation with {_RANDOM[term].split(' [')[0]}", "number")
            for term in fit.random_terms[:-1]
        ),
    )
    rows = [_random_row(fit, number) for number in range(len(fit.random_terms))]
    rows.append(
        {
            "term": "one visit, around the patient's line (residual) [points]",
            "sd": fit.residual_sd,
            "variance": fit.residual_variance,
        }
    )
    return Table("mixed-model-random", "Random effects and residual", columns, tuple(rows))


def _random_row(fit: StructureFit, number: int) -> Row:
    row: Row = {
        "term": _RANDOM[fit.random_terms[number]],
        "sd": float(fit.random_sds[number]),
        "variance": float(fit.random_covariance[number, number]),
    }
    for other in range(number):
        correlation = float(fit.random_correlations[number, other])
        row[f"with_{fit.random_terms[other]}"] = correlation
    return row


def _by_arm(fit: StructureFit, quantity: Quantity, month: float | None) -> Row:
    found = {
        contrast.arm: contrast
        for contrast in fit.contrasts
        if (contrast.quantity, contrast.month) == (quantity, month)
    }
    row: Row = {"quantity": contrast_name(next(iter(found.values())))}
    row |= {arm: one.tested.estimate for arm, one in found.items() if arm is not None}
    if None in found:
        difference = found[None].tested
        row |= tested_cells(difference) | {"difference": difference.estimate}
    return row


def contrast_name(contrast: Contrast) -> str:
    """A quantity in words."""
    return {
        "mean": f"mean at month {contrast.month or 0:g}",
        "change": f"change to month {contrast.month or 0:g}",
        "lead_in_slope": "slope in the lead-in",
        "follow_up_slope": "slope in the follow-up",
        "slope_change": "slope change, follow-up less lead-in",
    }[contrast.quantity]


def _term(term: str, *, has_arms: bool) -> str:
    own = {"arm": "intercept"}.get(term, term.removeprefix("arm:"))
    if not has_arms:
        return _FIXED[own]
    return f"{'MSC less control' if term.startswith('arm') else 'control'}: {_FIXED[own]}"


def tested_cells(tested: EffectTest) -> Row:
    """The cells of `TESTED`, and the estimate."""
    return {
        "estimate": tested.estimate,
        "standard_error": tested.standard_error,
        "df": tested.df,
        "t": tested.t,
        "p": tested.p,
    }
