import math
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.analytes import Analyte, AnalyteTable, study_analytes
from data.errors import MeasurementError
from data.measurement import Measurement, as_text, read_measurement
from data.number_text import DecimalMark
from data.units import PICOGRAMS_PER_MILLILITRE

STUDY = study_analytes()
AS_IS = AnalyteTable([Analyte("z-TNF", "z_tnf", "1", -10, 10, scale="as_is")])
NANOGRAMS = AnalyteTable([Analyte("MCP-1", "mcp1", "ng/mL", 0.01, 20)])


def read(result: Any, analyte: str = "MCP-1", unit: str | None = "pg/mL", **more: Any) -> Any:
    return read_measurement(STUDY, analyte, result, unit=unit, **more)


def said(measured: Measurement) -> tuple[float | None, str, float | None]:
    return measured.value, measured.comparator, measured.limit


def refused(result: Any, **more: Any) -> dict[str, str]:
    with pytest.raises(MeasurementError) as caught:
        read(result, **more)
    return {fault.path: fault.code for fault in caught.value.faults}


TNF_LIMITS = {"analyte": "TNF", "lloq": 0.7, "uloq": 400.0}


@pytest.mark.parametrize(
    ("result", "value", "comparator", "limit"),
    [
        ("12.3", 12.3, "none", None),
        ("12,3", 12.3, "none", None),
        ("1.2e1", 12.0, "none", None),
        ("1,2E+1", 12.0, "none", None),
        ("1,234e2", 123.4, "none", None),  # nobody groups thousands before an exponent
        ("1.234", 1.234, "none", None),
        ("12,34", 12.34, "none", None),
        ("1,2345", 1.2345, "none", None),
        (" 12.3\t", 12.3, "none", None),
        (".9", 0.9, "none", None),
        (12.3, 12.3, "none", None),
        (12, 12.0, "none", None),
        ("<3.2", None, "<", 3.2),
        ("< 3,2", None, "<", 3.2),
        ("<\u00a03.2", None, "<", 3.2),
        (">100", None, ">", 100.0),
        ("> 100", None, ">", 100.0),
        ("OOR <", None, "<", 0.7),
        ("oor<", None, "<", 0.7),
        ("OOR >", None, ">", 400.0),
        ("OOR>", None, ">", 400.0),
        ("*3.42", 3.42, "extrapolated", None),
        ("* 3,42", 3.42, "extrapolated", None),
        ("<LLOQ", None, "<", 0.7),
        (">ULOQ", None, ">", 400),
        ("#N/A", None, "none", None),
        ("***", None, "none", None),
        ("---", None, "none", None),
        ("", None, "none", None),
        ("  ", None, "none", None),
        ("NA", None, "none", None),
        ("na", None, "none", None),
        ("N/A", None, "none", None),
        (None, None, "none", None),
    ],
)
def test_every_accepted_text_is_read(
    result: Any, value: float | None, comparator: str, limit: float | None
) -> None:
    assert said(read(result, **TNF_LIMITS)) == (value, comparator, limit)


def test_thousands_are_read_without_a_separator() -> None:
    assert read("1.2e3").value == 1200
    assert read(">10000").limit == 10000


@pytest.mark.parametrize("result", ["1,234", "<1,234", ">12,345", "*123,456", "< 1,234"])
def test_a_comma_before_three_digits_is_ambiguous(result: str) -> None:
    assert refused(result) == {"/result": "ambiguous_number"}


@pytest.mark.parametrize(("result", "value"), [("0,123", 0.123), ("0,500", 0.5), (",125", 0.125)])
def test_a_comma_after_zero_is_a_decimal_comma(result: str, value: float) -> None:
    assert read(result, analyte="TNF").value == value


