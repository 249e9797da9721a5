"""What live numbers ask somebody to look at, in sentences."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from service.pages.words import plain, task

_LOUD: Final = {
    "notice": "patients who are sent differ from those who trained (notice)",
    "alarm": "patients who are sent differ from those who trained (ALARM)",
}
_KINDS: Final = {
    "levels": "level of {feature}",
    "ranges": "range of {analyte} {panel}",
    "censored": "censoring of {feature}",
    "missing": "results of {feature} missing",
}


def sentences(bundles: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """One sentence for each thing of note, of each bundle.

    Parameters
    ----------
    bundles
        What the reports say of each; None where one says nothing.

    Examples
    --------
    >>> rows = {"levels": [{"feature": "log_tnf", "attention": "alarm"}]}
    >>> rows |= {"ranges": [], "censored": [], "missing": [], "attention": "alarm"}
    >>> drift = {"task": "on_treatment", "drift": rows}
    >>> print(*sentences([{"performance": None, "drift": drift}]))
    On treatment: patients who are sent differ from those who trained (ALARM): level of log tnf.
    """
    for parts in bundles:
        yield from (f"{task(of['task'])}: {said}." for of, said in _found(parts))


def _found(parts: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    from charts.live.measures import measures

    performance, drift = parts["performance"], parts["drift"]
    if performance and performance["estimates"]:
        found = measures(performance["estimates"]).values()
        yield from ((performance, one["sentence"]) for one in found if one["finding"] == "worse")
    if drift and drift["drift"] and (said := _LOUD.get(drift["drift"]["attention"])):
        yield drift, f"{said}: {', '.join(_what(drift['drift']))}"


def _what(drift: Mapping[str, Any]) -> Iterator[str]:
    """Everything that moved, whether a notice or an alarm."""
    for name, sentence in _KINDS.items():
        loud = (row for row in drift[name] if row["attention"] in _LOUD)
        yield from (plain(sentence.format(**row)) for row in loud)
