import base64
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from charts.report import policy_of
from data.cohort import Cohort
from models.bundle import read_bundle
from training.report import training_report, write_report
from training.run import Trained
from training.tripod import tripod_items

BUNDLE = "20260102T120000Z-0123456789ab"


@pytest.fixture(scope="module")
def trained(cohort: Cohort, train_quickly: Callable[..., Trained]) -> Trained:
    return train_quickly(cohort, "on_treatment")


@pytest.fixture(scope="module")
def page(trained: Trained) -> str:
    return write_report(trained.manifest, trained.evaluation, BUNDLE)


def test_the_report_needs_no_other_file_and_runs_nothing(page: str) -> None:
    assert not re.search(r"(?:src|href)=\"(?!data:|#)", page)
    assert "<script" not in page
    assert "unsafe" not in policy_of(page)
    assert f'content="{policy_of(page)}"' in page.replace("&#39;", "'")


def test_every_chart_of_the_evaluation_is_in_it(page: str, trained: Trained) -> None:
    report = training_report(trained.manifest, trained.evaluation, BUNDLE)
    names = [figure.name for part in report.pages for figure in part.figures()]
    assert len(names) == len(set(names)) == page.count("<img ")
    assert {"roc", "auc", "calibration", "decision_curve", "sample_size"} <= set(names)


def test_its_numbers_are_those_of_the_evaluation_and_the_card(page: str, trained: Trained) -> None:
    auc = trained.evaluation["auc"]
    shown = f"{auc['value']:.2f} ({auc['lower']:.2f} to {auc['upper']:.2f})"
    assert f">{shown}</td>" in page
    moved = trained.evaluation["stability"]["predictions"]["mean_absolute_difference"]["median"]
    assert f"probability moves by {moved:.2f}" in page
    left_out = trained.evaluation["not_evaluable"]["lead_in_slope_not_negative"]
    assert f'left out: lead in slope not negative</th>\n<td class="number">{left_out}<' in page


def test_it_says_simulated_exploratory_and_which_bundle(page: str) -> None:
    assert "Simulated data: no patient is in this report." in page
    assert "Exploratory: 32 patients" in page
    assert BUNDLE in page
    assert "Not a medical device" in page


def test_every_item_of_tripod_is_answered_or_open(page: str) -> None:
    rows = page.split('id="table-tripod"')[1]
    for item in tripod_items():
        assert f'<th scope="row">{item}</th>' in rows


def test_the_same_run_gives_the_same_report(page: str, trained: Trained) -> None:
    assert write_report(trained.manifest, trained.evaluation, BUNDLE) == page


def test_without_the_plots_extra_the_tables_stand_alone(
    trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    page = write_report(trained.manifest, trained.evaluation, BUNDLE)
    assert "<img " not in page
    assert "plots extra is not installed" in page
    assert 'id="table-roc"' in page


def test_names_from_outside_cannot_become_markup(trained: Trained) -> None:
    hostile = "<img src=x onerror=alert(1)> \\<b\\> `**x**`"
    manifest = trained.manifest.model_copy(
        update={"cohort": trained.manifest.cohort.model_copy(update={"description": hostile})}
    )
    shown = [row for row in trained.evaluation["subgroups"] if row["group"] is not None]
    groups = [{**shown[0], "column": hostile, "group": "<script>alert(1)</script>"}]
    evaluation = {**trained.evaluation, "subgroups": groups, "warnings": [hostile]}
    page = write_report(manifest, evaluation, BUNDLE)
    assert "<script" not in page
    assert "<img src=x" not in page


def test_no_value_or_id_of_a_patient_is_in_its_pictures(page: str, cohort: Cohort) -> None:
    coded = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', page)
    text = "".join(base64.b64decode(one).decode() for one in coded)
    assert len(coded) > 8
    assert not [p.patient_id for p in cohort.patients if p.patient_id in text]
    numbers = set(re.findall(r"(?<![\w.])\d+\.\d+(?![\w.])", text))
    values = {repr(m.value) for p in cohort.of_arm("msc") for one in p.panels
              for m in one.measurements if m.value is not None}  # fmt: skip
    assert not {value for value in numbers & values if len(value) > 5}


def test_a_bundle_holds_its_report_and_refuses_a_changed_one(
    trained: Trained, tmp_path: Path
) -> None:
    folder = tmp_path / trained.write(tmp_path)
    report = (folder / "report.html").read_text()
    assert read_bundle(folder).report == report
    assert folder.name in report
    (folder / "report.html").write_text(report.replace("Exploratory", "Explanatory"))
    with pytest.raises(Exception, match=r"report\.html or its line in digests\.json was changed"):
        read_bundle(folder)


def test_a_stated_outcome_has_no_bar_to_move(trained: Trained) -> None:
    stated = {"name": "relapse", "percent": None, "points": None, "horizon_months": None}
    evaluation = {**trained.evaluation, "definition": stated, "labels": None}
    page = write_report(trained.manifest, evaluation, BUNDLE)
    assert "The table states the outcome" in page
