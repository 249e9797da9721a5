"""The report of a trial: its parts computed one by one, each left standing when another fails."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any, Final

from numpy.linalg import LinAlgError

from analysis.errors import AnalysisError
from charts.report import Block, Notice, Page, Report
from data.cohort import ARMS, cohort_sha256
from data.errors import CohortFault
from trial.biomarkers import analyse_biomarkers
from trial.efficacy import analyse_efficacy
from trial.mixed_model import analyse_mixed_model
from trial.not_computed import NotComputed
from trial.operating_characteristics import OperatingCharacteristics
from trial.pages.biomarkers import biomarkers_page
from trial.pages.efficacy import efficacy_page
from trial.pages.mixed_model import mixed_model_page
from trial.pages.operating_characteristics import operating_characteristics_page
from trial.pages.participants import participants_page
from trial.pages.robustness import robustness_page
from trial.pages.safety import safety_page
from trial.pages.survival import survival_page
from trial.participants import analyse_participants
from trial.results import plain
from trial.robustness import analyse_robustness
from trial.safety import analyse_safety
from trial.study import Study
from trial.survival import analyse_survival

FORMAT: Final = 1
"""Number of the shape of `results.json`."""
_MOST_LISTED: Final = 20
"""Faults that a page names one by one."""


@dataclass(frozen=True, slots=True)
class Part:
    """One page: the table it needs, others that it also uses, its numbers, and their layout."""

    name: str
    title: str
    table: str
    also: tuple[str, ...]
    analyse: Callable[[Study], Any]
    page: Callable[[Any, Study], Page]


PARTS: Final = (
    Part(
        "participants",
        "Participants",
        "participants",
        ("alsfrs_r", "cytokines"),
        analyse_participants,
        participants_page,
    ),
    Part("efficacy", "Efficacy", "alsfrs_r", ("survival",), analyse_efficacy, efficacy_page),
    Part("mixed_model", "Mixed model", "alsfrs_r", (), analyse_mixed_model, mixed_model_page),
    Part(
        "biomarkers",
        "Biomarkers",
        "cytokines",
        ("alsfrs_r", "survival"),
        analyse_biomarkers,
        biomarkers_page,
    ),
    Part("survival", "Survival", "survival", (), analyse_survival, survival_page),
    Part("safety", "Safety", "adverse_events", (), analyse_safety, safety_page),
    Part(
        "robustness", "Robustness", "alsfrs_r", ("survival",), analyse_robustness, robustness_page
    ),
)


@dataclass(frozen=True, slots=True)
class TrialReport:
    """Every number once, and the pages that show them.

    Attributes
    ----------
    results
        What `results.json` holds: plain values, null where a number is not finite.
    """

    results: dict[str, Any]
    report: Report

    def not_computed(self) -> Iterator[str]:
        """Each reason why something could not be computed, once."""
        yield from dict.fromkeys(_reasons(self.results))


def report_steps(study: Study) -> Iterator[tuple[str, Callable[[], tuple[Any, Page]]]]:
    """Each part's title and what computes it; nothing is computed before it is called."""
    for part in PARTS:
        yield part.title, lambda part=part: _results_and_page(part, study)  # type: ignore[misc]


def _results_and_page(part: Part, study: Study) -> tuple[Any, Page]:
    faults = study.left_out_of(part.table)
    used = (part.table, *part.also)
    if part.table in study.tables:
        results = _results(part, study)
    else:
        results = NotComputed(_missing(part.table, faults))
    if isinstance(results, NotComputed):
        page = Page(part.name, part.title, (Notice(results.not_computed),))
    else:
        page = part.page(results, study)
    notices: tuple[Block, ...] = tuple(
        Notice(sentence) for table in used for sentence in _left_out(table, study)
    )
    if "participants" not in used:
        notices += tuple(map(Notice, _of_participants(study)))
    return results, replace(page, blocks=notices + page.blocks)


def _results(part: Part, study: Study) -> Any:
    """What a part gives; a number that no other check stopped leaves the other parts standing."""
    try:
        return part.analyse(study)
    except (AnalysisError, ArithmeticError, LinAlgError) as error:
        return NotComputed(f"This page could not be computed: {error}")


def _missing(table: str, faults: tuple[CohortFault, ...]) -> str:
    if not faults:
        return f"There is no table {table} in the folder, so this page is left out."
    return f"The table {table} cannot be used, so this page is left out."


