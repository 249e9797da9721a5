"""Figures of the mixed model: its means over time, and its residuals."""

from typing import Final

from charts.chart import Figure
from charts.means_chart import MeanPoint, means_chart
from charts.normal_quantiles_chart import normal_quantiles_chart
from charts.table import Column, Table
from trial.mixed_model import MixedModelResults
from trial.pages.words import ARM_NAMES
from trial.study import Study

_KNOT: Final = (0.0, "first injection (knot)")


def figure_2b(results: MixedModelResults, study: Study) -> Figure:
    """Least-squares means by arm over lead-in and follow-up."""
    drawn = [
        (contrast, contrast.tested)
        for contrast in results.headline_fit.contrasts
        if contrast.quantity == "mean" and contrast.arm is not None
    ]
    means = [
        MeanPoint.with_error(
            str(one.arm), one.month or 0.0, tested.estimate.value, tested.standard_error
        )
        for one, tested in drawn
    ]
    chart = means_chart(
        means,
        title="Least-squares mean ALSFRS-R by arm, lead-in and follow-up",
        x_title="months since the first injection",
        y_title=["least-squares mean ALSFRS-R", "[points], up is better"],
        knot=_KNOT,
    )
    columns = (
        Column("arm", "Arm"),
        Column("month", "Month", "number", 1),
        Column("estimate", "Least-squares mean (interval)", "estimate"),
        Column("standard_error", "SE", "number"),
        Column("df", "df", "number", 1),
    )
    rows = tuple(
        {
            "arm": one.arm,
            "month": one.month,
            "estimate": tested.estimate,
            "standard_error": tested.standard_error,
            "df": tested.df,
        }
        for one, tested in drawn
    )
    n = ", ".join(f"{n} {ARM_NAMES[arm]}" for arm, n in results.n_patients.items())
    return Figure(
        "figure-2b",
        "Figure 2B. ALSFRS-R by the mixed model",
        f"Least-squares means with one standard error on either side, of the lines of {n} patients"
        f" ({results.n_visits} visits; REML). The model's means, not those of the patients seen at"
        f" each visit. Intervals in the table are {100 * study.level:g} %.",
        (chart,),
        Table("ls-means", "Least-squares mean ALSFRS-R [points]", columns, rows),
    )


def residuals_figure(results: MixedModelResults) -> Figure:
    """What the lines leave, by month and beside the normal distribution."""
    found = results.residuals
    over_time = means_chart(
        [
            MeanPoint.with_error(one.arm, one.month, one.mean, one.standard_error or 0.0)
            for one in found.by_month
        ],
        title="Mean residual by arm and month",
        x_title="months since the first injection",
        y_title=["mean residual [residual SDs]", "0 where the lines fit"],
        knot=_KNOT,
        key="by-month",
    )
    ordered = normal_quantiles_chart(
        found.normal_quantiles.tolist(),
        found.quantiles.tolist(),
        title="Residuals beside the normal distribution",
        x_title="normal quantile [SDs]",
        y_title=["residual's quantile", "[SDs of the residuals]"],
        key="normal",
    )
    columns = (
        Column("arm", "Arm"),
        Column("month", "Month", "number", 1),
        Column("n", "n", "integer"),
        Column("mean", "Mean residual [residual SDs]", "number", 3),
        Column("standard_error", "SE", "number", 3),
    )
    rows = tuple(
        {
            "arm": one.arm,
            "month": one.month,
            "n": one.n,
            "mean": one.mean,
            "standard_error": one.standard_error,
        }
        for one in found.by_month
    )
    return Figure(
        "mixed-model-residuals",
        "Residuals of the mixed model",
        f"Each of {found.n} visits less its patient's own predicted line. First: means with one"
        " standard error; a pattern over the months means that the lines should bend. Second:"
        " quantiles beside those of the normal distribution, on the diagonal where residuals are"
        f" normal (skewness {found.skewness:.2f}, excess kurtosis {found.excess_kurtosis:.2f},"
        f" {found.n_beyond_3} beyond 3 SDs).",
        (over_time, ordered),
        Table("mixed-model-residuals", "Mean residual by arm and month", columns, rows),
    )
