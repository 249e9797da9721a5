"""The part of the efficacy page about responders: how many there are, and the tests."""

from collections.abc import Iterator, Mapping
from typing import Final

from analysis.estimate import Estimate
from charts.report import Block, Notice, Prose
from charts.table import Cell, Column, Table
from data.cohort import ARMS, Arm
from data.outcome import ResponderDefinition
from trial.efficacy import EfficacyResults
from trial.not_computed import NotComputed
from trial.pages.deaths import death_blocks
from trial.pages.judged_patients import judged_blocks
from trial.responder_test import Responders, ResponderTest
from trial.responders import DeathIsNoResponse, ResponderCount, StatedOutcomes
from trial.study import Study

_TESTS: Final = {"chi_square": "chi-square", "fisher": "Fisher"}


def responder_blocks(results: EfficacyResults, study: Study) -> Iterator[Block]:
    """Lay out the responders."""
    yield Prose(
        "A responder's slope improved by at least the percentage over the lead-in slope: 100 x"
        " (follow-up - lead-in) / |lead-in|. The denominators are the evaluable patients. p by"
        " the study's rule: chi-square without correction, Fisher's exact test where an expected"
        f" count is below 5. Differences are MSC less control with {100 * study.level:g} %"
        " intervals: exact (unconditional, Chan and Zhang 1999, Biometrics 55:1202; never too"
        " short, each limit alone wrong in at most half of the rest) and Newcombe's (1998, Stat"
        " Med 17:873), which is shorter and covers the level on average. The rows overlap: who"
        " improved by 100 % also improved by 50 %. They are one finding, not several."
    )
    yield Prose(
        "The label is fragile: it divides two slopes of a few visits each, so that measurement"
        " error alone makes responders of controls. The page of robustness says how many."
    )
    yield _counts_table(results)
    for reason in dict.fromkeys(_reasons(results)):
        yield Notice(reason)
    if results.stated is not None:
        yield _stated(results.stated, study)
    yield from death_blocks(results.judged)
    yield from judged_blocks(results)


def _counts_table(results: EfficacyResults) -> Table:
    columns = (
        Column("rule", "Responder"),
        Column("responders_msc", "MSC: k", "integer"),
        Column("evaluable_msc", "n", "integer"),
        Column("share_msc", "share", "percent", 0),
        Column("responders_control", "Control: k", "integer"),
        Column("evaluable_control", "n", "integer"),
        Column("share_control", "share", "percent", 0),
        Column("exact", "Difference (exact interval)", "estimate"),
        Column("newcombe", "Difference (Newcombe)", "estimate"),
        Column("test", "Test"),
        Column("p", "p", "p"),
    )
    rows = [row for one in results.responders for row in _rows(one)]
    if (stated := results.stated) is not None:
        name = "as stated in the participants table"
        rows.append({"rule": name} | _counts(stated.arms) | _comparison(stated.comparison))
    note = (
        "k of n evaluable patients. Differences of proportions, -1 to 1; above 0 is for MSC. Death"
        " is no response: death or tracheostomy by that month, n with all who died; shown where it"
        " changes k or n."
    )
    return Table("responders", "Table 3, continued. Responders", columns, tuple(rows), note)


def _rows(one: ResponderCount) -> Iterator[dict[str, Cell]]:
    name = _rule(one.definition)
    yield {"rule": name} | _counts(one.arms) | _comparison(one.comparison)
    other = one.death_is_no_response
    if isinstance(other, DeathIsNoResponse) and other.arms != one.arms:
        counts = _counts(other.arms)
        yield {"rule": f"{name}, death is no response"} | counts | _comparison(other.comparison)


def _rule(definition: ResponderDefinition) -> str:
    measure = "%" if definition.percent is not None else "points/month"
    name = "" if definition.name == "oh2018" else f" ({definition.name})"
    horizon = definition.horizon_months or 0.0
    return f">= {definition.least:g} {measure} by {horizon:g} months{name}"


def _counts(arms: Mapping[Arm, Responders]) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    for arm in ARMS:
        k, n = arms[arm].responders, arms[arm].evaluable
        cells |= {
            f"responders_{arm}": k,
            f"evaluable_{arm}": n,
            f"share_{arm}": k / n if n else None,
        }
    return cells


def _comparison(found: ResponderTest | NotComputed) -> dict[str, Cell]:
    if isinstance(found, NotComputed):
        return {}
    return {
        "exact": found.exact if isinstance(found.exact, Estimate) else None,
        "newcombe": found.newcombe,
        "test": _TESTS[found.test],
        "p": found.p,
    }


def _reasons(results: EfficacyResults) -> Iterator[str]:
    for one in results.responders:
        if isinstance(one.comparison, NotComputed):
            yield one.comparison.not_computed
        elif isinstance(one.comparison.exact, NotComputed):
            yield one.comparison.exact.not_computed


def _stated(stated: StatedOutcomes, study: Study) -> Block:
    return Notice(
        "The participants table states who responded. It says neither by what percentage nor until"
        " when, so every row above is from the ALSFRS-R visits but the last, which counts what is"
        f" stated. Of {stated.both} patients with both, {stated.agreeing} have the same label by"
        f" {_rule(study.definition)}."
    )
