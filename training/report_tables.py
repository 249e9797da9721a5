"""The tables of a training report that no chart has."""

from collections.abc import Iterator, Mapping
from typing import Any

from charts.report import Block, Prose
from charts.table import Column, Table
from models.manifest import Manifest
from training.markdown import plain
from training.tripod import tripod_table

Evaluation = Mapping[str, Any]


def participants_table(evaluation: Evaluation) -> Table:
    """Who trained and who was left out, with the reason."""
    n, k = evaluation["n_patients"], evaluation["n_responders"]
    counts = {"trained": n, "of them responders": k, "of them others": n - k}
    counts |= {f"left out: {_words(why)}": found for why, found in _left_out(evaluation).items()}
    columns = (Column("who", "Treated patients"), Column("n", "n", "integer"))
    rows = tuple({"who": who, "n": found} for who, found in counts.items())
    note = "Controls never train. A patient who cannot be judged is no responder and no other."
    return Table("participants", "Patients and exclusions", columns, rows, note)


def _left_out(evaluation: Evaluation) -> Mapping[str, int]:
    found: Mapping[str, int] = evaluation["not_evaluable"]
    return found or {"nobody": 0}


def features_table(manifest: Manifest, evaluation: Evaluation) -> Table:
    """Each feature's spread, missing and censored results among who trained."""
    units = {feature.name: feature.unit for feature in manifest.features}
    columns = (
        Column("feature", "Feature"),
        Column("unit", "Unit"),
        Column("n", "n", "integer"),
        Column("missing", "Missing", "integer"),
        Column("censored", "Rest on a censored result", "percent", 0),
        Column("mean", "Mean", "number"),
        Column("sd", "SD", "number"),
    )
    rows = tuple(
        {"feature": name, "unit": units.get(name, ""), **found}
        for name, found in evaluation["case_mix"]["features"].items()
    )
    note = (
        "Missing: imputed by the median learnt inside each fold. Censored: a result below its "
        "limit enters as limit/sqrt(2); both of a pair censored is no change."
    )
    return Table("features", "Features: missing and censored", columns, rows, note)


def optimism_table(evaluation: Evaluation) -> Iterator[Block]:
    """The bootstrap's view, or that none was asked for."""
    found = evaluation["optimism"]
    if found is None:
        yield Prose("No bootstrap of the optimism was asked for.")
        return
    columns = (
        Column("measure", "Measure"),
        Column("apparent", "Apparent", "number", 3),
        Column("optimism", "Optimism", "number", 3),
        Column("corrected", "Corrected (Harrell)", "number", 3),
        Column("point632_plus", ".632+", "number", 3),
        Column("n_resamples", "Resamples", "integer"),
    )
    rows = tuple(
        {"measure": name, **found["point632"].get(name, {}), **numbers}
        for name, numbers in found["corrected"].items()
    )
    note = (
        "Secondary: the headline is out of fold, never the better of two. Apparent: of the served "
        "fit on the patients who trained it."
    )
    yield Table("optimism", "Optimism by the bootstrap", columns, rows, note)


def chosen_table(evaluation: Evaluation) -> Table:
    """How often each family was chosen in the outer folds."""
    columns = (Column("family", "Family"), Column("n", "Outer folds that chose it", "integer"))
    rows = tuple(
        {"family": _words(name), "n": found}
        for name, found in evaluation["chosen_in_folds"].items()
    )
    note = f"Served: {_words(evaluation['chosen']['family'])}, chosen again on all patients."
    return Table("chosen", "Families chosen in the folds", columns, rows, note)


def tripod_block(manifest: Manifest, evaluation: Evaluation) -> Iterator[Block]:
    """Every item of TRIPOD+AI with its answer and who gave it."""
    found = tripod_table(manifest, evaluation, manifest.config.get("tripod", {}))
    n_open = sum(row.source == "open" for row in found)
    yield Prose(
        f"{len(found)} parts of the 27 items (Collins 2024, BMJ 385:e078378; named in our words): "
        f"{len(found) - n_open} answered, {n_open} open for the authors, who answer them under "
        "[tripod] of the configuration."
    )
    columns = (
        Column("item", "Item"),
        Column("topic", "Topic"),
        Column("answer", "Answer"),
        Column("source", "From"),
    )
    rows = tuple(
        {"item": row.item, "topic": row.topic, "answer": plain(row.answer), "source": row.source}
        for row in found
    )
    yield Table("tripod", "TRIPOD+AI", columns, rows)


def _words(name: str) -> str:
    return name.replace("_", " ")
