from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.analytes import Analyte, AnalyteTable, spelling, study_analytes
from data.errors import AnalyteError

STUDY = study_analytes()
IL6 = Analyte("IL-6", "il6", "pg/mL", 0.01, 1000, synonyms=("interleukin 6",))

ACCEPTED = {
    "MCP-1": ["MCP-1", "MCP1", "mcp 1", "CCL2", "ccl-2", "Monocyte Chemoattractant Protein-1"],
    "TGF-b1": [
        "TGF-b1",
        "TGFB1",
        "TGF-beta1",
        "tgf beta 1",
        "TGF_BETA_1",
        "TGF-\u03b21",  # beta
        "TGF-\u03d01",  # beta as a symbol
        "TGF-\u00df1",  # sharp s, from a keyboard without Greek
        "TGF-\u1e9e1",  # capital sharp s
        "TGF-\u03921",  # capital beta
        "\uff34\uff27\uff26-\u03b21",  # full width
        "transforming growth factor \u03b21",
    ],
    "TNF": ["TNF", "tnf", "TNF-alpha", "TNF-\u03b1", "tnf\u03b1", "TNFa", "TNF-\u0391", "TNFSF2"],
}


@pytest.mark.parametrize(
    ("written", "name"), [(written, name) for name, all_ in ACCEPTED.items() for written in all_]
)
def test_spellings_of_laboratories_find_the_analyte(written: str, name: str) -> None:
    found = STUDY.find(written)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "written",
    ["TGF-\u03b22", "TGF-b", "TNF-\u03b2", "TNF-R1", "MCP-2", "CCL3", "IL-6", "", "---", "1", "\0"],
)
def test_other_analytes_are_not_found(written: str) -> None:
    assert STUDY.find(written) is None


@pytest.mark.parametrize(
    ("written", "nearest"), [("MCP-l", "MCP-1"), ("TGF-b3", "TGF-b1"), ("TNF-R", "TNF")]
)
def test_refusal_names_the_nearest_known(written: str, nearest: str) -> None:
    assert STUDY.nearest(written)[0] == nearest
    assert nearest in STUDY.unknown(written)
    assert written not in STUDY.unknown(written)


def test_refusal_names_all_where_none_is_near() -> None:
    assert STUDY.nearest("CANARY-9931") == ("TNF", "MCP-1", "TGF-b1")
    assert "CANARY" not in STUDY.unknown("CANARY-9931")


def test_the_three_analytes_of_the_study_have_ranges_in_pg_per_ml() -> None:
    assert [analyte.key for analyte in STUDY.values()] == ["tnf", "mcp1", "tgfb1"]
    assert {analyte.unit for analyte in STUDY.values()} == {"pg/mL"}
    assert STUDY["MCP-1"].lower < 235 < 601 < STUDY["MCP-1"].upper
    assert STUDY["TNF"].lower < 0.04 < 2.84 < STUDY["TNF"].upper
    assert STUDY["TGF-b1"].contamination_above == 1000


def test_directions_are_the_studys() -> None:
    directions = {analyte.key: analyte.direction for analyte in STUDY.values()}
    assert directions == {
        "tnf": "lower_is_case",
        "mcp1": "lower_is_case",
        "tgfb1": "higher_is_case",
    }


def test_declared_analytes_are_found_in_every_spelling_and_in_order() -> None:
    table = AnalyteTable([IL6, *STUDY.values()])
    assert list(table) == ["IL-6", "TNF", "MCP-1", "TGF-b1"]
    assert len(table) == 4
    assert table.find("Interleukin-6") is table["IL-6"]


@given(st.text(max_size=40))
def test_spelling_of_a_spelling_is_itself(text: str) -> None:
    assert spelling(spelling(text)).isalnum() or not spelling(spelling(text))
    assert STUDY.find(text) == STUDY.find(f" {text}-")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": " "}, "needs a name"),
        ({"key": "il-6"}, "needs a name and a key"),
        ({"key": ""}, "needs a name and a key"),
        ({"unit": "pg/ML"}, "unit of IL-6"),
        ({"unit": "1"}, "unit of IL-6"),
        ({"scale": "as_is"}, 'must be "1"'),
        ({"lower": 0}, "range of IL-6"),
        ({"lower": 1000}, "range of IL-6"),
        ({"upper": float("nan")}, "range of IL-6"),
    ],
)
def test_a_declaration_that_does_not_hold_together_is_refused(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(AnalyteError, match=message):
        replace(IL6, **changes)


def test_values_taken_as_they_are_may_be_negative() -> None:
    assert replace(IL6, scale="as_is", unit="1", lower=-10, upper=10).lower == -10


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (replace(IL6, name="IL 6", key="other"), "IL-6 and IL 6 share a spelling"),
        (replace(IL6, name="IL-8", synonyms=("INTERLEUKIN-6",), key="il8"), "share a spelling"),
        (replace(IL6, name="IL-8", synonyms=()), "share the key il6"),
        (replace(IL6, name="***", key="stars"), "needs a letter or a digit"),
        (replace(IL6, name="IL-8", key="il8", synonyms=("",)), "needs a letter or a digit"),
    ],
)
def test_analytes_that_could_be_confused_are_refused(other: Analyte, message: str) -> None:
    with pytest.raises(AnalyteError, match=message):
        AnalyteTable([IL6, other])
