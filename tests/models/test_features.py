import json
import math
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from data.analytes import Analyte, study_analytes
from data.errors import CsfError
from models.columns import Kind, PairColumns
from models.features import FUNCTIONS, Feature, compute, levels, recipe
from models.manifest import StoredFeature

ANALYTES = tuple(study_analytes().values())
AS_IS = Analyte("Z", "z", "1", -10, 10, scale="as_is")
TNF, MCP1, TGFB1 = (analyte.name for analyte in ANALYTES)


def one_patient(
    values: list[list[float]], kinds: list[list[int]] | None = None, analytes=ANALYTES
) -> PairColumns:
    shape = (1, 2, len(analytes))
    stated = np.zeros(shape) if kinds is None else np.array([kinds])
    return PairColumns(tuple(analytes), np.array([values]), stated.astype(np.int8))


def value(function: str, columns: PairColumns, *analytes: str) -> float:
    feature = Feature("f", function, analytes, "ln", "higher_is_case")
    return float(compute([feature], columns)[0, 0])


# Logarithms by hand: ln 2 = 0.693147..., ln 8 = 3 ln 2, and so on.
PLAIN = one_patient([[2.0, 512.0, 64.0], [1.0, 256.0, 128.0]])
LN2 = 0.6931471805599453


@pytest.mark.parametrize(
    ("function", "analytes", "by_hand"),
    [
        ("log_concentration", (TNF,), LN2),
        ("log_concentration", (MCP1,), 9 * LN2),
        ("log_ratio", (TNF,), -LN2),
        ("log_ratio", (TGFB1,), LN2),
        ("log_balance", (TGFB1, MCP1), (6 - 9) * LN2),
        ("log_balance_change", (TGFB1, MCP1), (1 + 1) * LN2),
        ("value", (MCP1,), 512.0),
        ("change", (MCP1,), -256.0),
    ],
)
def test_function_equals_the_number_by_hand(
    function: str, analytes: tuple[str, ...], by_hand: float
) -> None:
    assert value(function, PLAIN, *analytes) == pytest.approx(by_hand, abs=1e-14)


def test_every_function_is_compared_with_a_number_by_hand() -> None:
    (marks,) = [
        mark.args[1]
        for mark in test_function_equals_the_number_by_hand.pytestmark
        if mark.name == "parametrize"
    ]
    assert {function for function, _, _ in marks} == set(FUNCTIONS)


def test_below_lloq_enters_as_limit_over_root_two() -> None:
    columns = one_patient([[0.7, 500, 60], [1, 500, 60]], [[Kind.BELOW_LLOQ, 0, 0], [0, 0, 0]])
    assert value("log_concentration", columns, TNF) == math.log(0.7 / math.sqrt(2))
    assert value("log_ratio", columns, TNF) == -math.log(0.7 / math.sqrt(2))


def test_above_uloq_enters_as_the_limit() -> None:
    columns = one_patient([[100, 500, 60], [1, 500, 60]], [[Kind.ABOVE_ULOQ, 0, 0], [0, 0, 0]])
    assert value("log_concentration", columns, TNF) == math.log(100)


@pytest.mark.parametrize("kind", [Kind.BELOW_LLOQ, Kind.ABOVE_ULOQ])
def test_both_censored_on_one_side_gives_ratio_zero_whatever_the_limits(kind: int) -> None:
    columns = one_patient([[0.7, 512, 64], [1.4, 256, 64]], [[kind, 0, 0], [kind, 0, 0]])
    assert value("log_ratio", columns, TNF) == 0.0
    assert value("log_balance_change", columns, TNF, MCP1) == pytest.approx(LN2)


def test_censored_on_different_sides_is_a_change() -> None:
    kinds = [[Kind.BELOW_LLOQ, 0, 0], [Kind.ABOVE_ULOQ, 0, 0]]
    columns = one_patient([[0.7, 500, 60], [100, 500, 60]], kinds)
    assert value("log_ratio", columns, TNF) == pytest.approx(math.log(100 * math.sqrt(2) / 0.7))


