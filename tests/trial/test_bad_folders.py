"""The report from each of `bad_folders.py`: it is made, and says what it lacks."""

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from charts.report import Notice, Page, Report, report_html
from data.analytes import study_analytes
from data.simulate import simulate_cohort
from data.sources.usable_cohort import read_what_can_be_used
from trial.commands import app
from trial.report import PARTS, report_steps
from trial.results import plain
from trial.study import Study


def load(name: str) -> Any:
    """A module beside this one; `tests` is no package."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


bad_folders = load("bad_folders")
CASES = {case.name: case for case in bad_folders.cases()}
WHOLE = ("participants only", "one patient", "nobody declines", "odd covariates")
"""Folders that go through the whole command, with its pictures."""


def pages(study: Study, names: frozenset[str]) -> dict[str, Page]:
    """Some pages of a report; their numbers can be written as JSON."""
    made = {}
    for part, (_, make) in zip(PARTS, report_steps(study), strict=True):
        if part.name in names:
            results, made[part.name] = make()
            json.dumps(plain(results), allow_nan=False)
    return made


def notices(page: Page) -> set[str]:
    """Its sentences about what it lacks."""
    return {block.text for block in page.blocks if isinstance(block, Notice)}


@pytest.fixture(scope="module")
def usual() -> dict[str, set[str]]:
    """What each page says of the cohort as it was before anything was spoilt."""
    study = Study(simulate_cohort("published", n=24, seed=1))
    return {name: notices(page) for name, page in pages(study, bad_folders.EVERYTHING).items()}


def test_no_two_cases_have_one_name_and_every_page_lacks_something_in_some() -> None:
    assert len(CASES) == len(list(bad_folders.cases())) >= 35
    lacking = frozenset[str]().union(*(case.lacking for case in CASES.values()))
    assert lacking == {part.name for part in PARTS} == bad_folders.EVERYTHING


@pytest.mark.parametrize("name", CASES)
def test_pages_are_made_of_any_folder_and_say_what_they_lack(
    tmp_path: Path, usual: dict[str, set[str]], name: str
) -> None:
    case = CASES[name]
    usable = read_what_can_be_used(case.write(tmp_path), study_analytes())
    study = Study(usable.cohort, usable.tables, usable.faults, case.months)
    made = pages(study, case.lacking | case.touched)
    said = {page: notices(made[page]) - usual[page] for page in made}
    assert {page for page in case.lacking if not said[page]} == set()
    html = report_html(Report("Trial report", True, {}, tuple(made.values())), {})
    assert bad_folders.SCRIPT not in html
    sentences = " ".join(sentence for page in said.values() for sentence in page)
    assert not re.search(r"\bnan\b|\binf\b|\bNone\b(?! of)", sentences)


@pytest.mark.parametrize("name", WHOLE)
def test_the_command_makes_a_whole_report_and_ends_well(tmp_path: Path, name: str) -> None:
    folder, out = CASES[name].write(tmp_path / "cohort"), tmp_path / "out"
    done = CliRunner().invoke(app, [str(folder), "--out", str(out), "--json"])
    assert (done.exit_code, done.exception) == (0, None)
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert set(results) >= bad_folders.EVERYTHING
    html = (out / "report.html").read_text(encoding="utf-8")
    assert all(f'id="{part.name}"' in html for part in PARTS)
    assert bad_folders.SCRIPT not in html
    specifications = {
        path.name.removesuffix(".vl.json") for path in (out / "figures").glob("*.json")
    }
    assert {path.stem for path in (out / "figures").glob("*.png")} == specifications