@pytest.mark.parametrize(
    "result",
    [
        "1,234,567",
        "1.234,5",
        "1 234",
        "1'234",
        "1_234",
        "+3.2",
        "3.",
        "0x1F",
        "NaN",
        "nan",
        "Infinity",
        "-inf",
        "ND",
        "< LOD",
        "<<3.2",
        "<>3.2",
        "<*3.2",
        "*<3.2",
        "<",
        ">",
        "*",
        "**",
        "-",
        "OOR",
        "OOR < 3.2",
        "\u22643.2",
        "3.2 pg/mL",
        "=1+1",
        "1-Feb",
        "3.2\x00",
        "\uff13.\uff12",
        "\u0663",
    ],
)
def test_any_other_text_is_unreadable(result: Any) -> None:
    assert refused(result, **TNF_LIMITS) == {"/result": "unreadable_result"}


@pytest.mark.parametrize("result", [True, [], [1.1], {"value": 1.1}, b"1.1"])
def test_neither_number_nor_text_is_refused_by_its_type(result: Any) -> None:
    assert refused(result, **TNF_LIMITS) == {"/result": "result_type"}


@pytest.mark.parametrize("result", ["<9e-7", ">0.0009", "<501", ">501"])
def test_a_limit_that_no_assay_has_is_implausible(result: str) -> None:
    assert refused(result, analyte="TNF") == {"/result": "implausible_value"}


@pytest.mark.parametrize("result", ["1" * 65, "9" * 31, "<" + " " * 64 + "3.2", "<" * 100_000])
def test_a_text_too_long_to_be_a_result_is_unreadable(result: str) -> None:
    assert refused(result) == {"/result": "unreadable_result"}


@pytest.mark.parametrize("result", [math.nan, math.inf, -math.inf, 10**400, "1e400", "<1e999"])
def test_a_number_that_is_not_finite_is_refused(result: Any) -> None:
    assert refused(result) == {"/result": "not_finite"}


@pytest.mark.parametrize(
    "result", [0, 0.0, -0.0, "0", "0,0", "-3", "-3,2", -3.2, "*0", "<0", ">-1"]
)
def test_zero_and_below_are_no_concentrations(result: Any) -> None:
    assert refused(result) == {"/result": "not_positive"}


@pytest.mark.parametrize("result", [0, "0", "0.0", "*0", 0.69, "0,69", "*0.69"])
def test_a_number_below_lloq_is_censored_there_and_kept_as_received(result: Any) -> None:
    measured = read(result, analyte="TNF", lloq=0.7)
    assert said(measured) == (None, "<", 0.7)
    assert measured.raw == str(result)
    assert measured.flags == ("below_lloq",)


@pytest.mark.parametrize("result", [-0.1, "-0.1"])
def test_a_negative_number_is_not_below_lloq(result: Any) -> None:
    assert refused(result, analyte="TNF", lloq=0.7) == {"/result": "not_positive"}


def test_a_number_above_uloq_is_censored_there() -> None:
    measured = read("150", analyte="TNF", uloq=100)
    assert (said(measured), measured.raw) == ((None, ">", 100), "150")
    assert measured.flags == ("above_uloq",)


@pytest.mark.parametrize(("number", "limits"), [(0.7, "lloq"), (0.7, "uloq")])
def test_a_number_at_a_limit_is_not_censored(number: float, limits: str) -> None:
    assert read(number, analyte="TNF", **{limits: 0.7}).value == 0.7


def test_an_own_limit_wins_over_that_of_the_run() -> None:
    assert read("<3.2", analyte="TNF", lloq=0.7).limit == 3.2


@pytest.mark.parametrize(
    ("result", "flags"), [("2", ()), ("*2", ("extrapolated",)), ("NA", ("not_reported",))]
)
def test_flags_say_what_a_reader_should_see(result: str, flags: tuple[str, ...]) -> None:
    assert read(result, analyte="TNF").flags == flags


@pytest.mark.parametrize(
    ("result", "given"), [("OOR <", "uloq"), ("OOR >", "lloq"), ("oor<", None)]
)
def test_out_of_range_needs_the_limit_of_the_run(result: str, given: str | None) -> None:
    limits = {given: 5.0} if given else {}
    assert refused(result, analyte="TNF", **limits) == {"/result": "limit_missing"}


