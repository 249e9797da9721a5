"""Numbers, moments and codes as people read them; nothing here decides what is shown."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

PANEL_WORDS: Final = {"baseline": "before treatment", "follow_up": "follow-up"}
NOTHING: Final = "\N{EN DASH}"

TASKS: Final = {"pretreatment": "Before treatment", "on_treatment": "On treatment"}
"""What a task is called in headings."""
TASK_SENTENCES: Final = {
    "pretreatment": "from the panel before the first injection alone",
    "on_treatment": "from the panels before treatment and during it",
}

FLAGS: Final[Mapping[str, str]] = {
    "below_lloq": "Below the limit of quantification: limit / \N{SQUARE ROOT}2 stands in.",
    "above_uloq": "Above the upper limit of quantification: the limit stands in.",
    "extrapolated": "Extrapolated beyond the standard curve by the laboratory.",
    "imputed_missing": "Not reported: the training cohort's median stands in (trees: none).",
    "outside_training_range": "Outside the range of the training cohort: the classifier guesses.",
    "possible_blood_contamination": "A level usual in blood, not in CSF: check the specimen.",
    "unknown_platform": "Platform not seen in training: levels differ between platforms.",
    "outside_follow_up_window": "The follow-up panel is from another month than in training.",
    "concurrent_not_a_prediction": "Drawn at the outcome's own month: no prediction any more.",
    "follow_up_not_used": "This task does not use the follow-up panel.",
}
"""What each flag of a prediction says."""


def fixed(value: float | None, digits: int = 2) -> str:
    """A number with so many decimals; a dash for none.

    Examples
    --------
    >>> fixed(0.6049), fixed(-0.001)
    ('0.60', '0.00')
    """
    if value is None:
        return NOTHING
    rounded = round(value, digits)
    return f"{rounded + 0.0 if rounded else 0.0:.{digits}f}"


def percent(value: float | None) -> str:
    """A proportion in per cent.

    Examples
    --------
    >>> percent(0.625)
    '62 %'
    """
    return NOTHING if value is None else f"{100 * value:.0f} %"


def estimate(found: Mapping[str, Any] | None, digits: int = 2) -> str:
    """A value with its limits.

    Examples
    --------
    >>> estimate({"value": 0.781, "lower": 0.598, "upper": 0.965})
    '0.78 (0.60 to 0.96)'
    """
    if found is None:
        return NOTHING
    value, lower, upper = (fixed(found[name], digits) for name in ("value", "lower", "upper"))
    return f"{value} ({lower} to {upper})"


def moment(at: str | datetime | None) -> str:
    """A moment to the minute, in UTC.

    Examples
    --------
    >>> moment("2026-01-02T12:00:59.123Z")
    '2026-01-02 12:00 UTC'
    """
    if at is None:
        return NOTHING
    found = at if isinstance(at, datetime) else datetime.fromisoformat(at)
    return f"{found.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def task(name: str) -> str:
    """A task's name in headings."""
    return TASKS.get(name, name)


def definition(rule: Mapping[str, Any]) -> str:
    """Who counts as a responder, in a few words.

    Examples
    --------
    >>> definition({"name": "oh2018", "percent": 50.0, "points": None, "horizon_months": 4.0})
    'oh2018, ALSFRS-R slope improved by at least 50 % by month 4'
    """
    bounds = [] if rule["percent"] is None else [f"at least {rule['percent']:g} %"]
    bounds += [] if rule["points"] is None else [f"at least {rule['points']:g} points/month"]
    said = f", ALSFRS-R slope improved by {' or '.join(bounds)}" if bounds else ""
    horizon = rule["horizon_months"]
    return f"{rule['name']}{said}" + ("" if horizon is None else f" by month {horizon:g}")


def flag(code: str) -> str:
    """What a flag says."""
    return FLAGS.get(code, code)


def place(path: str, sent: Mapping[str, Any] | None) -> str:
    """Where in a request something is, by the names that it has there.

    Examples
    --------
    >>> sent = {"baseline": {"measurements": [{"analyte": "TNF"}]}}
    >>> place("/baseline/measurements/0", sent), place("/follow_up", None)
    ('TNF before treatment', 'follow-up')
    """
    panel, _, rest = path.removeprefix("/").partition("/")
    when = PANEL_WORDS.get(panel, "")
    index = rest.removeprefix("measurements/").partition("/")[0]
    if sent is None or not index.isdecimal():
        return when
    return f"{sent[panel]['measurements'][int(index)]['analyte']} {when}"


def plain(name: str) -> str:
    """A name of ours in words."""
    return name.replace("_", " ")


def number(value: float | None) -> str:
    """A number in as few digits as tell it.

    Examples
    --------
    >>> number(0.70461357), number(512.0)
    ('0.7046', '512')
    """
    return NOTHING if value is None else f"{value:.4g}"


def few(n: int | None) -> str:
    """A count of a report, where none means that it is from 1 to 4.

    Examples
    --------
    >>> few(0), few(12), few(None)
    ('0', '12', 'fewer than 5')
    """
    return "fewer than 5" if n is None else str(n)


def hidden(n: int | None) -> str:
    """A count of a report, where none may also protect another one."""
    return "hidden" if n is None else str(n)


FILTERS: Final[dict[str, Callable[..., str]]] = {
    "fixed": fixed,
    "percent": percent,
    "estimate": estimate,
    "moment": moment,
    "task": task,
    "definition": definition,
    "flag": flag,
    "place": place,
    "plain": plain,
    "number": number,
    "few": few,
    "hidden": hidden,
}
"""By the name under which templates use them."""
