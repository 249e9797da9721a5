from pathlib import Path

import pytest

from data.errors import ConfigError
from data.sources.cohort_config import CohortConfig, read_config

TABLE = """
[table]
path = "panel.csv"
outcome = "steroid_response"
positive = "yes"
unit = "ng/mL"
columns = { "IL-6" = "il6_pg", "CCL2" = "mcp" }
"""


def config_file(folder: Path, text: str) -> Path:
    path = folder / "settings.toml"
    path.write_text(text)
    return path


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as refused:
        read_config(config_file(folder, text), CohortConfig)
    return str(refused.value)


def test_a_tables_path_is_relative_to_its_description(tmp_path: Path) -> None:
    config = read_config(config_file(tmp_path, TABLE), CohortConfig)
    assert config.table is not None
    assert config.table.path == tmp_path / "panel.csv"


def test_settings_of_training_are_passed_over(tmp_path: Path) -> None:
    text = TABLE + "[evaluation]\nrepeats = 'many'\n[candidates]\nfamilies = []\n"
    assert read_config(config_file(tmp_path, text), CohortConfig).table is not None


def test_words_may_be_one_or_several_numbers_or_truth_values(tmp_path: Path) -> None:
    text = TABLE.replace('"yes"', "1") + 'negative = [0, false]\nnot_evaluable = "not done"\n'
    table = read_config(config_file(tmp_path, text), CohortConfig).table
    assert table is not None
    assert (table.positive, table.negative, table.not_evaluable) == (
        ("1",), ("0", "false"), ("not done",)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("added", "words"),
    [
        ("negative = 'YES '", "must not share a word: yes"),
        ("follow_up_columns = { IL-6 = 'later', CCL2 = 'mcp' }", "named twice: mcp"),
        ("follow_up_columns = { IL-6 = 'later' }", "must name the same analytes"),
        ("id = 'steroid_response'", "named twice: steroid_response"),
        ("names = { result = 'value' }", 'names belongs to layout = "tidy"'),
        ("names = { weight = 'value' }", "table.names.weight"),
        ("units = { TNF = 'pg/mL' }", "has no column: TNF"),
        ("units = { IL-6 = 'pmol/L' }", "a unit must be one of"),
        ("horizon_months = 0", "table.horizon_months"),
        ("layout = 'long'", "'wide' or 'tidy'"),
        ("layout = 'tidy'", "a tidy table needs id"),
        ("layout = 'tidy'\nid = 'patient'\nnames = { month = 'patient' }", "named twice: patient"),
        ("layout = 'tidy'\nid = 'patient'\nfollow_up_columns = { IL-6 = 'a', CCL2 = 'b' }",
         "its months say which panel is which"),
        ("typo = 1", "table.typo: there is no such setting"),
        ("[analytes.IL-8]\nlower = 1", "has no column of: IL-8"),
        ("[analytes.IL-6]\nlower = nan", "analytes.IL-6.lower"),
        ("[analytes.IL-6]\nupper = 1e13", "analytes.IL-6.upper"),
        ("[analytes.IL-6]\nlloq = 0", "analytes.IL-6.lloq"),
        ("[analytes.IL-6]\nlloq = 2\nuloq = 1", "uloq must be above lloq"),
    ],
)  # fmt: skip
def test_a_description_that_contradicts_itself_is_refused(
    tmp_path: Path, added: str, words: str
) -> None:
    message = refusal(tmp_path, TABLE + added)
    assert words in message
    assert "Value error" not in message


def test_two_analytes_of_a_tidy_table_cannot_be_written_alike(tmp_path: Path) -> None:
    text = TABLE.replace('"mcp"', '"il6_pg"') + "layout = 'tidy'\nid = 'patient'\n"
    assert "written alike in the table: il6_pg" in refusal(tmp_path, text)


def test_everything_that_is_wrong_is_listed(tmp_path: Path) -> None:
    message = refusal(tmp_path, TABLE + "typo = 1\nid = 3\n[task]\nwindow_months = -1\n")
    assert all(place in message for place in ("table.typo", "table.id", "task.window_months"))


def test_analytes_are_declared_for_a_table_only(tmp_path: Path) -> None:
    assert "there is none" in refusal(tmp_path, "[analytes.IL-6]\nlower = 1\n")


def test_a_follow_up_after_the_horizon_is_no_predictor(tmp_path: Path) -> None:
    later = "follow_up_columns = { IL-6 = 'a', CCL2 = 'b' }\n"
    text = TABLE + later + "horizon_months = 3\n[task]\nfollow_up_month = 4\n"
    assert "a result, not a predictor" in refusal(tmp_path, text)
    read_config(config_file(tmp_path, text.replace("= 4", "= 3")), CohortConfig)


def test_a_missing_file_and_one_that_is_not_toml_are_clear_refusals(tmp_path: Path) -> None:
    assert "is not TOML" in refusal(tmp_path, "[table")
    with pytest.raises(ConfigError, match=r"no configuration file none\.toml"):
        read_config(tmp_path / "none.toml", CohortConfig)


@pytest.mark.parametrize("name", ["I" * 65, "IL\\u0007", "IL\\u200b6"])
def test_an_analyte_that_nobody_could_post_is_refused(tmp_path: Path, name: str) -> None:
    assert "invisible" in refusal(tmp_path, TABLE.replace('"CCL2"', f'"{name}"'))
