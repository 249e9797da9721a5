"""Folders from which a trial's report cannot be made whole, and which pages must say so.

Each is a small simulated cohort with something taken away, made constant or made hostile.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from data.cohort import AdverseEvent, Cohort, Patient, Survival
from data.measurement import Measurement
from data.outcome import Visit
from data.simulate import simulate_cohort
from data.sources.cohort_folder import write_cohort

SCRIPT: Final = "<script>alert('csf')</script>"
MARKUP: Final = "\"><img src=x onerror=alert(1)> {{7*7}} ${7*7} </svg> & Grade's"
NOT_ASCII: Final = "D\u00e9faillance \u547c\u5438\u4e0d\u5168 \u202e\U0001f480 \u00c5\u0301"
ALSFRS_R: Final = frozenset({"efficacy", "mixed_model", "robustness"})
OF_ARMS: Final = ALSFRS_R | {"survival", "safety"}
EVERYTHING: Final = OF_ARMS | {"participants", "biomarkers"}


@dataclass(frozen=True, slots=True)
class Case:
    """A folder and what it does to a report.

    Attributes
    ----------
    lacking
        Pages that must say what could not be computed.
    cohort
        Changes the cohort before it is written.
    folder
        Changes the files after that.
    touched
        Pages made from what is changed, besides.
    months
        Visits to report [months].
    """

    name: str
    lacking: frozenset[str]
    cohort: Callable[[Cohort], Cohort] = lambda cohort: cohort
    folder: Callable[[Path], object] = lambda folder: None
    touched: frozenset[str] = frozenset({"participants"})
    months: tuple[float, ...] = (4.0, 6.0)

    def write(self, folder: Path) -> Path:
        """The folder as it is given to the command."""
        cohort = self.cohort(simulate_cohort("published", n=24, seed=1))
        write_cohort(cohort, folder)
        self.folder(folder)
        return folder


def everybody(change: Callable[[Patient], Patient]) -> Callable[[Cohort], Cohort]:
    """The same change to every patient."""
    return lambda cohort: replace(cohort, patients=tuple(map(change, cohort.patients)))


def only(keep: Callable[[Patient], bool]) -> Callable[[Cohort], Cohort]:
    """Some of the patients."""
    return lambda cohort: replace(cohort, patients=tuple(filter(keep, cohort.patients)))


def first(number: int, change: Callable[[Patient], Patient]) -> Callable[[Cohort], Cohort]:
    """A change to the first patients alone."""

    def changed(cohort: Cohort) -> Cohort:
        patients = (*map(change, cohort.patients[:number]), *cohort.patients[number:])
        return replace(cohort, patients=patients)

    return changed


def one_of_each_arm(cohort: Cohort) -> Cohort:
    """One treated patient and one control."""
    return replace(cohort, patients=(cohort.of_arm("msc")[0], cohort.of_arm("control")[0]))


def without(*stems: str) -> Callable[[Path], None]:
    """Tables that are not there."""

    def remove(folder: Path) -> None:
        for stem in stems:
            (folder / f"{stem}.csv").unlink()

    return remove


def edited(stem: str, edit: Callable[[list[str]], list[str]]) -> Callable[[Path], None]:
    """Other lines in a table."""

    def rewrite(folder: Path) -> None:
        path = folder / f"{stem}.csv"
        path.write_text("\n".join(edit(path.read_text().splitlines())) + "\n")

    return rewrite


def visits(keep: Callable[[Visit], bool]) -> Callable[[Patient], Patient]:
    """Some of a patient's visits."""
    return lambda patient: replace(patient, visits=tuple(filter(keep, patient.visits)))


def constant_total(patient: Patient) -> Patient:
    """Nobody declines."""
    return replace(patient, visits=tuple(Visit(visit.month, 40) for visit in patient.visits))


def results(change: Callable[[Measurement], Measurement]) -> Callable[[Patient], Patient]:
    """A change to every result of a patient."""

    def changed(patient: Patient) -> Patient:
        panels = (
            replace(panel, measurements=tuple(map(change, panel.measurements)))
            for panel in patient.panels
        )
        return replace(patient, panels=tuple(panels))

    return changed


