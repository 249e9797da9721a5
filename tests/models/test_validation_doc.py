"""Every field and verdict of a validation stands in docs/validation.md."""

from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from data.cohort import Cohort
from models.classifier import Classifier
from models.validation import Verdict, validate

DOC = (Path(__file__).parents[2] / "docs" / "validation.md").read_text()


def test_every_field_and_verdict_is_documented(linear: Classifier, new_cohort: Cohort) -> None:
    validation = validate(linear, new_cohort, now=datetime(2026, 3, 4, tzinfo=UTC))
    assert not {name for name in validation if f"`{name}`" not in DOC}
    assert not {verdict for verdict in get_args(Verdict) if f"| `{verdict}` |" not in DOC}