@pytest.mark.parametrize("unit", PICOGRAMS_PER_MILLILITRE)
def test_units_convert_value_and_limits_exactly(unit: str) -> None:
    factor = PICOGRAMS_PER_MILLILITRE[unit]
    value = 500 / factor
    assert read(value, unit=unit).value == 500
    assert read(f"<{value}", unit=unit).limit == 500
    assert said(read(value, unit=unit, lloq=600 / factor)) == (None, "<", 600)
    assert read(value, unit=unit).unit == "pg/mL"


def test_a_unit_larger_than_the_analytes_own_is_divided() -> None:
    measured = read_measurement(NANOGRAMS, "MCP-1", "601", unit="pg/mL")
    assert (measured.value, measured.unit) == (0.601, "ng/mL")


@pytest.mark.parametrize("unit", ["pg/ML", "pmol/L", "IU/mL", "mg/L", "pg/mL ", "", None, "1"])
def test_every_other_unit_is_refused(unit: str | None) -> None:
    assert refused("12.3", unit=unit) == {"/unit": "unit_not_accepted"}


@pytest.mark.parametrize(
    ("analyte", "result"),
    [
        ("MCP-1", "9.99"),
        ("MCP-1", "20001"),
        ("TNF", "1350"),
        ("TNF", "*0.0001"),
        ("TNF", "<700"),
        ("TNF", ">501"),
    ],
)
def test_a_level_that_hints_at_a_wrong_unit_is_refused(analyte: str, result: str) -> None:
    assert refused(result, analyte=analyte) == {"/result": "implausible_value"}


@pytest.mark.parametrize(("result", "value"), [("10", 10.0), ("20000", 20000.0)])
def test_both_ends_of_the_plausible_range_are_allowed(result: str, value: float) -> None:
    assert read(result).value == value


@pytest.mark.parametrize("limit", [0, -1, math.nan, math.inf, 10**400])
@pytest.mark.parametrize("name", ["lloq", "uloq"])
def test_a_limit_that_is_no_positive_number_is_refused(name: str, limit: float) -> None:
    assert refused("12", **{name: limit}) == {f"/{name}": "limit_not_positive"}


@pytest.mark.parametrize("uloq", [5, 4])
def test_limits_out_of_order_are_refused(uloq: float) -> None:
    assert refused("12", lloq=5, uloq=uloq) == {"/uloq": "limits_out_of_order"}


def test_every_fault_of_a_measurement_is_found_at_once() -> None:
    faults = refused("canary", unit="pmol/L", lloq=-1, uloq=0)
    assert faults == {
        "/unit": "unit_not_accepted",
        "/lloq": "limit_not_positive",
        "/uloq": "limit_not_positive",
        "/result": "unreadable_result",
    }


def test_an_unknown_analyte_is_refused_with_the_nearest() -> None:
    with pytest.raises(MeasurementError, match="nearest known are MCP-1") as caught:
        read("12", analyte="MCP-l")
    assert caught.value.faults[0].path == "/analyte"


def test_comparator_limit_raw_platform_and_plate_are_kept() -> None:
    assert read("< 3,2", analyte="ccl2", unit="ng/mL", platform="msd", plate="p1") == Measurement(
        "MCP-1", None, "<", 3200.0, "pg/mL", "< 3,2", "msd", "p1"
    )


@pytest.mark.parametrize("unit", [None, "1"])
def test_values_taken_as_they_are_may_be_zero_or_negative(unit: str | None) -> None:
    measured = [read_measurement(AS_IS, "z-TNF", r, unit=unit) for r in ("-1,5", 0, "0.5", "NA")]
    assert [m.value for m in measured] == [-1.5, 0, 0.5, None]


@pytest.mark.parametrize(
    ("result", "unit", "code"),
    [
        ("<1", None, "censored_as_is"),
        ("OOR >", None, "censored_as_is"),
        ("*1", None, "censored_as_is"),
        ("11", None, "implausible_value"),
        ("1", "pg/mL", "unit_not_accepted"),
    ],
)
def test_values_taken_as_they_are_have_no_limits_and_no_unit(
    result: str, unit: str | None, code: str
) -> None:
    with pytest.raises(MeasurementError) as caught:
        read_measurement(AS_IS, "z-TNF", result, unit=unit)
    assert [fault.code for fault in caught.value.faults] == [code]


