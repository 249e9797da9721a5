"""The JSON that is received, as `docs/api.md` describes it."""

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from data.identifier import IDENTIFIER_PATTERN
from data.panel import TaskName

Finite = Annotated[float, Field(allow_inf_nan=False, strict=True)]
Text = Annotated[str, Field(strict=True)]
_INVISIBLE: Final = (
    "\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f"
    "\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001"
    "\U000e0020-\U000e007f"
)
"""Unicode's categories Cc and Cf, character by character: not every reader knows their names."""
PRINTABLE: Final = f"^[^{_INVISIBLE}]*$"
"""No control characters and none that are invisible or turn the direction of writing."""
Name = Annotated[str, Field(min_length=1, max_length=64, pattern=PRINTABLE, strict=True)]
Identifier = Annotated[str, Field(pattern=IDENTIFIER_PATTERN, strict=True)]
UUID_PATTERN: Final = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
DATE_PATTERN: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
Result = Finite | Text
MAX_ANALYTES: Final = 200
Columns = Annotated[dict[Name, list[Any]], Field(min_length=1, max_length=MAX_ANALYTES)]
Limits = Annotated[dict[Name, Finite], Field(max_length=MAX_ANALYTES)]


class _Received(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MeasurementBody(_Received):
    """One result as the laboratory writes it."""

    analyte: Name
    result: Result | None
    unit: Name | None = None
    lloq: Finite | None = None
    uloq: Finite | None = None
    platform: Name | None = None
    plate: Name | None = None


class PanelBody(_Received):
    """All results of one CSF specimen."""

    specimen_id: Identifier | None = None
    month: Annotated[Finite, Field(ge=-120, le=120)]
    measurements: Annotated[list[MeasurementBody], Field(min_length=1, max_length=MAX_ANALYTES)]


class PredictionBody(_Received):
    """One panel pair of one patient; without `task`, a follow-up panel means on_treatment."""

    patient_id: Identifier
    task: TaskName | None = None
    baseline: PanelBody
    follow_up: PanelBody | None = None
    supersedes: Annotated[str, Field(pattern=UUID_PATTERN)] | None = None


class TableBody(_Received):
    """Panels of many patients as columns: one platform, unit and pair of months for all."""

    task: TaskName | None = None
    unit: Name | None = None
    platform: Name | None = None
    baseline_month: Annotated[Finite, Field(ge=-120, le=0)] = 0.0
    follow_up_month: Annotated[Finite, Field(gt=0, le=120)] | None = None
    lloq: Limits = {}
    uloq: Limits = {}
    patient_id: Annotated[list[Any], Field(min_length=1)]
    baseline: Columns
    follow_up: Columns | None = None


class BatchBody(_Received):
    """Either `items`, one request each, or one `table` of columns."""

    items: Annotated[list[Any], Field(min_length=1)] | None = None
    table: TableBody | None = None


class OutcomeBody(_Received):
    """What became of a patient, by the definition that the prediction was about.

    `percent` and `points` need not be said; said, they must be the definition's, too.
    """

    responder: Annotated[bool, Field(strict=True)]
    definition: Name
    horizon_months: Finite | None
    percent: Finite | None = None
    points: Finite | None = None
    observed_on: Annotated[str, Field(pattern=DATE_PATTERN, strict=True)]


class PromotionBody(_Received):
    """Why a bundle is promoted, for the history."""

    reason: Annotated[str, Field(max_length=500, pattern=PRINTABLE, strict=True)] = ""


PREDICTION: TypeAdapter[PredictionBody] = TypeAdapter(PredictionBody)
BATCH: TypeAdapter[BatchBody] = TypeAdapter(BatchBody)
OUTCOME: TypeAdapter[OutcomeBody] = TypeAdapter(OutcomeBody)
PROMOTION: TypeAdapter[PromotionBody] = TypeAdapter(PromotionBody)

BODY_FIELDS = frozenset(
    name
    for body in (
        MeasurementBody,
        PanelBody,
        PredictionBody,
        TableBody,
        BatchBody,
        OutcomeBody,
        PromotionBody,
    )
    for name in body.model_fields
)
"""Names that may stand in the path of a fault."""
