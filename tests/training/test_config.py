from pathlib import Path

import pytest

from training.config import read_config, table_analytes
from training.errors import TrainingError

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


def test_defaults_are_those_of_the_documentation(tmp_path: Path) -> None:
    documented = (Path(__file__).parents[2] / "docs" / "data.md").read_text()
    block = documented.split("```toml\n")[1].split("```")[0]
    assert read_config(config_file(tmp_path, block)) == read_config(config_file(tmp_path, ""))


def test_the_documented_table_is_read_whole(tmp_path: Path) -> None:
    documented = (Path(__file__).parents[2] / "docs" / "data.md").read_text()
    config = read_config(config_file(tmp_path, documented.split("```toml\n")[2].split("```")[0]))
    assert config.table is not None
    assert config.table.path == tmp_path / "panel.csv"
    il6, tnf = table_analytes(config)
    assert (il6.key, il6.lower, il6.upper) == ("il6", 0.1, 5000)
    assert (tnf.name, tnf.upper) == ("TNF", 500)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[evaluation]\nrepeat = 3", "evaluation.repeat"),
        ("[evaluation]\nrepeats = 0", "evaluation.repeats"),
        ("[candidates]\nfamilies = ['lasso']", "candidates.families"),
        ("[evaluation", "is not TOML"),
    ],
)
def test_a_setting_that_does_not_fit_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(TrainingError, match=words):
        read_config(config_file(tmp_path, text))


def test_a_missing_file_is_a_clear_refusal(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no configuration file"):
        read_config(tmp_path / "none.toml")


def test_known_analytes_keep_their_range_others_take_what_is_declared(tmp_path: Path) -> None:
    config = read_config(config_file(tmp_path, TABLE + "[analytes.IL-6]\nlower = 0.5\n"))
    il6, mcp1 = table_analytes(config)
    assert (il6.unit, il6.lower, il6.direction) == ("ng/mL", 0.5, "higher_is_case")
    assert (mcp1.key, mcp1.unit, mcp1.direction) == ("mcp1", "pg/mL", "lower_is_case")


def test_a_declaration_without_a_column_is_refused(tmp_path: Path) -> None:
    config = read_config(config_file(tmp_path, TABLE + "[analytes.IL-8]\nlower = 1\n"))
    with pytest.raises(TrainingError, match="IL-8"):
        table_analytes(config)


def test_a_concentration_needs_a_unit(tmp_path: Path) -> None:
    config = read_config(config_file(tmp_path, TABLE.replace('unit = "ng/mL"\n', "")))
    with pytest.raises(TrainingError, match="needs a unit"):
        table_analytes(config)
