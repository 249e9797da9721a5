import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from data.analytes import Analyte, AnalyteTable, study_analytes
from data.errors import MeasurementError
from data.measurement import read_measurement
from models.columns import Kind, value_and_kind
from models.result_columns import read_results

AS_IS = Analyte("Z", "z", "1", -10, 10, scale="as_is")
ANALYTES = AnalyteTable([*study_analytes().values(), AS_IS])

NUMBERS = st.floats(0.001, 30_000) | st.integers(-5, 30_000)
TEXTS = st.from_regex(r"[0-9]{1,4}([.][0-9]{1,4})?", fullmatch=True) | st.sampled_from(
    ["<0.7", "< 3,2", ">500", "OOR <", "OOR >", "*3.42", "***", "---", "NA", "", "1,234", "12,5",
     "1e3", "-4", "0", "abc", "١٢", "1" * 70, " 7 ", "<", ">>1", "nan", "inf", "1e999"]
)  # fmt: skip
ODD = (
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.sampled_from([10**400, -(10**400), 2**53, 2**53 + 1, 2**64, 0, -0.0, 5e-324])
    | st.text(max_size=5)
)
RESULTS = st.lists(NUMBERS | TEXTS | ODD, max_size=30)
LIMITS = st.sampled_from([None, 0.7, 12.0])
UNITS = st.sampled_from(["pg/mL", "ng/mL", "ng/L", "ug/L"])


def one_by_one(analyte: Analyte, result: Any, **limits: Any) -> tuple[Any, Any, Any]:
    try:
        measured = read_measurement(ANALYTES, analyte.name, result, **limits)
    except MeasurementError as error:
        return math.nan, Kind.NOT_REPORTED, error.faults
    return *value_and_kind(measured), None


@settings(max_examples=300)
@given(st.sampled_from([*ANALYTES.values()]), RESULTS, UNITS, LIMITS, st.sampled_from([None, 400]))
@example(ANALYTES["TNF"], [1.5, 1.7e308, -1.7e308], "ng/mL", None, None)
@example(ANALYTES["MCP-1"], [0.01, 20.0, 20.000000000000004], "ng/mL", None, None)
def test_column_reads_as_its_results_one_by_one(
    analyte: Analyte, results: list[Any], unit: str, lloq: float | None, uloq: float | None
) -> None:
    stated = {"unit": "1" if analyte is AS_IS else unit, "lloq": lloq, "uloq": uloq}
    column = read_results(ANALYTES, analyte, results, **stated)
    for row, result in enumerate(results):
        value, kind, faults = one_by_one(analyte, result, **stated)
        assert np.array_equal(column.values[row], value, equal_nan=True)
        assert column.kinds[row] == kind
        assert column.faults.get(row) == faults


@pytest.mark.parametrize("result", [[], [1.5], {}, {"a": 1}, [[1.5]], b"1.5"])
def test_lists_and_objects_are_no_results(result: object) -> None:
    column = read_results(ANALYTES, ANALYTES["TNF"], [1.5, result], unit="pg/mL")
    assert column.values[0] == 1.5
    assert [fault.code for fault in column.faults[1]] == ["result_type"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"unit": None},
        {"unit": "pg/ML"},
        {"unit": "pg/mL", "lloq": 0.0},
        {"unit": "pg/mL", "lloq": math.nan},
        {"unit": "pg/mL", "lloq": 2.0, "uloq": 1.0},
    ],
)
def test_wrong_unit_or_limit_is_refused_even_of_no_results(wrong: dict[str, Any]) -> None:
    with pytest.raises(MeasurementError):
        read_results(ANALYTES, ANALYTES["TNF"], [], **wrong)


@given(
    st.sampled_from([*ANALYTES.values()]),
    st.lists(NUMBERS | st.floats() | st.just(math.nan), max_size=30),
    LIMITS,
    st.sampled_from([None, 400]),
)
def test_array_reads_as_its_numbers_and_nan_as_not_reported(
    analyte: Analyte, results: list[float], lloq: float | None, uloq: float | None
) -> None:
    stated = {"unit": "1" if analyte is AS_IS else "pg/mL", "lloq": lloq, "uloq": uloq}
    listed = [None if math.isnan(result) else float(result) for result in results]
    of_array = read_results(ANALYTES, analyte, np.array(results, dtype=np.float64), **stated)
    of_list = read_results(ANALYTES, analyte, listed, **stated)
    assert np.array_equal(of_array.values, of_list.values, equal_nan=True)
    assert of_array.kinds.tolist() == of_list.kinds.tolist()
    assert of_array.faults == of_list.faults