SIGNS = st.sampled_from(["", "<", "< ", ">", "> ", "*", "* "])
NUMBERS = st.one_of(
    st.floats(1e-4, 3e4).map(repr),
    st.floats(1e-4, 3e4).map(lambda x: f"{x:.5e}"),
    st.decimals(0, 30000, places=2).map(lambda x: str(x).replace(".", ",")),
    st.decimals(0, 999, places=3).map(str),
    st.decimals(0, 999, places=3).map(lambda x: str(x).replace(".", ",")),
)
RESULTS = st.one_of(
    st.tuples(SIGNS, NUMBERS).map("".join),
    st.sampled_from(["OOR <", "oor>", "***", "---", "", "NA", "0"]),
    st.floats(0, 3e4),
    st.integers(0, 30000),
    st.none(),
)
UNITS = st.sampled_from(sorted(PICOGRAMS_PER_MILLILITRE))


MARKS = st.sampled_from(get_args(DecimalMark))


@given(st.sampled_from(list(STUDY)), RESULTS, UNITS, MARKS, st.none() | st.floats(0.01, 50))
def test_printed_text_reads_back_to_the_same(
    analyte: str, result: Any, unit: str, mark: DecimalMark, lloq: float | None
) -> None:
    stated = {"unit": unit, "decimal_mark": mark, "lloq": lloq, "uloq": 300.0}
    try:
        first = read(result, analyte=analyte, **stated)
    except MeasurementError:
        return
    second = read(as_text(first), analyte=analyte, unit=first.unit)
    assert said(second) == said(first)
    assert as_text(second) == as_text(first)
    assert read(as_text(second), analyte=analyte, unit=first.unit) == second


@pytest.mark.parametrize(
    ("result", "unit", "text"),
    [
        ("< 3,2", "pg/mL", "< 3,2"),
        ("< 3,2", "ng/mL", "<3200.0"),
        ("OOR <", "pg/mL", "<5.0"),
        ("2", "pg/mL", "<5.0"),
        ("*12,0", "pg/mL", "*12,0"),
        ("*12,0", "ng/L", "*12,0"),
        ("*0,5", "ug/L", "*500.0"),
        ("***", "ng/mL", "***"),
        (None, "pg/mL", ""),
    ],
)
def test_received_text_is_printed_where_it_still_says_the_same(
    result: str | None, unit: str, text: str
) -> None:
    lloq = 5.0 if PICOGRAMS_PER_MILLILITRE[unit] == 1 else None
    assert as_text(read(result, unit=unit, lloq=lloq)) == text


@given(st.text(max_size=70), st.none() | st.floats(), st.none() | st.floats() | st.integers())
def test_any_text_is_read_or_refused(text: str, lloq: float | None, uloq: float | None) -> None:
    try:
        measured = read(text, analyte="TNF", lloq=lloq, uloq=uloq)
    except MeasurementError:
        return
    assert measured.raw == text


@given(
    st.sampled_from(["canary", "\u265ecanary\u265e", "<canary", "*canary", "1canary", "77,77,77"]),
    st.sampled_from(["result", "unit", "analyte"]),
)
def test_a_refusal_never_repeats_what_was_received(canary: str, where: str) -> None:
    received: dict[str, Any] = {"result": "12.3", "unit": "pg/mL", "analyte": "MCP-1"}
    with pytest.raises(MeasurementError) as caught:
        read(**received | {where: canary})
    assert canary not in str(caught.value)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "received",
    [
        {"result": "77.7177", "analyte": "TNF", "unit": "ng/mL"},
        {"result": "<99871.5"},
        {"result": "-77.7177"},
        {"result": "7,717"},
        {"result": "5", "lloq": -77.7177},
        {"result": "5", "lloq": 77.7177, "uloq": 71.7},
        {"result": 99871.5},
    ],
)
def test_a_refusal_never_repeats_a_number(received: dict[str, Any]) -> None:
    with pytest.raises(MeasurementError) as caught:
        read(**received)
    assert not any(number in str(caught.value) for number in ("7.7", "998", "7,717", "71.7"))
