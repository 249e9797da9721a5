"""The form of one panel pair: its fields, an example, and the request that it makes.

A field is named by the place of its value in the request, so that a fault finds its field.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from data.errors import Fault
from models.classifier import PANELS, Classifier

PATIENT: Final = "TRY-IT"
"""What stands for a patient: nobody is asked for one here."""
_LIMITS: Final = ("lloq", "uloq")

Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PanelFields:
    """One panel of the form; `rows` has the analytes with the names of their fields."""

    name: str
    rows: Sequence[tuple[str, str]]


def panel_fields(classifier: Classifier) -> tuple[PanelFields, ...]:
    """The panels that a classifier looks at."""
    used = PANELS if classifier.task.name == "on_treatment" else PANELS[:1]
    names = [analyte.name for analyte in classifier.analytes]
    return tuple(
        PanelFields(panel, [(name, f"{panel}/measurements/{i}") for i, name in enumerate(names)])
        for panel in used
    )


def empty_form(classifier: Classifier) -> dict[str, str]:
    """A form with the months and units that are usual."""
    form = {"baseline/month": "0", "follow_up/month": f"{classifier.task.follow_up_month:g}"}
    for panel in panel_fields(classifier):
        units = [analyte.unit for analyte in classifier.analytes]
        form |= {f"{row}/unit": unit for (_, row), unit in zip(panel.rows, units, strict=True)}
        form[f"{panel.name}/platform"] = next(iter(_platforms(classifier)), "")
    return form


def example_form(classifier: Classifier) -> dict[str, str]:
    """A form that is filled in from the middle of the training ranges; nobody's results."""
    form = empty_form(classifier)
    seen = classifier.manifest.training_ranges
    ranges = {f"{one.panel} {one.analyte}": (one.lower, one.upper) for one in seen}
    scales = {analyte.name: analyte.scale for analyte in classifier.analytes}
    for panel in panel_fields(classifier):
        for number, (analyte, row) in enumerate(panel.rows):
            lower, upper = ranges.get(f"{panel.name} {analyte}", (1.0, 1.0))
            is_log = lower > 0 and scales[analyte] != "as_is"
            middle = math.sqrt(lower * upper) if is_log else (lower + upper) / 2
            form[f"{row}/result"] = f"{middle:.3g}"
            if is_log and number == 0 and panel.name == "baseline":
                form[f"{row}/result"], form[f"{row}/lloq"] = f"<{lower:.3g}", f"{lower:.3g}"
    return form


def platforms(classifier: Classifier) -> list[str]:
    """The platforms that the training cohort was measured on."""
    return sorted(_platforms(classifier))


def _platforms(classifier: Classifier) -> set[str]:
    return {name for names in classifier.manifest.platforms.values() for name in names}


def read_form(classifier: Classifier, form: Form) -> tuple[dict[str, Any], list[Fault]]:
    """The request that a form makes, and its numbers that are none.

    Results stay as they were written: what a laboratory's text means is decided in one place.
    """
    faults: list[Fault] = []
    request: dict[str, Any] = {"patient_id": PATIENT, "task": classifier.task.name}
    for panel in panel_fields(classifier):
        request[panel.name] = {
            "month": _month(form, panel.name, faults),
            "measurements": [
                _measurement(form, analyte, row, form.get(f"{panel.name}/platform", ""), faults)
                for analyte, row in panel.rows
            ],
        }
    return request, faults


def _measurement(
    form: Form, analyte: str, row: str, platform: str, faults: list[Fault]
) -> dict[str, Any]:
    stated: dict[str, Any] = {
        "analyte": analyte,
        "result": form.get(f"{row}/result", "").strip() or None,
        "unit": form.get(f"{row}/unit", "").strip() or None,
        "platform": platform.strip() or None,
    }
    limits = {name: _number(form, f"{row}/{name}", faults) for name in _LIMITS}
    return stated | {name: limit for name, limit in limits.items() if limit is not None}


def _month(form: Form, panel: str, faults: list[Fault]) -> float:
    month = _number(form, f"{panel}/month", faults)
    if month is None:
        faults.append(Fault(f"/{panel}/month", "missing", "say in which month it was drawn"))
    return month or 0.0


def _number(form: Form, name: str, faults: list[Fault]) -> float | None:
    """The number in a field, None where it is empty; with a fault 1, for the other rules."""
    text = form.get(name, "").strip()
    if not text:
        return None
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        sentence = "this must be a number, with a point before its decimals"
        faults.append(Fault(f"/{name}", "float_type", sentence))
        return 1.0
    return found


def sentences_by_field(
    fields: Sequence[PanelFields], places: Iterator[tuple[str, str]]
) -> dict[str, list[str]]:
    """Sentences about places of a request, by the field of the form that has them.

    A place without a field of its own counts for what contains it: the row, the panel, the form.
    """
    known = {"", *(panel.name for panel in fields)}
    for panel in fields:
        known |= {f"{panel.name}/month", f"{panel.name}/platform"}
        known |= {f"{row}{rest}" for _, row in panel.rows for rest in ("", *_FIELDS_OF_ROW)}
    found: dict[str, list[str]] = {}
    for path, sentence in places:
        name = path.removeprefix("/")
        if name.endswith("/platform"):
            name = f"{name.partition('/')[0]}/platform"
        while name not in known:
            name = name.rpartition("/")[0]
        if sentence not in found.setdefault(name, []):
            found[name].append(sentence)
    return found


_FIELDS_OF_ROW: Final = ("/result", "/unit", "/lloq", "/uloq")
