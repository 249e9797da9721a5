"""Cohorts at the edge: each trains with finite numbers, or is refused in one clear sentence.

Everything goes through the command; warnings of the libraries would be errors here.
"""

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.cohort import Cohort, Patient
from data.measurement import Measurement
from data.outcome import define_responder
from data.simulate import simulate_cohort
from data.sources.cohort_folder import write_cohort
from models.registry import Registry

Train = Callable[..., "subprocess.CompletedProcess[str]"]
Change = Callable[[Cohort], Cohort]

COHORT = simulate_cohort("informative", n=64, seed=1)
TREATED = COHORT.of_arm("msc")

QUICK = """
[evaluation]
repeats = 1
bootstrap_linear = 10
bootstrap_boosted = 10
permutations = 1
optimism_bootstrap = 2
[candidates]
families = ["ridge", "elastic_net", "xgboost"]
"""


def of_each(change: Callable[[int, Patient], Patient]) -> Change:
    """A cohort with every patient changed, told their place among all."""
    return lambda cohort: replace(
        cohort, patients=tuple(change(n, patient) for n, patient in enumerate(cohort.patients))
    )


def of_results(change: Callable[[Patient, float, Measurement], Measurement]) -> Change:
    """A cohort with every result changed, told its patient and month."""
    return of_each(
        lambda _, patient: replace(
            patient,
            panels=tuple(
                replace(
                    panel,
                    measurements=tuple(change(patient, panel.month, m) for m in panel.measurements),
                )
                for panel in patient.panels
            ),
        )
    )


def only(*patients: Patient) -> Change:
    return lambda cohort: replace(cohort, patients=patients)


def measured(m: Measurement, value: float | None) -> Measurement:
    raw = "NA" if value is None else repr(value)
    return replace(m, value=value, comparator="none", limit=None, raw=raw)


def below(m: Measurement) -> Measurement:
    return replace(m, value=None, comparator="<", limit=20.0, raw="<20.0")


def responds(patient: Patient) -> bool:
    return bool(patient.outcome(define_responder()).responder)


def stated(n_responders: int) -> Change:
    treated = (replace(p, responder=n < n_responders) for n, p in enumerate(TREATED[:20]))
    return only(*treated)


def at_sites(name: Callable[[int, Patient], str | None]) -> Change:
    return of_each(lambda n, patient: replace(patient, site=name(n, patient)))


def twins(cohort: Cohort) -> Cohort:
    first, second, *others = TREATED
    twin = replace(second, panels=first.panels, visits=first.visits)
    return replace(cohort, patients=(first, twin, *others))


def constant_at(*analytes: str) -> Change:
    return of_results(lambda _, __, m: measured(m, 20.0) if m.analyte in analytes else m)


EVERY = ("TNF", "MCP-1", "TGF-b1")
BY_SITE = '[evaluation]\ngroup_by = "site"'
TWO_FOLDS = BY_SITE + "\nouter_folds = 2"

TRAIN: dict[str, tuple[Change, str, str]] = {
    "one analyte all censored": (
        of_results(lambda _, __, m: below(m) if m.analyte == "TNF" else m), "on_treatment", ""),
    "one analyte constant": (constant_at("TNF"), "on_treatment", ""),
    "all but one analyte constant": (constant_at("TNF", "MCP-1"), "on_treatment", ""),
    "one analyte missing": (
        of_results(lambda _, __, m: measured(m, None) if m.analyte == "TNF" else m),
        "on_treatment", ""),
    "one analyte missing after treatment": (
        of_results(lambda _, month, m: measured(m, None) if month > 0 and m.analyte == "TNF"
                   else m), "on_treatment", ""),
    "one analyte seen in one patient": (
        of_results(lambda p, _, m: m if p is TREATED[3] or m.analyte != "TNF"
                   else measured(m, None)), "pretreatment", ""),
    "two patients alike": (twins, "on_treatment", ""),
    "five responders of twenty": (stated(5), "pretreatment", ""),
    "one analyte separates the classes": (
        of_results(lambda p, _, m: measured(m, 900.0 if responds(p) else 30.0)
                   if m.analyte == "TGF-b1" else m), "pretreatment", ""),
    "one result at each end of the range": (
        of_results(lambda p, _, m: measured(m, 500.0 if p is TREATED[0] else 0.001)
                   if m.analyte == "TNF" and p in TREATED[:2] else m), "on_treatment", ""),
    "no follow-up panel needed": (
        of_each(lambda _, p: replace(p, panels=p.panels[:1])), "pretreatment", ""),
    "five sites held out whole": (at_sites(lambda n, _: f"S{n % 5}"), "pretreatment", BY_SITE),
    "sites that leave an inner fold empty": (
        at_sites(lambda n, p: f"{'M' if n < 12 else 'R' if responds(p) else 'N'}{n % 3}"),
        "pretreatment", BY_SITE + "\nouter_folds = 3"),
}  # fmt: skip

