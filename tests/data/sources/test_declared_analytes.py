from typing import Any

import pytest

from data.analytes import Analyte, study_analytes
from data.errors import AnalyteError, ConfigError
from data.sources.cohort_config import CohortConfig
from data.sources.declared_analytes import config_analytes


def analytes(
    declared: dict[str, Any] | None = None, *, names: str = "IL-6 CCL2", **table: Any
) -> dict[str, Analyte]:
    described = {"path": "panel.csv", "outcome": "y", "positive": "1", "unit": "ng/mL"}
    described |= {"columns": {name: name.lower() for name in names.split()}} | table
    config = CohortConfig.model_validate({"table": described, "analytes": declared or {}})
    return dict(config_analytes(config))


def test_known_analytes_keep_name_unit_range_and_direction() -> None:
    il6, mcp1 = analytes({"CCL2": {"lloq": 5}}).values()
    assert mcp1 == study_analytes()["MCP-1"]
    assert (il6.name, il6.key, il6.unit, il6.direction) == (
        "IL-6", "il6", "ng/mL", "higher_is_case"
    )  # fmt: skip


def test_what_is_declared_of_a_known_analyte_changes_nothing_else() -> None:
    mcp1 = analytes({"CCL2": {"upper": 5000}})["MCP-1"]
    assert (mcp1.lower, mcp1.upper, mcp1.unit) == (10, 5000, "pg/mL")
    assert mcp1.direction == "lower_is_case"


def test_a_known_analyte_in_another_unit_keeps_its_range() -> None:
    mcp1 = analytes({"CCL2": {"unit": "ng/mL"}})["MCP-1"]
    assert (mcp1.unit, mcp1.lower, mcp1.upper) == ("ng/mL", 0.01, 20)


def test_an_analyte_may_be_kept_in_another_unit_than_its_column() -> None:
    il6 = analytes({"IL-6": {"unit": "pg/mL", "lower": 0.1}})["IL-6"]
    assert (il6.unit, il6.lower) == ("pg/mL", 0.1)


def test_values_taken_as_they_are_have_any_range_and_no_unit() -> None:
    il6, mcp1 = analytes(scale="as_is", unit=None).values()
    assert (il6.unit, il6.lower, il6.scale) == ("1", -1e12, "as_is")
    assert (mcp1.name, mcp1.lower, mcp1.direction) == ("MCP-1", -1e12, "lower_is_case")


def test_one_analyte_may_be_taken_as_it_is_among_concentrations() -> None:
    found = analytes({"IL-6": {"scale": "as_is", "direction": "lower_is_case"}})
    assert (found["IL-6"].scale, found["MCP-1"].scale) == ("as_is", "concentration")
    assert found["IL-6"].direction == "lower_is_case"


@pytest.mark.parametrize("names", ["IL-6", "TNF", "IL-6 TNF"])
def test_a_concentration_without_a_unit_is_refused_known_or_not(names: str) -> None:
    with pytest.raises(ConfigError, match=", ".join(names.split())):
        analytes(names=names, unit=None)


def test_a_tidy_table_may_have_the_units_of_known_analytes_in_a_column() -> None:
    tidy = {"layout": "tidy", "id": "patient", "unit": None}
    assert list(analytes(names="TNF", **tidy)) == ["TNF"]
    with pytest.raises(ConfigError, match="IL-6"):
        analytes(names="TNF IL-6", **tidy)


@pytest.mark.parametrize("stated", [{"lloq": 1}, {"uloq": 9}, {"unit": "pg/mL"}])
def test_what_is_no_concentration_has_no_unit_and_no_limits(stated: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="IL-6 is taken as it is"):
        analytes({"IL-6": {"scale": "as_is", **stated}})


@pytest.mark.parametrize(
    ("names", "error", "words"),
    [
        ("CCL2 MCP-1", ConfigError, "one analyte"),
        ("IL-6 IL6", AnalyteError, "share the key"),
        ("?!", ConfigError, "needs letters or digits"),
    ],
)
def test_two_names_of_one_analyte_are_refused(names: str, error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        analytes(names=names)


def test_a_range_that_does_not_rise_is_refused() -> None:
    with pytest.raises(AnalyteError, match="range of IL-6"):
        analytes({"IL-6": {"lower": 5, "upper": 2}})
