"""New patients' panels against training's summary: ranges, levels, censoring, missing results.

A bundle holds no patient's values, only sizes, means, SDs, shares and ranges: whatever is compared
here needs no more.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from analysis.contingency import TwoByTwo, fisher_p, risk_difference
from analysis.errors import NoSpreadError
from analysis.exceedance import exceedance_p
from analysis.mean_difference import t_from_summaries
from analysis.summary import Summary
from models.case_mix import case_mix
from models.classifier import PANELS, outside_ranges, training_ranges
from models.columns import Kind, PairColumns
from models.features import Floats, compute, uses_follow_up
from models.manifest import Manifest
from service.monitoring.hiding import LEAST_SHOWN, shown_part

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparison: what it says, and the p of its test; None where nothing can be tested."""

    row: Row
    p: float | None


@dataclass(frozen=True, slots=True)
class NewPatients:
    """Panels of n patients that a bundle answered, each patient once.

    Attributes
    ----------
    manifest, training
        The bundle's, and the `case_mix` of its evaluation.
    columns
        The panels.
    features
        Shape (n_patients, n_features).
    """

    manifest: Manifest
    training: Mapping[str, Any]
    columns: PairColumns
    features: Floats

    @classmethod
    def of(
        cls, manifest: Manifest, training: Mapping[str, Any], columns: PairColumns
    ) -> "NewPatients":
        """With the features of the bundle's recipe."""
        return cls(manifest, training, columns, compute(manifest.domain_features(), columns))

    def outside(self) -> NDArray[np.bool_]:
        """Results that training has not seen the like of, shape (n_patients, n_panels, k)."""
        n_panels = 2 if self.manifest.task.name == "on_treatment" else 1
        ranges = training_ranges(self.manifest, self.columns.analytes)[:n_panels]
        values, kinds = self.columns.values[:, :n_panels], self.columns.kinds[:, :n_panels]
        return outside_ranges(ranges, values, kinds)


def compare_ranges(new: NewPatients) -> Iterator[Compared]:
    """How many results of each analyte and panel lie outside training's range."""
    outside = new.outside()
    names = [analyte.name for analyte in new.columns.analytes]
    for stored in new.manifest.training_ranges:
        panel, index = PANELS.index(stored.panel), names.index(stored.analyte)
        n = int((new.columns.kinds[:, panel, index] != Kind.NOT_REPORTED).sum())
        k = int(outside[:, panel, index].sum())
        n_training = _n_training(new, stored.analyte, panel)
        enough = n >= LEAST_SHOWN and n_training >= 2
        row = {**stored.model_dump(), **_share(k, n, len(outside)), "n_training": n_training}
        yield Compared(row, exceedance_p(k, n, n_training) if enough else None)


def _n_training(new: NewPatients, analyte: str, panel: int) -> int:
    """Training patients who surely had this result: the fewest behind a feature that needs it."""
    sizes = [
        new.training["features"][feature.name]["n"]
        for feature in new.manifest.domain_features()
        if analyte in feature.analytes and (panel == 0 or uses_follow_up(feature))
    ]
    return min(sizes, default=0)


def compare_levels(new: NewPatients) -> Iterator[Compared]:
    """How far the mean of each feature lies from training's, in SDs of training."""
    for index, feature in enumerate(new.manifest.features):
        trained = new.training["features"][feature.name]
        values = new.features[:, index]
        values = values[~np.isnan(values)]
        row: Row = {"feature": feature.name, "n": None, "mean": None, "sd": None}
        row |= {"training": {name: trained[name] for name in ("n", "mean", "sd")}}
        row |= {"shift": None, "sd_ratio": None}
        p = None
        if len(values) >= LEAST_SHOWN:
            found = Summary(len(values), float(values.mean()), float(values.std(ddof=1)))
            told = shown_part(found.n, len(new.features))
            row |= {"n": told, "mean": found.mean, "sd": found.sd}
            if trained["sd"]:
                p = _add_shift(row, found, Summary(trained["n"], trained["mean"], trained["sd"]))
        yield Compared(row, p)


def _add_shift(row: Row, found: Summary, trained: Summary) -> float | None:
    row["sd_ratio"] = found.sd / trained.sd
    try:
        test = t_from_summaries(found, trained)
    except NoSpreadError:
        return None
    limits = test.difference
    row["shift"] = {
        "value": limits.value / trained.sd,
        "lower": limits.lower / trained.sd,
        "upper": limits.upper / trained.sd,
        "level": limits.level,
        "method": limits.method,
    }
    return test.p


def compare_shares(new: NewPatients, which: Literal["missing", "censored"]) -> Iterator[Compared]:
    """How often a feature is ``missing``, or rests on a ``censored`` result, beside training.

    Censoring is a share of the patients in whom the feature is known.
    """
    nobody = np.zeros(new.columns.n_patients, dtype=np.bool_)
    recipe = new.manifest.domain_features()
    mix = case_mix(recipe, new.columns, new.features, nobody, [nobody.astype(np.float64)])
    for name, found in mix["features"].items():
        (k, n), (k_trained, n_trained) = (
            _count(one, which) for one in (found, new.training["features"][name])
        )
        shares = _share(k, n, new.columns.n_patients)
        trained = {"n": n_trained, "share": k_trained / n_trained if n_trained else None}
        row: Row = {"feature": name, **shares, "training": trained, "difference": None}
        p = None
        if n >= LEAST_SHOWN and n_trained:
            table = TwoByTwo(k, n, k_trained, n_trained)
            p = fisher_p(table)
            if shares["k"] is not None:
                row["difference"] = _interval(risk_difference(table).as_dict())
        yield Compared(row, p)


def _interval(estimate: Mapping[str, Any]) -> Row:
    return {name: estimate[name] for name in ("value", "lower", "upper", "level", "method")}


def _count(found: Mapping[str, Any], which: str) -> tuple[int, int]:
    known = found["n"]
    if which == "missing":
        return found["missing"], known + found["missing"]
    return round(known * (found["censored"] or 0.0)), known


def _share(k: int, n: int, n_patients: int) -> Row:
    """A count among those who have a result, and its share.

    All is hidden where the count is small, or its complement, or those without a result.
    """
    group = shown_part(n, n_patients)
    told = None if group is None else shown_part(k, n)
    return {"k": told, "n": group, "share": told / n if told is not None and n else None}
