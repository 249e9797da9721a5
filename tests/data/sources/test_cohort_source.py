from pathlib import Path

import pytest

from data.errors import CohortError, ConfigError
from data.outcome import define_responder
from data.simulate import simulate_cohort
from data.sources.cohort_config import CohortConfig, read_config
from data.sources.cohort_folder import write_cohort
from data.sources.cohort_source import CohortSource

TABLE = """
[table]
path = "panel.csv"
outcome = "response"
positive = "yes"
unit = "pg/mL"
columns = { "IL-6" = "il6" }
"""


@pytest.fixture
def described(tmp_path: Path) -> CohortConfig:
    rows = "".join(f"{n}.5,{'yes' if n % 2 else 'no'}\n" for n in range(1, 13))
    (tmp_path / "panel.csv").write_text(f"il6,response\n{rows}")
    (tmp_path / "table.toml").write_text(TABLE)
    return read_config(tmp_path / "table.toml", CohortConfig)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_cohort(simulate_cohort("published", n=40, seed=1), tmp_path / "cohort")
    return tmp_path / "cohort"


def test_a_source_is_a_folder_or_a_table_and_not_both(
    folder: Path, described: CohortConfig
) -> None:
    with pytest.raises(ConfigError, match="not both"):
        CohortSource(folder, described)
    with pytest.raises(ConfigError, match="give a cohort folder"):
        CohortSource(None, CohortConfig())


def test_a_folder_reads_with_the_studys_analytes(folder: Path) -> None:
    source = CohortSource(folder, CohortConfig())
    assert source.read() == simulate_cohort("published", n=40, seed=1)
    assert list(source.analytes()) == ["TNF", "MCP-1", "TGF-b1"]


def test_a_described_table_reads_with_its_own_analytes(described: CohortConfig) -> None:
    source = CohortSource(None, described)
    assert len(source.read().patients) == source.check().n_patients == 12
    assert list(source.analytes()) == ["IL-6"]


def test_faults_keep_a_cohort_from_being_read_and_are_found_by_check(folder: Path) -> None:
    (folder / "survival.csv").write_text("a,b\n")
    source = CohortSource(folder, CohortConfig())
    assert {fault.rule for fault in source.check().faults} == {"missing_column"}
    assert source.check().warnings == ()
    with pytest.raises(CohortError):
        source.read()


def test_outcomes_that_are_stated_leave_no_rule_over_slopes(
    folder: Path, described: CohortConfig
) -> None:
    over_slopes, stated = CohortSource(folder, CohortConfig()), CohortSource(None, described)
    assert over_slopes.definition(over_slopes.read()) == define_responder()
    assert stated.definition(stated.read()).is_stated
    with pytest.raises(ConfigError, match="do not apply"):
        stated.definition(stated.read(), define_responder("berry2019"))
