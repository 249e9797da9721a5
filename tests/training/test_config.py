from pathlib import Path

import pytest

from data.errors import ConfigError
from data.sources.cohort_config import read_config
from data.sources.declared_analytes import config_analytes
from data.sources.table_config import AnalyteConfig, TableConfig
from training.config import TrainingConfig

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENTED = (DOCS / "data.md").read_text().split("```toml\n")[1:]
EXAMPLES = (DOCS / "any-table.md").read_text().split("```toml\n")[1:]


def read(folder: Path, text: str) -> TrainingConfig:
    path = folder / "settings.toml"
    path.write_text(text)
    return read_config(path, TrainingConfig)


def test_defaults_are_those_of_the_documentation(tmp_path: Path) -> None:
    assert read(tmp_path, DOCUMENTED[0].split("```")[0]) == read(tmp_path, "")


def test_the_documented_table_is_read_whole(tmp_path: Path) -> None:
    config = read(tmp_path, DOCUMENTED[1].split("```")[0])
    assert config.table is not None
    assert config.table.path == tmp_path / "panel.csv"
    il6, tnf = config_analytes(config).values()
    assert (il6.key, il6.lower, il6.upper) == ("il6", 0.1, 5000)
    assert (tnf.name, tnf.upper) == ("TNF", 500)


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_of_tables_are_read_whole(tmp_path: Path, example: str) -> None:
    config = read(tmp_path, example.split("```")[0])
    assert config.table is not None
    assert all(analyte.unit == "pg/mL" for analyte in config_analytes(config).values())


def test_what_is_commented_out_in_the_documentation_can_be_said(tmp_path: Path) -> None:
    wide = DOCUMENTED[1].split("```")[0].replace("# negative", "negative")
    for setting in ("units", "follow_up_columns", "horizon_months", "lloq", "uloq", "platform"):
        wide = wide.replace(f"# {setting} =", f"{setting} =")
    table = read(tmp_path, wide).table
    assert table is not None
    assert (table.negative, table.platform) == (("none", "progress"), "luminex")
    assert table.follow_up_columns is not None


def test_every_setting_of_a_table_is_documented() -> None:
    settings = [*TableConfig.model_fields, *AnalyteConfig.model_fields]
    text = "".join(DOCUMENTED)
    assert [name for name in settings if f"{name} =" not in text and f"`{name}`" not in text] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[evaluation]\nrepeat = 3", "evaluation.repeat"),
        ("[evaluation]\nrepeats = 0", "evaluation.repeats"),
        ("[evaluation]\nouter_folds = 1", "evaluation.outer_folds"),
        ("[evaluation]\ngroup_by = 'plate'", "evaluation.group_by"),
        ("[candidates]\nfamilies = ['lasso']", "candidates.families"),
        ("[candidates]\nfamilies = ['ridge', 'ridge']", "name each family once"),
        ("[candidates]\nfamilies = []", "candidates.families"),
    ],
)
def test_a_setting_that_does_not_fit_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        read(tmp_path, text)


def test_a_bundle_keeps_everything_but_where_the_table_lies(tmp_path: Path) -> None:
    kept = read(tmp_path, DOCUMENTED[1].split("```")[0]).as_manifest()
    assert kept["table"]["outcome"] == "steroid_response"
    assert "path" not in kept["table"]
    assert str(tmp_path) not in str(kept)
