import pytest

from data.tables.formula_text import is_formula


@pytest.mark.parametrize(
    "text",
    ["=1", "=SUM(A1)", "@x", "+A1", "-A1", "-2+A1", "+cmd|' /C calc'!A0", '="0001"', "=\n1"],
)
def test_what_a_spreadsheet_would_compute_is_a_formula(text: str) -> None:
    assert is_formula(text)


@pytest.mark.parametrize(
    "text",
    ["", "=", "@", "-", "---", "+1", "-3.5", "-1,5", "-1e5", "+2E-3", "P-1=2", "a@b", "- 3", "+-1"],
)
def test_other_text_is_none(text: str) -> None:
    assert not is_formula(text)
