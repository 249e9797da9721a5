"""A pair of panels as what its answer rests on: cells to score, and the places flags point to.

A pair of plain numbers is read at a glance. Whatever is not plain (a text, another unit, a
spelling, anything that might be a fault) is left to the rules of `service/panels.py`.
"""

from collections.abc import Mapping, Sequence
from math import nan
from typing import NamedTuple

import numpy as np

from data.panel import Panel, PanelPair
from models.classifier import Classifier, Flag
from models.columns import Kind, PairColumns, value_and_kind
from models.plain_results import PlainRule
from service.schemas import MeasurementBody, PredictionBody


class PairCells(NamedTuple):
    """A pair without faults.

    Attributes
    ----------
    values, kinds
        As in `PairColumns`: the classifier's analytes at baseline, then at follow-up.
    places
        Where each of them is in the measurements of its panel; -1 where it is not.
    flags
        Those of the pair as a whole.
    last_month
        Of the last panel used.
    """

    values: list[float]
    kinds: list[int]
    places: list[int]
    flags: tuple[Flag, ...]
    last_month: float


def plain_cells(classifier: Classifier, body: PredictionBody) -> PairCells | None:
    """The cells of a pair of plain numbers; None where it has to be read with more care."""
    baseline, follow_up = body.baseline, body.follow_up
    if baseline.month > 0 or (follow_up is None) != (classifier.task.name == "pretreatment"):
        return None
    n_analytes = len(classifier.analytes)
    cells = _no_cells(n_analytes)
    platforms: list[str | None] = [None] * (2 * n_analytes)
    if not _fill(cells, platforms, classifier.plain, baseline.measurements, 0):
        return None
    if follow_up is None:
        return cells._replace(last_month=baseline.month)
    month = follow_up.month
    if (
        not _fill(cells, platforms, classifier.plain, follow_up.measurements, n_analytes)
        or platforms[:n_analytes] != platforms[n_analytes:]
        or month <= 0
        or any(classifier.month_faults(month))
    ):
        return None
    return cells._replace(flags=tuple(classifier.month_flags(month)), last_month=month)


def _no_cells(n_analytes: int) -> PairCells:
    n_cells = 2 * n_analytes
    return PairCells([nan] * n_cells, [Kind.NOT_REPORTED] * n_cells, [-1] * n_cells, (), 0.0)


def _fill(
    cells: PairCells,
    platforms: list[str | None],
    rules: Mapping[str, PlainRule],
    measurements: Sequence[MeasurementBody],
    first: int,
) -> bool:
    """Put a panel's results into its cells; whether all of them are plain."""
    values, kinds, places = cells.values, cells.kinds, cells.places
    for place, measured in enumerate(measurements):
        result, lloq = measured.result, measured.lloq
        if (rule := rules.get(measured.analyte)) is None or type(result) is not float:
            return False
        at = first + rule.position
        if (
            measured.unit != rule.unit
            or not rule.lower <= result <= rule.upper
            or not (lloq is None or 0 < lloq <= result)
            or measured.uloq is not None
            or measured.platform not in rule.platforms
            or places[at] >= 0
        ):
            return False
        values[at], kinds[at], places[at] = result, Kind.MEASURED, place
        platforms[at] = measured.platform
    return True


def cells_of_pair(classifier: Classifier, pair: PanelPair) -> PairCells:
    """The cells of a pair that the classifier can answer for."""
    cells = _no_cells(len(classifier.analytes))
    _copy(cells, classifier, pair.baseline, 0)
    if pair.follow_up is not None:
        _copy(cells, classifier, pair.follow_up, len(classifier.analytes))
    last = pair.follow_up if classifier.task.name == "on_treatment" else None
    month = (last or pair.baseline).month
    return cells._replace(flags=tuple(classifier.pair_flags(pair)), last_month=month)


def _copy(cells: PairCells, classifier: Classifier, panel: Panel, first: int) -> None:
    found = {one.analyte: (place, one) for place, one in enumerate(panel.measurements)}
    for at, analyte in enumerate(classifier.analytes, start=first):
        if analyte.name in found:
            cells.places[at], measured = found[analyte.name]
            cells.values[at], cells.kinds[at] = value_and_kind(measured)


def columns_of_cells(classifier: Classifier, cells: Sequence[PairCells]) -> PairColumns:
    """Pairs as columns, in the same order."""
    shape = (len(cells), 2, len(classifier.analytes))
    values = np.array([one.values for one in cells], dtype=np.float64).reshape(shape)
    kinds = np.array([one.kinds for one in cells], dtype=np.int8).reshape(shape)
    return PairColumns(classifier.analytes, values, kinds)