REFUSED: dict[str, tuple[Change, str, str, str]] = {
    "one class": (stated(20), "pretreatment", "", "20 responders and 0 non-responders"),
    "fewer of a class than folds": (stated(4), "pretreatment", "", "at least 5 of each"),
    "fewer patients than folds": (only(*TREATED[:3]), "pretreatment", "", "at least 5 of each"),
    "one patient": (only(TREATED[0]), "pretreatment", "", "at least 5 of each"),
    "no patients": (only(), "pretreatment", "", "no patients"),
    "controls only": (of_each(lambda _, p: replace(p, arm="control")), "pretreatment", "",
                      "no patient of arm msc"),
    "nobody with a follow-up panel": (of_each(lambda _, p: replace(p, panels=p.panels[:1])),
                                      "on_treatment", "", "32 panel_missing"),
    "nobody with a panel": (of_each(lambda _, p: replace(p, panels=())), "pretreatment", "",
                            "table has no results"),
    "one visit each": (of_each(lambda _, p: replace(p, visits=p.visits[:1])), "pretreatment", "",
                       "33 too_few_lead_in_visits"),
    "nobody declines": (
        of_each(lambda _, p: replace(p, visits=tuple(replace(v, total=40) for v in p.visits))),
        "pretreatment", "", "33 lead_in_slope_not_negative"),
    "every result censored": (of_results(lambda _, __, m: below(m)), "on_treatment", "",
                              "nothing to learn from"),
    "every result the same": (constant_at(*EVERY), "on_treatment", "", "nothing to learn from"),
    "every result missing": (of_results(lambda _, __, m: measured(m, None)), "on_treatment", "",
                             "panel_missing"),
    "nobody with a site": (at_sites(lambda _, __: None), "pretreatment", BY_SITE, "needs sites"),
    "one site": (at_sites(lambda _, __: "A"), "pretreatment", BY_SITE, "there are 1"),
    "two sites": (at_sites(lambda n, _: "AB"[n % 2]), "pretreatment", TWO_FOLDS,
                  "left with one site"),
    "responders all at one site": (
        at_sites(lambda n, p: "A" if responds(p) else f"B{n % 7}"), "pretreatment", BY_SITE,
        "fewer than two patients of the rarer outcome"),
    "every site of one outcome": (
        at_sites(lambda n, p: f"{responds(p)}{n % 5}"), "pretreatment",
        BY_SITE + "\nouter_folds = 10", "fewer than two folds of whole sites"),
}  # fmt: skip


def run(folder: Path, train_in: Train, change: Change, task: str, settings: str) -> Any:
    """Write the changed cohort and train on it with the settings put over the quick ones."""
    write_cohort(change(COHORT), folder / "cohort")
    text = QUICK.replace("[evaluation]", settings or "[evaluation]")
    (folder / "quick.toml").write_text(text)
    return train_in(folder, "cohort", "--task", task, "--config", "quick.toml", "--json")


def impossible(constant: str) -> float:
    raise AssertionError(f"{constant} stands in a JSON")


