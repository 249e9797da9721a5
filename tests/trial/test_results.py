import json
import math
from dataclasses import dataclass

import numpy as np

from analysis.estimate import Estimate
from trial.not_computed import NotComputed, computed
from trial.results import plain


@dataclass(frozen=True, slots=True)
class Part:
    by_month: dict[float, float]
    estimate: Estimate | NotComputed


def test_results_become_json_without_losing_a_digit() -> None:
    part = Part({4.0: 0.1 + 0.2}, Estimate(0.7, 0.6, 0.8, 0.95, "wald", 5, 4))
    read = json.loads(json.dumps(plain(part), allow_nan=False))
    assert read["by_month"]["4"] == 0.1 + 0.2
    assert read["estimate"]["upper"] == 0.8


def test_what_is_not_finite_is_null() -> None:
    assert plain([math.inf, np.nan, np.float64(2)]) == [None, None, 2.0]


def test_numpy_becomes_python() -> None:
    values = plain({"a": np.arange(2), "b": np.bool_(True), "c": np.int64(3)})
    assert values == {"a": [0, 1], "b": True, "c": 3}
    assert type(values["c"]) is int


def test_a_refusal_becomes_its_reason() -> None:
    def refuse() -> float:
        return Estimate(0.7, 0.8, 0.9, 0.95, "wald", 5, 4).value

    assert "between lower and upper" in plain(computed(refuse))["not_computed"]
