import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray

# A busy machine must not fail a property.
settings.register_profile("no_deadline", deadline=None)
settings.load_profile("no_deadline")

REFERENCE = Path(__file__).parents[1] / "reference"

Expected = Callable[[str], Any]
Table = Callable[[str], dict[str, NDArray[np.float64]]]


@pytest.fixture(scope="session")
def expected() -> Expected:
    """Numbers from elsewhere, by file name."""
    return lambda name: json.loads((REFERENCE / "expected" / f"{name}.json").read_text())


@pytest.fixture(scope="session")
def table() -> Table:
    """Numeric columns of a reference data set, by file name."""

    def read(name: str) -> dict[str, NDArray[np.float64]]:
        with (REFERENCE / "data" / f"{name}.csv").open(newline="") as lines:
            rows = list(csv.DictReader(lines))
        return {column: np.array([float(row[column]) for row in rows]) for column in rows[0]}

    return read
