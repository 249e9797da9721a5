"""The page of survival: curves, medians, and the arms compared."""

from collections.abc import Iterator
from typing import Final

from analysis.cox import Cox
from charts.chart import Figure
from charts.kaplan_meier_chart import DrawnCurve, kaplan_meier_chart
from charts.look import ARM_COLOURS, ARM_DASHES, ARMS
from charts.report import Block, Notice, Page, Prose
from trial.not_computed import NotComputed
from trial.pages.survival_comparison_tables import effects_table, table_of_tests
from trial.pages.survival_tables import arms_table, curve_table, times_table
from trial.pages.words import ARM_NAMES
from trial.study import Study
from trial.survival import SurvivalResults
from trial.survival_comparison import SurvivalComparison
from trial.survival_of_arm import ArmSurvival

_SMALL: Final = 10
"""Events of an arm below which Cox's Wald interval and the log-rank p are rough (our choice)."""
_NOT_PROPORTIONAL: Final = 0.05
"""P of proportional hazards below which the page says what that does to a hazard ratio."""


def survival_page(results: SurvivalResults | NotComputed, study: Study) -> Page:
    """Lay out survival."""
    if isinstance(results, NotComputed):
        blocks: tuple[Block, ...] = (Notice(results.not_computed),)
    else:
        blocks = tuple(_blocks(results, f"{100 * study.level:g} %"))
    return Page("survival", "Survival", blocks)


def _blocks(results: SurvivalResults, level: str) -> Iterator[Block]:
    yield Prose(
        "Event: death or tracheostomy. Time runs from month 0, the first injection or the"
        " matching visit of a control; a comparison of arms assumes that everybody's month 0 was"
        " set before anything that followed was known. Follow-up that ended without the event is"
        " censored, on the assumption that those lost would have fared like those who remained."
        " Survival of each arm is estimated by Kaplan and Meier's method, and the arms are"
        " compared by the log-rank test, Cox's proportional hazards model and restricted mean"
        " survival. The study reports no difference in long-term survival; beside its test, this"
        " page shows how large a difference the data leave open."
    )
    yield from _unknown(results)
    yield _figure(results, level)
    yield arms_table(results, level)
    yield times_table(results, level)
    if isinstance(results.comparison, NotComputed):
        yield Notice(results.comparison.not_computed)
        yield from _means_alone(results)
    else:
        yield from _comparison(results, results.comparison, level)


def _unknown(results: SurvivalResults) -> Iterator[Block]:
    missing = [arm for arm in results.arms if arm.n_without_time]
    if missing:
        counts = ", ".join(
            f"{arm.n_without_time} of {arm.n_without_time + arm.n_patients} of arm {arm.arm}"
            for arm in missing
        )
        yield Notice(f"No survival time is known of {counts}; they are in no number below.")
    for arm in results.arms:
        if arm.n_events_before(results.tau) == 0:
            until = "" if arm.n_events == 0 else f" before month {results.tau:g}"
            yield Notice(
                f"Nobody of arm {arm.arm} had the event{until}: its curve stays at 100 % so long,"
                " and its standard error and limits say nothing of how certain that is."
            )


def _figure(results: SurvivalResults, level: str) -> Figure:
    chart = kaplan_meier_chart(
        [_drawn(arm) for arm in results.arms],
        title="Survival without tracheostomy by arm, with the number at risk",
        event="Alive without tracheostomy",
        time="Months since the first injection",
    )
    counts = "; ".join(
        f"{ARM_NAMES[arm.arm]} n = {arm.n_patients}, {arm.n_events} events" for arm in results.arms
    )
    caption = (
        f"Kaplan-Meier curves with pointwise {level} log-log bands; upright marks: end of"
        f" follow-up without the event. {counts}. Higher is better."
    )
    return Figure("survival", "Survival by arm", caption, (chart,), curve_table(results))


def _drawn(arm: ArmSurvival) -> DrawnCurve:
    place, limits = ARMS.index(arm.arm), arm.limits[0]
    return DrawnCurve(
        label=ARM_NAMES[arm.arm],
        curve=arm.curve,
        lower=limits.lower,
        upper=limits.upper,
        colour=ARM_COLOURS[place],
        dash=ARM_DASHES[place],
    )


def _comparison(
    results: SurvivalResults, comparison: SurvivalComparison, level: str
) -> Iterator[Block]:
    parts = {
        "Log-rank test": comparison.log_rank,
        "Cox model": comparison.cox,
        "Proportional hazards": comparison.proportional_hazards,
        "Difference of restricted means": comparison.restricted_mean_difference,
    }
    reasons: dict[str, list[str]] = {}
    for name, part in parts.items():
        if isinstance(part, NotComputed):
            reasons.setdefault(part.not_computed, []).append(name)
    for reason, names in reasons.items():
        yield Notice(f"{', '.join(names)}: not computed. {reason}")
    tests, effects = table_of_tests(comparison), effects_table(results, comparison, level)
    yield from _not_proportional(comparison)
    yield from (table for table in (tests, effects) if table.rows)
    if min(arm.n_events for arm in results.arms) < _SMALL:
        yield Notice(
            f"An arm has fewer than {_SMALL} events: intervals and p of this page, which rest on"
            " large samples, are rough, and a difference that matters may go unseen."
        )
    yield Prose(
        "Not shown, because nothing in the tables could support it: survival adjusted for other"
        " treatment, or by whether a patient responded. Responders are known only after months of"
        " follow-up, which they had to survive (immortal time)."
    )


def _not_proportional(comparison: SurvivalComparison) -> Iterator[Notice]:
    found, cox = comparison.proportional_hazards, comparison.cox
    difference = comparison.restricted_mean_difference
    if isinstance(found, NotComputed) or found.overall.p >= _NOT_PROPORTIONAL:
        return
    disagree = (
        " Here the hazard ratio favours one arm and the difference of restricted means the other."
        if isinstance(cox, Cox)
        and not isinstance(difference, NotComputed)
        and (cox.hazard_ratios[0] < 1) != (difference.difference.value > 0)
        else ""
    )
    yield Notice(
        f"The hazards are not proportional (p below {_NOT_PROPORTIONAL:g}, last test). The hazard"
        " ratio is then an average that would change with the length of follow-up, and it may hide"
        " curves that cross. Which arm fares better, and when, is read from the curves and"
        f" restricted means, not from the hazard ratio or the log-rank p.{disagree}"
    )


def _means_alone(results: SurvivalResults) -> Iterator[Block]:
    for arm in results.arms:
        mean = arm.restricted_mean
        if isinstance(mean, NotComputed):
            yield Notice(f"Restricted mean survival: not computed. {mean.not_computed}")
        else:
            yield Prose(
                f"Restricted mean survival of arm {arm.arm} up to month {mean.tau:g}:"
                f" {mean.mean.value:.1f} months ({mean.mean.lower:.1f} to {mean.mean.upper:.1f})."
            )
