import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.number_text import DecimalMark, NumberTextError, beyond_doubt, decimal_mark, read_number

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(FINITE)
def test_what_python_prints_reads_back(number: float) -> None:
    text = repr(number)
    assert read_number(text) == number
    assert read_number(beyond_doubt(text).replace(".", ","), "mixed") == number
    assert read_number(beyond_doubt(text), "comma") == number


@pytest.mark.parametrize("text", ["4", "-3", "\u22123", "0.5", "0,5", ".5", "1e1", "1,5E-3", "007"])
def test_numbers_are_read_with_either_mark(text: str) -> None:
    plain = text.replace(",", ".").replace("\u2212", "-")
    assert read_number(text) == float(plain)


@pytest.mark.parametrize(
    "text",
    ["", "x", "1_0", "nan", "inf", "0x1", "--1", "+1", "1 000", "1'000", "1.2.3", "1.", "1,2.3",
     "\uff11", "\u0661", "1e", "e5", "\u20133", "1" * 31, "1e1000"],
)  # fmt: skip
def test_what_is_no_number_is_unreadable(text: str) -> None:
    with pytest.raises(NumberTextError) as caught:
        read_number(text)
    assert caught.value.problem == "unreadable"


@pytest.mark.parametrize(
    ("text", "mark", "clear"),
    [
        ("1,234", "point", False),
        ("1,234", "comma", True),
        ("1,234", "mixed", False),
        ("1.234", "point", True),
        ("1.234", "comma", False),
        ("-1.234", "mixed", False),
        ("0,234", "point", True),
        ("1234,567", "point", True),
        ("1,2340", "mixed", True),
    ],
)
def test_three_digits_are_decimals_only_where_the_table_says_so(
    text: str, mark: DecimalMark, clear: bool
) -> None:
    if clear:
        assert read_number(text, mark) == float(text.replace(",", "."))
    else:
        with pytest.raises(NumberTextError) as caught:
            read_number(text, mark)
        assert caught.value.problem == "ambiguous"


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        ([], "point"),
        (["1", "P-1", "text, and more"], "point"),
        (["1,234", "12,500"], "point"),
        (["<0,7"], "comma"),
        (["*\u22121,5"], "comma"),
        (["0.5", "1,234"], "point"),
        (["0.5", "0,5"], "mixed"),
    ],
)
def test_the_mark_is_what_numbers_show_beyond_doubt(texts: list[str], mark: DecimalMark) -> None:
    assert decimal_mark(texts) == mark