def test_extrapolated_value_is_used_as_it_is() -> None:
    columns = one_patient([[0.1, 500, 60], [1, 500, 60]], [[Kind.EXTRAPOLATED, 0, 0], [0, 0, 0]])
    assert value("log_concentration", columns, TNF) == math.log(0.1)


@pytest.mark.parametrize("panel", [0, 1])
def test_missing_result_makes_what_needs_it_missing(panel: int) -> None:
    numbers = [[2.0, 512.0, 64.0], [1.0, 256.0, 128.0]]
    kinds = [[0, 0, 0], [0, 0, 0]]
    numbers[panel][0], kinds[panel][0] = math.nan, Kind.NOT_REPORTED
    used = recipe("on_treatment", ANALYTES)
    features = compute(used, one_patient(numbers, kinds))[0]
    missing = [f.name for f, x in zip(used, features, strict=True) if np.isnan(x)]
    assert missing == (["log_tnf", "log_ratio_tnf"] if panel == 0 else ["log_ratio_tnf"])


def test_as_is_values_are_never_logged() -> None:
    columns = one_patient([[-3.0], [2.0]], analytes=(AS_IS,))
    assert compute(recipe("on_treatment", (AS_IS,)), columns).tolist() == [[-3.0, 5.0]]
    assert np.isnan(levels(columns).log).all()


@given(
    st.lists(st.floats(0.01, 400), min_size=6, max_size=6),
    st.floats(0.1, 10),
)
def test_log_ratios_do_not_change_with_the_scale(numbers: list[float], factor: float) -> None:
    before = np.reshape(numbers, (2, 3)).tolist()
    after = (np.reshape(numbers, (2, 3)) * factor).tolist()
    for name in (TNF, MCP1, TGFB1):
        change = value("log_ratio", one_patient(before), name)
        assert value("log_ratio", one_patient(after), name) == pytest.approx(change, abs=1e-12)


def test_recipe_of_pretreatment_never_looks_at_the_follow_up() -> None:
    changed = one_patient([[2.0, 512.0, 64.0], [99.0, 9999.0, 1.0]])
    features = recipe("pretreatment", ANALYTES)
    assert_array_equal(compute(features, PLAIN), compute(features, changed))


def test_recipe_reads_back_from_json_the_same() -> None:
    for features in (recipe("on_treatment", ANALYTES), recipe("pretreatment", (AS_IS,))):
        text = json.dumps([asdict(feature) for feature in features])
        stored = [StoredFeature.model_validate(entry) for entry in json.loads(text)]
        assert tuple(Feature(**entry.model_dump()) for entry in stored) == features


def test_balance_is_left_out_without_its_pair() -> None:
    names = [feature.name for feature in recipe("on_treatment", ANALYTES[:2])]
    assert names == ["log_tnf", "log_mcp1", "log_ratio_tnf", "log_ratio_mcp1"]


@pytest.mark.parametrize(
    "feature",
    [
        Feature("unknown_function", "exec", (TNF,), "ln", "higher_is_case"),
        Feature("unknown_analyte", "log_ratio", ("IL-6",), "ln", "higher_is_case"),
    ],
)
def test_feature_that_cannot_be_computed_is_refused_by_name(feature: Feature) -> None:
    with pytest.raises(CsfError, match=feature.name):
        compute([feature], PLAIN)


def test_row_has_the_same_bits_alone_and_among_many() -> None:
    rng = np.random.default_rng(1)
    values = rng.lognormal(4, 2, size=(257, 2, 3))
    kinds = rng.integers(0, 4, size=values.shape).astype(np.int8)
    features = recipe("on_treatment", ANALYTES)
    together = compute(features, PairColumns(ANALYTES, values, kinds))
    for row in range(len(values)):
        alone = PairColumns(ANALYTES, values[[row]], kinds[[row]])
        assert_array_equal(compute(features, alone)[0], together[row])


def test_logarithms_are_those_of_the_standard_library() -> None:
    values = np.random.default_rng(2).lognormal(4, 2, size=(100, 2, 3))
    columns = PairColumns(ANALYTES, values, np.zeros(values.shape, dtype=np.int8))
    by_hand = np.vectorize(math.log)(values)
    assert_allclose(levels(columns).log, by_hand, rtol=1e-15, atol=1e-15)
