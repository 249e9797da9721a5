"""Results as plain JSON values: every number of the report, once."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """Dataclasses as objects, arrays as lists; a number that is not finite is null.

    Examples
    --------
    >>> from analysis.estimate import Estimate
    >>> plain({"p": math.nan, "auc": Estimate(0.7, 0.6, 0.8, 0.95, "wald", 5, 4)})["auc"]["n_cases"]
    5
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {_key(name): plain(one) for name, one in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _key(name: object) -> str:
    """Months and other numbers as names, without the ``.0`` of whole ones."""
    return repr(name).removesuffix(".0") if isinstance(name, float) else str(name)
