"""Bodies that the API takes, to copy; made up, nobody's results."""

from typing import Any, Final

_BEFORE: Final = [
    {"analyte": "TNF", "result": "<0.7", "unit": "pg/mL", "lloq": 0.7, "platform": "milliplex"},
    {"analyte": "MCP-1", "result": 512, "unit": "pg/mL", "platform": "milliplex"},
    {"analyte": "TGF-b1", "result": 61.5, "unit": "pg/mL", "platform": "milliplex"},
]
_AFTER: Final = [
    {"analyte": "TNF", "result": 0.9, "unit": "pg/mL", "lloq": 0.7, "platform": "milliplex"},
    {"analyte": "MCP-1", "result": 450, "unit": "pg/mL", "platform": "milliplex"},
    {"analyte": "TGF-b1", "result": 80, "unit": "pg/mL", "platform": "milliplex"},
]

EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "PredictionBody": {
        "patient_id": "P-017",
        "task": "on_treatment",
        "baseline": {"specimen_id": "S1", "month": 0, "measurements": _BEFORE},
        "follow_up": {"specimen_id": "S2", "month": 1, "measurements": _AFTER},
    },
    "BatchBody": {
        "table": {
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
    },
    "OutcomeBody": {
        "responder": True,
        "definition": "oh2018",
        "horizon_months": 4,
        "observed_on": "2026-06-30",
    },
    "PromotionBody": {"reason": "better calibrated on the second cohort"},
}
"""By the name of the schema."""
