"""A body of each kind that works, for the OpenAPI document; tests send every one."""

from collections.abc import Mapping
from typing import Any, Final


def _measured(tnf: object, mcp1: float, tgfb1: float) -> list[dict[str, Any]]:
    stated = {"unit": "pg/mL", "platform": "milliplex"}
    return [
        {"analyte": "TNF", "result": tnf, **stated, "lloq": 0.7},
        {"analyte": "MCP-1", "result": mcp1, **stated},
        {"analyte": "TGF-b1", "result": tgfb1, **stated},
    ]


_BASELINE: Final = {"specimen_id": "S1", "month": 0, "measurements": _measured("<0.7", 512, 61)}
_FOLLOW_UP: Final = {"specimen_id": "S2", "month": 1, "measurements": _measured(0.9, 450, 80)}
_BEFORE: Final = {"patient_id": "P-017", "baseline": _BASELINE}
_DURING: Final = {**_BEFORE, "task": "on_treatment", "follow_up": _FOLLOW_UP}
_TABLE: Final = {
    "task": "on_treatment",
    "unit": "pg/mL",
    "platform": "milliplex",
    "baseline_month": 0,
    "follow_up_month": 1,
    "lloq": {"TNF": 0.7},
    "patient_id": ["P-1", "P-2"],
    "baseline": {"TNF": [1.1, "<0.7"], "MCP-1": [512, 640.5], "TGF-b1": [61, 44]},
    "follow_up": {"TNF": [0.9, "OOR <"], "MCP-1": [450, 600.0], "TGF-b1": [80, 47]},
}
_OUTCOME: Final = {
    "responder": True,
    "definition": "oh2018",
    "horizon_months": 4,
    "observed_on": "2025-06-30",
}

EXAMPLES: Final[Mapping[str, Mapping[str, Any]]] = {
    "PredictionBody": {"baseline panel alone": _BEFORE, "two panels": _DURING},
    "BatchBody": {"table": {"table": _TABLE}, "items": {"items": [_BEFORE, _DURING]}},
    "OutcomeBody": {"responded": _OUTCOME},
    "PromotionBody": {"reason": {"reason": "validated in the second cohort"}},
}
"""By the name of the body's model, and by what they show."""
