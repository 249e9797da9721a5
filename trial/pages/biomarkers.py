"""The page of cytokines."""

from collections.abc import Iterator

from charts.report import Block, Notice, Page, Prose
from data.cohort import ARMS
from trial.biomarkers import BiomarkersResults
from trial.not_computed import NotComputed
from trial.pages.before_after import before_after_blocks
from trial.pages.change_by_arm import change_by_arm_blocks
from trial.pages.good_versus_poor import good_versus_poor_blocks
from trial.study import Study


def biomarkers_page(results: BiomarkersResults | NotComputed, study: Study) -> Page:
    """Lay out cytokines."""
    if isinstance(results, NotComputed):
        blocks: tuple[Block, ...] = (Notice(results.not_computed),)
    else:
        blocks = tuple(_blocks(results, f"{100 * study.level:g} %", study))
    return Page("biomarkers", "Biomarkers", blocks)


def _blocks(results: BiomarkersResults, level: str, study: Study) -> Iterator[Block]:
    yield Prose(
        "Cytokines in the cerebrospinal fluid of the same patients before and after the injections"
        " (Figure 3 of the study). Before: the last result at month 0 or earlier. After: the result"
        " nearest to month 1, the second injection, at most one month away; and every other whole"
        " month near which at least five patients have one. Concentrations are compared as"
        " logarithms, because they are skewed and assays err in proportion; the study compared the"
        " levels themselves, which stands beside."
    )
    yield Prose(
        "A level below its limit is data: limit/sqrt(2) stands for it where a number is needed"
        " (Hornung and Reed 1990, Appl Occup Environ Hyg 5:46), the limit itself for one above;"
        " two levels beyond the same side of their limits count as no change. What the result"
        " would be without filling anything in is shown beside it."
    )
    missing = [name for name in study.analytes if name not in results.measured["msc"]]
    if missing:
        yield Notice(f"Not measured in treated patients: {', '.join(missing)}.")
    yield from _platforms(results)
    if not isinstance(results.changes_by_arm, NotComputed):
        yield from change_by_arm_blocks(results.changes_by_arm, _mixed(results), level)
    yield from _within_patients(results, level)
    yield from _between_patients(results, level)


def _platforms(results: BiomarkersResults) -> Iterator[Block]:
    for arm, analytes in results.platforms.items():
        for analyte, platforms in analytes.items():
            if len(platforms) > 1:
                counts = ", ".join(f"{name or 'not named'}: {n}" for name, n in platforms.items())
                yield Notice(
                    f"{analyte} was measured on several platforms in arm {arm} ({counts} patients)."
                    " Changes are within patients and platforms and stand; quartiles, ROC curves"
                    " and comparisons of levels below mix platforms, whose levels can differ"
                    " 2.5-fold."
                )


def _mixed(results: BiomarkersResults) -> list[str]:
    """Analytes of which the arms together name several platforms."""
    names: dict[str, set[str]] = {}
    for analytes in results.platforms.values():
        for analyte, platforms in analytes.items():
            names.setdefault(analyte, set()).update(platforms)
    return [analyte for analyte, platforms in names.items() if len(platforms) > 1]


def _within_patients(results: BiomarkersResults, level: str) -> Iterator[Block]:
    if any(not isinstance(arm, NotComputed) for arm in results.before_after.values()):
        yield Notice(
            "The ROC curves of this part tell a specimen after treatment from one before it, in"
            " the same patients (family pre_vs_post). They are NOT a classifier of responders and"
            " say nothing about who responds. Both specimens of a patient are alike, so areas are"
            " clustered by patient. The study's own curves (Figure 3A) are of this kind."
        )
        yield Prose(
            "Nothing here separates treatment from time: a change may be the disease's course, a"
            " second lumbar puncture or the assay's drift. Only controls with levels before and"
            " after, at least two, could tell."
            if isinstance(results.changes_by_arm, NotComputed)
            else "Each arm alone, treated patients first. A change within one arm is no effect of"
            " treatment, and the arms' p values say nothing of their difference: it stands above."
        )
    for arm in ARMS:
        found = results.before_after[arm]
        if isinstance(found, NotComputed):
            yield Notice(found.not_computed)
        else:
            yield from before_after_blocks(found, level)


def _between_patients(results: BiomarkersResults, level: str) -> Iterator[Block]:
    if isinstance(results.good_versus_poor, NotComputed):
        yield Notice(results.good_versus_poor.not_computed)
        return
    yield Prose(
        "Good against poor responders, treated patients only. An analyte alone is compared between"
        " the groups at baseline, at follow-up and in its change; nothing is fitted or chosen, and"
        " no combination is made: a classifier is the business of csf-responder train. A"
        " difference at baseline cannot come from treatment, and the label is coupled to the"
        " lead-in slope (page of robustness)."
    )
    for groups in results.good_versus_poor:
        yield from good_versus_poor_blocks(groups, results.before_after["msc"], level)