def below_limit(measured: Measurement) -> Measurement:
    """Nothing was found."""
    return replace(measured, value=None, comparator="<", limit=10.0, raw="<10")


def same_level(measured: Measurement) -> Measurement:
    """The same level for everybody, before and after."""
    return replace(measured, value=50.0, comparator="none", limit=None, raw="50")


def at_month(month: float) -> Callable[[Patient], Patient]:
    """Death of everybody in one moment."""
    return lambda patient: replace(patient, survival=Survival(month, True))


def censored(patient: Patient) -> Patient:
    """Alive at the last contact."""
    return replace(patient, survival=Survival(12.0, False))


def shifted(patient: Patient) -> Patient:
    """Follow-up at months 2, 3.5, 9 ... instead of the study's."""
    months = {4.0: 3.5, 6.0: 9.0, 5.0: 5.2}
    moved = (Visit(months.get(visit.month, visit.month), visit.total) for visit in patient.visits)
    return replace(patient, visits=tuple(sorted(moved, key=lambda visit: visit.month)))


def terms(*said: str) -> Callable[[Patient], Patient]:
    """Adverse events of these terms for a patient."""
    events = tuple(AdverseEvent(term, 3, serious=True, related=True) for term in said)
    return lambda patient: replace(patient, adverse_events=events)


def covariates(**values: str) -> Callable[[Patient], Patient]:
    """Further columns of a patient."""
    return lambda patient: replace(patient, covariates={**patient.covariates, **values})


def renamed(patient: Patient) -> Patient:
    """An id at the edge of the rules."""
    number = patient.patient_id.removeprefix("SIM-")
    return replace(patient, patient_id=f"{number}{'._-' * 20}x", site=SCRIPT)


def stated(patient: Patient) -> Patient:
    """An outcome as a table states it, where ALSFRS-R may say otherwise."""
    return replace(patient, responder=int(patient.patient_id[-1]) % 3 == 0)


def panels_of(arm: str) -> Callable[[Patient], Patient]:
    """Specimens of one arm alone."""
    return lambda one: one if one.arm == arm else replace(one, panels=())


def no_panel_after(patient: Patient) -> Patient:
    """Specimens before the first injection alone."""
    return replace(patient, panels=tuple(panel for panel in patient.panels if panel.month <= 0))


def no_panel_before(patient: Patient) -> Patient:
    """Specimens after the first injection alone."""
    return replace(patient, panels=tuple(panel for panel in patient.panels if panel.month > 0))


def twice(lines: list[str]) -> list[str]:
    """Every row stands there twice."""
    return [*lines, *lines[1:]]


def ruined(lines: list[str]) -> list[str]:
    """The last column of every row is no number, yes or no."""
    return [lines[0], *(line.rpartition(",")[0] + ",perhaps" for line in lines[1:])]


def cases() -> Iterator[Case]:
    """Every folder."""
    yield from _absent()
    yield from _few()
    yield from _visits()
    yield from _panels()
    yield from _survival()
    yield from _texts()
    yield from _faults()


def _absent() -> Iterator[Case]:
    for stem, pages in {
        "alsfrs_r": ALSFRS_R, "cytokines": {"biomarkers"}, "survival": {"survival"},
        "adverse_events": {"safety"},
    }.items():  # fmt: skip
        yield Case(f"no {stem}", frozenset(pages), folder=without(stem))
    others = ("alsfrs_r", "cytokines", "survival", "adverse_events")
    yield Case("participants only", EVERYTHING, folder=without(*others))
    whole, nobody = ALSFRS_R | {"biomarkers"}, frozenset[str]()
    yield Case("outcomes are stated", nobody, everybody(stated), touched=whole)
    yield Case("outcomes are stated of one", nobody, first(1, stated), touched=whole)
    yield Case("outcomes are stated, no ALSFRS-R", ALSFRS_R, everybody(stated), without("alsfrs_r"))


