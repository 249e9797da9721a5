"""Boosters as XGBoost writes them, and bytes as nobody should."""

import contextlib
import json
import math
from typing import Any

import numpy as np
import pytest
import xgboost
from hypothesis import given
from hypothesis import strategies as st

from models.ubjson import read_ubjson


@pytest.fixture(scope="module")
def booster() -> xgboost.Booster:
    rng = np.random.default_rng(1)
    features = rng.normal(size=(80, 4))
    matrix = xgboost.DMatrix(features, features[:, 0] > 0, nthread=1)
    settings = {"objective": "binary:logistic", "max_depth": 3, "nthread": 1}
    return xgboost.train(settings, matrix, num_boost_round=300)


def same(ours: Any, theirs: Any) -> bool:
    if isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(same(ours[k], theirs[k]) for k in theirs)
    if isinstance(theirs, list):
        pairs = zip(ours, theirs, strict=True)
        return all(same(mine, other) for mine, other in pairs)
    if isinstance(theirs, float):
        return math.isclose(ours, theirs, rel_tol=1e-6, abs_tol=1e-30)
    return bool(ours == theirs)


def test_a_booster_says_the_same_as_in_its_json(booster: xgboost.Booster) -> None:
    theirs = json.loads(booster.save_raw("json"))
    assert same(read_ubjson(bytes(booster.save_raw("ubj"))), theirs)


def test_a_booster_that_was_cut_is_refused(booster: xgboost.Booster) -> None:
    content = bytes(booster.save_raw("ubj"))
    for cut in (*range(200), len(content) - 1):
        with pytest.raises(ValueError, match=r"booster|length"):
            read_ubjson(content[:cut])


@given(st.binary(max_size=60) | st.binary(max_size=60).map(lambda rest: b"[#l" + rest))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(ValueError):  # anything else fails
        read_ubjson(content)


MANY = b"L\x7f" + b"\xff" * 7


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[" * 1000, b"[$d#" + MANY, b"[#" + MANY, b"S" + MANY, b"ZZ", b"[$S#i\x01",
        b"{i\xffaZ}", b"Q", b"Si\x01\xff", b"{S",
    ],
)  # fmt: skip
def test_lengths_and_depths_that_cannot_be_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_ubjson(content)
