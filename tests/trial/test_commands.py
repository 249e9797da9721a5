import json
import shutil
import sys
from pathlib import Path

import pytest

from csf_responder import main

REFERENCE = Path(__file__).parents[2] / "data" / "reference"


@pytest.fixture
def run(monkeypatch, capsys):
    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr("csf_responder._on_signals", lambda command: None)
        monkeypatch.setattr(sys, "argv", ["csf-responder", "trial", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """The reference cohort without what takes long."""
    folder = tmp_path_factory.mktemp("small") / "cohort"
    shutil.copytree(REFERENCE, folder)
    (folder / "cytokines.csv").unlink()
    (folder / "alsfrs_r.csv").unlink()
    return folder


def test_a_folder_becomes_a_report_its_numbers_and_its_files(run, tmp_path: Path) -> None:
    code, said, _ = run(REFERENCE, "--out", tmp_path / "out")
    assert code == 0
    assert said.startswith("SIMULATED DATA.")
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert results["efficacy"]["changes"][0]["comparison"]["welch"]["difference"]["n_cases"] == 33
    figures = {path.suffix for path in (tmp_path / "out" / "figures").iterdir()}
    assert figures == {".svg", ".png", ".json"}
    page = (tmp_path / "out" / "report.html").read_text()
    pictures = list((tmp_path / "out" / "figures").glob("*.svg"))
    assert page.count("data:image/svg+xml") == len(pictures) > 20


def test_the_answer_as_json_is_one_object(run, small: Path, tmp_path: Path) -> None:
    code, said, err = run(small, "--out", tmp_path / "out", "--json")
    answer = json.loads(said)
    assert (code, err) == (0, "")
    assert Path(answer["report"]).exists()
    assert any("no table alsfrs_r" in reason for reason in answer["not_computed"])


def test_a_report_is_replaced_by_the_next(run, small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for seed in (1, 2):
        assert run(small, "--out", out, "--seed", seed)[0] == 0
    assert json.loads((out / "results.json").read_text())["seed"] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_with_other_files_is_left_alone(run, small: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    code, _, err = run(small, "--out", tmp_path)
    assert code == 1
    assert "other files" in err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_cohort_is_never_replaced_by_its_report(run, small: Path, tmp_path: Path) -> None:
    tables = tmp_path / "study" / "tables"
    shutil.copytree(small, tables)
    for out in (tmp_path / "study", tables, tmp_path):
        code, _, err = run(tables, "--out", out)
        assert code == 1
        assert "holds the cohort" in err
    assert (tables / "participants.csv").exists()


@pytest.mark.parametrize("foreign", ["notes.txt", "figures/raw.csv", "tables/participants.csv"])
def test_what_somebody_puts_into_a_report_is_not_lost(
    run, small: Path, tmp_path: Path, foreign: str
) -> None:
    out = tmp_path / "out"
    assert run(small, "--out", out)[0] == 0
    (out / foreign).write_text("mine")
    assert run(small, "--out", out)[0] == 1
    assert (out / foreign).read_text() == "mine"


def test_a_folder_of_the_same_names_is_no_report(run, small: Path, tmp_path: Path) -> None:
    (tmp_path / "out" / "tables").mkdir(parents=True)
    (tmp_path / "out" / "tables" / "mine.csv").write_text("mine")
    assert run(small, "--out", tmp_path / "out")[0] == 1
    assert (tmp_path / "out" / "tables" / "mine.csv").exists()


def test_a_link_to_a_folder_is_followed(run, small: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there")
    assert run(small, "--out", tmp_path / "link")[0] == 0
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there" / "report.html").exists()


def test_a_report_lists_its_files(run, small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(small, "--out", out)
    found = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert set(json.loads((out / "results.json").read_text())["files"]) == found


def test_further_analytes_are_declared_in_toml(run, tmp_path: Path) -> None:
    folder = tmp_path / "cohort"
    shutil.copytree(REFERENCE, folder)
    table = folder / "cytokines.csv"
    table.write_text(table.read_text().replace(",TNF,", ",IL-99,"))
    (tmp_path / "il99.toml").write_text('[analytes]\n"IL-99" = { unit = "pg/mL" }\n')
    code, _, _ = run(folder, "--out", tmp_path / "out", "--config", tmp_path / "il99.toml")
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert code == 0
    assert results["left_out"] == []
    assert {one["analyte"] for one in results["participants"]["cytokines"]} == {
        "IL-99", "MCP-1", "TGF-b1",
    }  # fmt: skip


@pytest.mark.parametrize(
    "section", ["[task]\nfollow_up_month = 2\n", "[evaluation]\nrepeats = 2\n"]
)
def test_settings_that_a_report_does_not_read_are_refused(
    run, small: Path, tmp_path: Path, section: str
) -> None:
    (tmp_path / "more.toml").write_text(section)
    code, _, err = run(small, "--out", tmp_path / "out", "--config", tmp_path / "more.toml")
    assert code == 1
    assert "only [analytes]" in err


def test_one_simulated_trial_is_wrong_usage(run, small: Path, tmp_path: Path) -> None:
    assert run(small, "--out", tmp_path / "out", "--simulate", 1)[0] == 2


def test_a_file_is_no_folder_for_a_report(run, small: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    assert run(small, "--out", tmp_path / "out")[0] == 1
    assert (tmp_path / "out").read_text() == "mine"


def test_without_the_extra_the_report_keeps_its_numbers(
    run, small: Path, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    code, said, _ = run(small, "--out", tmp_path / "out")
    assert code == 0
    assert "plots" in said
    assert {path.suffix for path in (tmp_path / "out" / "figures").iterdir()} == {".json"}


@pytest.mark.parametrize(
    "months", ["", "four", "4,4", "6,4", "0,4", "-1", "nan", "4;6", "1e9", "4,4.3"]
)
def test_months_that_are_no_visits_are_refused(run, small: Path, tmp_path: Path, months) -> None:
    code, _, err = run(small, "--out", tmp_path / "out", f"--months={months}")
    assert code == 2
    assert "--months" in err
    assert not (tmp_path / "out").exists()


def test_a_folder_without_participants_is_refused(run, tmp_path: Path) -> None:
    (tmp_path / "cohort").mkdir()
    code, _, err = run(tmp_path / "cohort", "--out", tmp_path / "out")
    assert code == 1
    assert "participants" in err


def test_a_cohort_that_does_not_say_whether_it_is_simulated_is_refused(
    run, small: Path, tmp_path: Path
) -> None:
    shutil.copytree(small, tmp_path / "cohort")
    (tmp_path / "cohort" / "cohort.json").write_text('{"simulated": "perhaps"}')
    code, _, err = run(tmp_path / "cohort", "--out", tmp_path / "out")
    assert code == 1
    assert "cohort.json" in err


def test_neither_folder_nor_simulation_is_wrong_usage(run) -> None:
    assert run()[0] == 2


def test_simulated_trials_need_no_folder(run, tmp_path: Path) -> None:
    code, said, _ = run("--simulate", 20, "--out", tmp_path / "out")
    assert code == 0
    assert "SIMULATED" in said
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert results["operating_characteristics"]["n_trials"] == 20