def _few() -> Iterator[Case]:
    treated, control = (only(lambda one, arm=arm: one.arm == arm) for arm in ("msc", "control"))
    yield Case("treated patients only", OF_ARMS, treated, touched=EVERYTHING)
    yield Case("controls only", EVERYTHING, control)
    yield Case("one patient of each arm", EVERYTHING - {"participants"}, one_of_each_arm)
    yield Case("one patient", EVERYTHING, only(lambda one: one.patient_id == "SIM-001"))
    one = only(lambda one: one.arm == "msc" or one.patient_id == "SIM-002")
    yield Case("one control", frozenset({"efficacy", "robustness"}), one, touched=EVERYTHING)


def _visits() -> Iterator[Case]:
    whole = ALSFRS_R | {"biomarkers"}
    for name, keep in {
        "one visit of a patient": lambda visit: visit.month == 0,
        "no visit of a patient": lambda visit: False,
    }.items():
        yield Case(name, frozenset({"participants"}), first(1, visits(keep)), touched=ALSFRS_R)
    for name, keep in {
        "one visit of everybody": lambda visit: visit.month == 0,
        "no lead-in": lambda visit: visit.month >= 0,
        "no follow-up": lambda visit: visit.month <= 0,
    }.items():
        yield Case(name, ALSFRS_R, everybody(visits(keep)), touched=whole)
    but_0 = everybody(visits(lambda visit: visit.month != 0))
    yield Case("nobody at month 0", frozenset({"efficacy"}), but_0, touched=whole)
    yield Case("nobody declines", ALSFRS_R, everybody(constant_total), touched=whole)
    yield Case(
        "other months",
        frozenset(),
        everybody(shifted),
        touched=whole - {"robustness"},
        months=(3.5, 9.0),
    )
    yield Case(
        "months nobody was seen at", frozenset({"efficacy"}), touched=whole, months=(5.5, 24.0)
    )


def _panels() -> Iterator[Case]:
    for name, change in {
        "nothing above its limit": results(below_limit),
        "one level of everybody": results(same_level),
        "panels of controls only": panels_of("control"),
        "panels at baseline only": no_panel_after,
        "panels after treatment only": no_panel_before,
    }.items():
        yield Case(name, frozenset({"biomarkers"}), everybody(change))


def _survival() -> Iterator[Case]:
    for name, change in {
        "nobody died": censored,
        "everybody died at month 0": at_month(0.0),
        "everybody died in one month": at_month(7.0),
    }.items():
        yield Case(name, frozenset({"survival"}), everybody(change))
    yield Case("no adverse event", frozenset({"safety"}), everybody(terms()))


def _texts() -> Iterator[Case]:
    for name, said in {
        "markup": (SCRIPT, MARKUP, MARKUP.lower()),
        "not ASCII": (NOT_ASCII,),
        "terms of 5,000 letters": ("x" * 5000, "y " * 2500),
        "500 terms": tuple(f"term {number}" for number in range(500)),
    }.items():
        yield Case(name, frozenset(), everybody(terms(*said)), touched=frozenset({"safety"}))
    odd = covariates(note="z" * 20_000, age="1e308", markup=SCRIPT, empty="", sex=MARKUP)
    yield Case("odd covariates", frozenset(), everybody(odd))
    yield Case(
        "odd ids and sites", frozenset(), everybody(renamed), touched=EVERYTHING - {"robustness"}
    )


def _faults() -> Iterator[Case]:
    of = {"alsfrs_r": ALSFRS_R, "cytokines": {"biomarkers"}, "survival": {"survival"}}
    for stem, pages in of.items():
        yield Case(f"everything twice in {stem}", frozenset(pages), folder=edited(stem, twice))
    for stem, pages in (of | {"adverse_events": {"safety"}}).items():
        if stem != "cytokines":
            yield Case(f"no good row in {stem}", frozenset(pages), folder=edited(stem, ruined))
    some = edited("alsfrs_r", lambda lines: [*lines, lines[1], lines[2].replace("SIM", "sim")])
    yield Case("a visit twice, an id changed", ALSFRS_R - {"robustness"}, folder=some)
    header = edited("cytokines", lambda lines: [lines[0].replace("result", "x"), *lines[1:]])
    yield Case("a table without its results", frozenset({"biomarkers"}), folder=header)
