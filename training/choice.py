"""Choosing a family and its setting by log-loss in inner folds, calibration included.

Everything here sees one training set (weights above 0) and nothing of who is held out of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.cross_validated_auc import corrected_standard_error
from training.estimators import Family

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Platt:
    """Calibration of margins: ``score = slope * margin + intercept`` [log-odds]."""

    slope: float = 1.0
    intercept: float = 0.0

    def apply(self, margins: Floats) -> Floats:
        """Calibrated scores."""
        scores: Floats = self.slope * margins + self.intercept
        return scores


@dataclass(frozen=True, slots=True)
class InnerResult:
    """What inner cross-validation found for one family on one training set.

    Attributes
    ----------
    setting
        Position of the best setting by mean inner log-loss.
    fold_losses
        Shape (n_inner_folds,): held-out log-loss of that setting.
    held_out_scores
        Shape (n_patients,) [log-odds], calibrated; each patient scored while held out of an
        inner fold. NaN for patients outside the training set.
    platt
        The calibration learnt from those scores (identity for logistic families).
    """

    setting: int
    fold_losses: Floats
    held_out_scores: Floats
    platt: Platt


def inner_weights(folds: NDArray[np.intp], weight: Floats, n_folds: int) -> Floats:
    """Training weights of each inner fold, shape (n_folds, n_patients).

    `folds` has each patient's inner fold (-1 outside the training set), shape (n_patients,);
    copies of one patient share a fold.
    """
    held_out = folds == np.arange(n_folds)[:, np.newaxis]
    return np.where(held_out, 0.0, weight)


def inner_result(
    family: Family,
    scores: Floats,
    is_responder: Bools,
    weight: Floats,
    folds: NDArray[np.intp],
) -> InnerResult:
    """Pick the setting of a family from the scores of its inner fits.

    `scores` has shape (n_inner_folds, n_settings, n_patients).
    """
    n_folds, n_settings, _ = scores.shape
    losses = np.empty((n_folds, n_settings))
    for fold in range(n_folds):
        at = (folds == fold) & (weight > 0)
        loss = log_loss(scores[fold][:, at], is_responder[at])
        losses[fold] = (loss * weight[at]).sum(axis=-1) / weight[at].sum()
    setting = int(losses.mean(axis=0).argmin())
    held_out = np.full(len(weight), np.nan)
    inside = folds >= 0
    held_out[inside] = scores[folds[inside], setting, np.flatnonzero(inside)]
    platt = Platt()
    if family.needs_calibration:
        platt = fit_platt(held_out[inside], is_responder[inside], weight[inside])
    return InnerResult(setting, losses[:, setting], platt.apply(held_out), platt)


def log_loss(scores: Floats, is_responder: Bools) -> Floats:
    """Log-loss of each score [log-odds], same shape; finite for any finite score."""
    signed = np.where(is_responder, scores, -scores)
    return np.logaddexp(0.0, -signed)


def choose_family(results: Sequence[InnerResult], *, n_train: float, n_test: float) -> int:
    """The first family that is within one corrected standard error of the best.

    The error is that of the paired difference to the best over inner folds (Nadeau and Bengio
    2003); families stand in order of preference.
    """
    losses = np.array([result.fold_losses for result in results])
    best = losses.mean(axis=1).argmin()
    difference = losses - losses[best]
    error = corrected_standard_error(difference, n_train=n_train, n_test=n_test)
    return int(np.argmax(difference.mean(axis=1) <= error))


_PLATT_STEPS = 100
_PLATT_TOLERANCE = 1e-10


def fit_platt(margins: Floats, is_responder: Bools, weight: Floats) -> Platt:
    """Platt's calibration: a logistic regression on the margin with smoothed targets.

    Smoothing (Platt 1999; Newton as in Lin 2007) keeps it finite when the margins separate the
    classes. Constant margins give slope 0, and so do margins that rank the wrong way round:
    calibration must not turn a model upside down (decision 18).
    """
    n_cases, n_controls = weight[is_responder].sum(), weight[~is_responder].sum()
    target = np.where(is_responder, (n_cases + 1) / (n_cases + 2), 1 / (n_controls + 2))
    centre = np.average(margins, weights=weight)
    spread = np.sqrt(np.average((margins - centre) ** 2, weights=weight))
    rate = np.average(target, weights=weight)
    flat = Platt(0.0, float(np.log(rate / (1 - rate))))
    if spread < _PLATT_TOLERANCE:
        return flat
    design = np.column_stack([np.ones_like(margins), (margins - centre) / spread])
    beta = np.array([flat.intercept, 0.0])
    objective = _cross_entropy(design @ beta, target, weight)
    for _ in range(_PLATT_STEPS):
        probability = 1 / (1 + np.exp(-(design @ beta)))
        gradient = design.T @ (weight * (probability - target))
        curvature = weight * np.maximum(probability * (1 - probability), 1e-12)
        step = np.linalg.solve((design.T * curvature) @ design, gradient)
        size = 1.0
        while size > _PLATT_TOLERANCE:
            trial = _cross_entropy(design @ (beta - size * step), target, weight)
            if trial <= objective:
                break
            size /= 2
        beta, objective = beta - size * step, min(trial, objective)
        if np.abs(size * step).max() < _PLATT_TOLERANCE:
            break
    slope = float(beta[1] / spread)
    return Platt(slope, float(beta[0] - slope * centre)) if slope > 0 else flat


def _cross_entropy(scores: Floats, target: Floats, weight: Floats) -> float:
    return float((weight * (np.logaddexp(0.0, scores) - target * scores)).sum())