def _left_out(table: str, study: Study) -> Iterator[str]:
    """Sentences about what of a table is not in the numbers."""
    faults = study.left_out_of(table)
    if faults:
        places = "; ".join(map(_place, faults[:_MOST_LISTED]))
        further = len(faults) - _MOST_LISTED
        more = f"; and {further} more, listed in results.json" if further > 0 else ""
        yield (
            f"Left out of every number below, because of faults in {table}: {places}{more}. "
            "Where a row stands twice, none of its copies is used."
        )


def _of_participants(study: Study) -> Iterator[str]:
    if rows := study.left_out_of("participants"):
        yield (
            f"Participants whose own row has a fault ({_count(rows)}, listed on the page "
            "Participants) are in no number below either."
        )


def _count(faults: Sequence[CohortFault]) -> str:
    return f"{len(faults)} fault{'' if len(faults) == 1 else 's'}"


def _place(fault: CohortFault) -> str:
    row = f" row {fault.row}" if fault.row is not None else ""
    column = f", {fault.column}" if fault.column is not None else ""
    return f"{fault.file}{row}{column} ({fault.message})"


def assemble(study: Study, parts: Sequence[tuple[Any, Page]]) -> TrialReport:
    """Everything of a cohort put together.

    Parameters
    ----------
    parts
        Results and page of each of `PARTS`, in order.
    """
    cohort = study.cohort
    results = {
        "format": FORMAT,
        "csf_responder": version("csf-responder"),
        "simulated": cohort.provenance.simulated,
        "description": cohort.provenance.description,
        "cohort_sha256": cohort_sha256(cohort),
        "months": study.months,
        "definition": study.definition,
        "level": study.level,
        "seed": study.seed,
        "left_out": study.left_out,
        **{part.name: results for part, (results, _) in zip(PARTS, parts, strict=True)},
    }
    pages = tuple(page for _, page in parts)
    report = Report("Trial report", cohort.provenance.simulated, _facts(study), pages)
    return TrialReport(plain(results), report)


def with_simulated_trials(
    made: TrialReport | None, simulated: OperatingCharacteristics
) -> TrialReport:
    """A report with a last page on what its analyses do over many simulated trials.

    Parameters
    ----------
    made
        A cohort's report; None where the simulated trials are all that was asked for.
    """
    page = operating_characteristics_page(simulated)
    name = "operating_characteristics"
    if made is not None:
        report = replace(made.report, pages=(*made.report.pages, page))
        return TrialReport({**made.results, name: plain(simulated)}, report)
    head = {"format": FORMAT, "csf_responder": version("csf-responder"), "simulated": True}
    facts = {"Made by": f"csf-responder {version('csf-responder')}"}
    report = Report("Simulated trials", True, facts, (page,))
    return TrialReport({**head, name: plain(simulated)}, report)


def _facts(study: Study) -> dict[str, str]:
    cohort = study.cohort
    arms = ", ".join(f"{len(cohort.of_arm(arm))} {arm}" for arm in ARMS)
    months = ", ".join(f"{month:g}" for month in study.months)
    definition = study.definition
    least = (
        f"{definition.least:g} %" if definition.percent is not None
        else f"{definition.least:g} points/month"
    )  # fmt: skip
    left_out = f"{_count(study.left_out)}; each is named on its page" if study.left_out else ""
    facts = {
        "Cohort": cohort.provenance.description,
        "Patients": f"{len(cohort.patients)} ({arms})",
        "Visits reported": f"months {months} after the first injection",
        "Responder": f"{definition.name}: ALSFRS-R slope improved by at least {least}, "
        f"horizon {definition.horizon_months:g} months",
        "Intervals": f"{100 * study.level:g} %",
        "Method of": "Oh KW et al. 2018, Ann Neurol 84:361-373",
        "Left out": left_out,
        "Cohort SHA-256": cohort_sha256(cohort),
        "Made by": f"csf-responder {version('csf-responder')}, seed {study.seed}",
    }
    return {name: fact for name, fact in facts.items() if fact}


def _reasons(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if set(value) == {"not_computed"}:
            yield value["not_computed"]
        for one in value.values():
            yield from _reasons(one)
    elif isinstance(value, list):
        for one in value:
            yield from _reasons(one)