def evaluation_of(folder: Path, done: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    """The stored evaluation, read strictly: no NaN and no infinity."""
    bundle = folder / "registry" / "bundles" / json.loads(done.stdout)["bundle_id"]
    for name in ("manifest.json", "estimator.json"):
        json.loads((bundle / name).read_text(), parse_constant=impossible)
    text = (bundle / "evaluation.json").read_text()
    evaluation: dict[str, Any] = json.loads(text, parse_constant=impossible)
    return evaluation


@pytest.mark.parametrize("case", TRAIN)
def test_a_cohort_at_the_edge_trains_with_finite_numbers(
    case: str, tmp_path: Path, train_in: Train
) -> None:
    done = run(tmp_path, train_in, *TRAIN[case])
    assert (done.returncode, done.stderr) == (0, "")
    auc = evaluation_of(tmp_path, done)["auc"]
    assert 0 <= auc["lower"] <= auc["value"] <= auc["upper"] <= 1


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_learnt_from_is_one_sentence(
    case: str, tmp_path: Path, train_in: Train
) -> None:
    change, task, settings, words = REFUSED[case]
    done = run(tmp_path, train_in, change, task, settings)
    assert done.returncode == 1
    sentence = json.loads(done.stdout)["error"]
    assert words in sentence
    assert (done.stderr, "\n" in sentence) == ("", False)
    assert not (tmp_path / "registry").exists()


def test_visits_given_twice_are_a_fault_of_their_row(tmp_path: Path, train_in: Train) -> None:
    write_cohort(COHORT, tmp_path / "cohort")
    visits = tmp_path / "cohort" / "alsfrs_r.csv"
    header, first, *_ = visits.read_text().splitlines()
    visits.write_text(f"{header}\n{first}\n{first}\n")
    done = train_in(tmp_path, "cohort", "--task", "pretreatment")
    assert done.returncode == 1
    assert "alsfrs_r.csv, row 3, column month: one row per patient and month" in done.stderr


def test_an_analyte_that_says_nothing_counts_for_nothing(tmp_path: Path, train_in: Train) -> None:
    settings = '[candidates]\nfamilies = ["ridge"]\n[evaluation]'
    write_cohort(constant_at("TNF")(COHORT), tmp_path / "cohort")
    text = QUICK.split("[candidates]")[0].replace("[evaluation]", settings)
    (tmp_path / "quick.toml").write_text(text)
    arguments = ("cohort", "--task", "pretreatment", "--config", "quick.toml", "--json")
    bundle_id = json.loads(train_in(tmp_path, *arguments).stdout)["bundle_id"]
    bundle = Registry(tmp_path / "registry").read(bundle_id)
    names = [feature.name for feature in bundle.manifest.features]
    coefficients = dict(zip(names, bundle.estimator["coefficients"], strict=True))
    assert coefficients["log_tnf"] == 0
    assert coefficients["log_mcp1"] != 0


AS_IS = """
[table]
path = "table.csv"
outcome = "y"
positive = 1
scale = "as_is"
columns = { "A" = "a", "B" = "b" }
"""


def train_as_is(folder: Path, train_in: Train, first: dict[int, str]) -> Any:
    """Train on forty rows of made-up numbers, some of the first column written over."""
    rng = np.random.default_rng(3)
    rows = [
        f"{first.get(n, repr(float(rng.normal())))},{rng.normal() + n % 2},{n % 2}"
        for n in range(40)
    ]
    (folder / "table.csv").write_text("\n".join(["a,b,y", *rows]))
    (folder / "table.toml").write_text(AS_IS + "simulated = true\n" + QUICK)
    return train_in(folder, "--config", "table.toml", "--json")


@pytest.mark.parametrize(
    "first",
    [
        {0: "1e12", 1: "-1e12"},
        {0: "1e-300"},
        dict.fromkeys(range(40), "1e12"),
        {n: f"{n}e-160" for n in range(40)},
        {n: repr(1e12 - n / 1000) for n in range(40)},
        dict.fromkeys(range(39), "NA"),
    ],
    ids=["far apart", "next to zero", "constant and large", "all next to zero",
         "hardly apart", "one value"],
)  # fmt: skip
def test_extreme_values_taken_as_they_are_train_with_finite_numbers(
    first: dict[int, str], tmp_path: Path, train_in: Train
) -> None:
    done = train_as_is(tmp_path, train_in, first)
    assert (done.returncode, done.stderr) == (0, "")
    assert evaluation_of(tmp_path, done)["n_patients"] == 40


@pytest.mark.parametrize("value", ["1e300", "-1e13", "1e999", "inf", "nan"])
def test_values_beyond_computing_are_a_fault_of_their_cell(
    value: str, tmp_path: Path, train_in: Train
) -> None:
    done = train_as_is(tmp_path, train_in, {4: value})
    assert done.returncode == 1
    (fault,) = json.loads(done.stdout)["faults"]
    assert (fault["file"], fault["row"], fault["column"]) == ("table.csv", 6, "a")
    assert value not in fault["message"]
    assert not (tmp_path / "registry").exists()
