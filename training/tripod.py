"""The TRIPOD+AI table of a run: item, answer, and where the answer comes from.

Items are named in our words after Collins et al. 2024 (BMJ 385:e078378); what the run knows it
answers, what only a person can know is asked for under [tripod] of the configuration and listed
as open until then.
"""

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final, Literal, NamedTuple

from models.manifest import Manifest
from training.markdown import escaped
from training.tripod_answers import ANSWERS, Run

NOT_AVAILABLE: Final = "not available in the data"


class TripodRow(NamedTuple):
    """One item; `source` is the run, the configuration, both, or nobody yet."""

    item: str
    topic: str
    answer: str
    source: Literal["run", "config", "run and config", "open"]


@cache
def tripod_items() -> dict[str, tuple[str, str]]:
    """Topic of every item and what it asks for, in the checklist's order (27 items in 52 parts).

    Examples
    --------
    >>> len(tripod_items()), tripod_items()["10"][0]
    (52, 'Sample size')
    """
    text = resources.files("training").joinpath("tripod.csv").read_text(encoding="utf-8")
    return {row["item"]: (row["topic"], row["asks"]) for row in csv.DictReader(text.splitlines())}


def tripod_table(
    manifest: Manifest, evaluation: Mapping[str, Any], answers: Mapping[str, str]
) -> list[TripodRow]:
    """Every item with its answer; a person's answer stands beside the run's, never instead."""
    run = Run(manifest, evaluation)
    rows = []
    for item, (topic, asks) in tripod_items().items():
        known = ANSWERS[item](run) if item in ANSWERS else ""
        said = escaped(answers.get(item, ""))
        if known and said:
            rows.append(TripodRow(item, topic, f"{known} {said}", "run and config"))
        elif known or said:
            rows.append(TripodRow(item, topic, known or said, "run" if known else "config"))
        else:
            rows.append(TripodRow(item, topic, f"{NOT_AVAILABLE}; say: {asks}", "open"))
    return rows


def tripod_markdown(rows: list[TripodRow]) -> list[str]:
    """The table for `card.md`, open items last in a list of their own."""
    lines = ["| item | topic | answer | from |", "|---|---|---|---|"]
    lines += [
        f"| {row.item} | {row.topic} | {row.answer} | {row.source} |"
        for row in rows
        if row.source != "open"
    ]
    still_open = [f"{row.item} {row.topic.lower()}" for row in rows if row.source == "open"]
    if still_open:
        lines += ["", f"Open, for a person to answer under `[tripod]`: {'; '.join(still_open)}."]
    return lines
