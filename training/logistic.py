"""Many penalised logistic regressions solved together.

Cross-validation, its penalties, bootstrap resamples and permutations are thousands of small
regressions: here they advance side by side as NumPy arrays, each along its own path of
penalty strengths, and choosing among the strengths is left to the caller.

To the last bit, an answer never depends on which other problems share the batch. So sums over
patients use plain `einsum`, never BLAS, whose rounding can change with the number of threads.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.errors import CsfError
from training.quadratic_model import minimise_quadratic
from training.standardise import Floats, Numbers, Standardised, blocks

TOLERANCE = 1e-12
"""Largest violation of the optimality conditions, in units of the mean log-loss's gradient."""

MAX_ITERATIONS = 200
"""Newton steps for one strength; about 3 are usual, 40 were the most seen on hostile data."""

MAX_HALVINGS = 40
"""Of one Newton step."""

SUFFICIENT = 1e-4
"""Share of the promised decrease that a step must keep (Armijo; Nocedal & Wright 2006, 3.1)."""

ROUNDING = 1e-13
"""Relative rise of the objective that counts as rounding."""

Bools = NDArray[np.bool_]
Integers = NDArray[np.intp]


class OneClassError(CsfError):
    """Some training sets lack responders or non-responders; `problems` lists their rows."""

    def __init__(self, problems: list[int]) -> None:
        self.problems = problems
        shown = ", ".join(map(str, problems[:10])) + (" ..." if len(problems) > 10 else "")
        super().__init__(
            "every training set needs a responder and a non-responder; "
            f"{len(problems)} of them have one class only (problems {shown})"
        )


@dataclass(frozen=True)
class LinearFits:
    """Fitted logistic regressions: every problem at every strength.

    Attributes
    ----------
    strengths : (n_strengths,)
    l1_ratio
        0 is ridge, 1 is lasso.
    intercepts : (n_problems, n_strengths)
    coefficients : (n_problems, n_strengths, n_features)
        Log odds of response per standard deviation of the feature.
    n_iterations : (n_problems, n_strengths)
        Newton steps taken from the previous strength's solution.
    converged : (n_problems, n_strengths)
        Whether the optimality conditions hold within `TOLERANCE`.
    """

    strengths: Floats
    l1_ratio: float
    intercepts: Floats
    coefficients: Floats
    n_iterations: Integers
    converged: Bools

    def on_raw_scale(self, standardised: Standardised) -> tuple[Floats, Floats]:
        """Intercepts and coefficients for features in their own units, once imputed."""
        coefficients = self.coefficients / standardised.scales[:, None]
        shift = _sum_in_order(np.moveaxis(coefficients * standardised.means[:, None], -1, 0))
        return self.intercepts - shift, coefficients


def solve(
    features: Floats,
    standardised: Standardised,
    is_responder: Numbers,
    weights: Numbers,
    *,
    strengths: Floats,
    l1_ratio: float,
) -> LinearFits:
    """Fit every problem at every strength.

    Minimises, for each problem and strength, ::

        sum_i w_i logloss_i / sum_i w_i
            + strength * ((1 - l1_ratio) / 2 * |coefficients|_2^2 + l1_ratio * |coefficients|_1)

    with an unpenalised intercept, by a proximal Newton method with step-halving.
    scikit-learn's ``C`` is ``1 / (strength * sum_i w_i)``.

    Parameters
    ----------
    features : (n_patients, n_features)
        NaN where missing.
    standardised
        Of the same features and weights.
    is_responder : (n_patients,) or (n_problems, n_patients)
        The second form gives each problem labels of its own, as permutations need.
    weights : (n_problems, n_patients)
        0 held out, 1 in the training set, more for copies in a bootstrap.
    strengths : (n_strengths,)
        Positive and falling: each solution starts the next.
    l1_ratio
        Share of the absolute-value penalty, 0 (ridge) to 1 (lasso).

    Raises
    ------
    OneClassError
        If a problem's training set lacks responders or non-responders.
    ValueError
        If the shapes do not fit, or strengths or l1_ratio are out of range.

    Source
    ------
    Friedman, Hastie & Tibshirani 2010, J Stat Softw 33(1), section 3 (the objective); Lee,
    Sun & Saunders 2014, SIAM J Optim 24(3), algorithm 1 (proximal Newton, step-halving).

    Examples
    --------
    >>> import numpy as np
    >>> from training.standardise import standardise
    >>> features, weights = np.array([[0.0], [1.0], [2.0], [3.0]]), np.ones((1, 4))
    >>> fits = solve(features, standardise(features, weights), np.array([0, 1, 0, 1]), weights,
    ...              strengths=np.array([0.1]), l1_ratio=0.0)
    >>> fits.coefficients.round(4)
    array([[[0.6656]]])
    """
    strengths = np.asarray(strengths, dtype=np.float64)
    _check_shapes(features, standardised, is_responder, weights)
    _check_penalty(strengths, l1_ratio)
    responders = _labels(is_responder, weights)
    (n_problems, n_patients), n_features = weights.shape, features.shape[1]
    shape = (n_problems, len(strengths))
    fits = LinearFits(
        strengths,
        l1_ratio,
        np.empty(shape),
        np.empty((*shape, n_features)),
        np.empty(shape, dtype=np.intp),
        np.empty(shape, dtype=np.bool_),
    )
    for block in blocks(n_problems, n_patients * (n_features + 1)):
        values = standardised.values(features, block)
        _follow_paths(_start(values, responders[block], weights[block], block.start), fits)
    return fits


def predict_scores(features: Floats, standardised: Standardised, fits: LinearFits) -> Floats:
    """Linear predictors (log odds of response) of every patient, held-out ones too.

    Parameters
    ----------
    features : (n_patients, n_features)
        NaN where missing; the patients learnt from, or new ones.
    standardised
        What `fits` was made with.
    fits
        As `solve` returned it.

    Returns
    -------
    (n_problems, n_strengths, n_patients)
    """
    scores = np.repeat(fits.intercepts[:, :, None], len(features), axis=2)
    for block in blocks(len(scores), len(features) * max(fits.coefficients.shape[1:])):
        by_feature = standardised.values(features, block).transpose(2, 0, 1)
        for j, values in enumerate(by_feature):
            scores[block] += fits.coefficients[block, :, j, None] * values[:, None]
    return scores


def _sum_in_order(terms: Floats) -> Floats:
    """Sum over the first axis, first to last.

    `np.sum` adds in another order, and so to another last bit, when the other axes have length 1.
    """
    total: Floats = terms[0].copy()
    for term in terms[1:]:
        total += term
    return total


def _check_shapes(
    features: Floats,
    standardised: Standardised,
    is_responder: Numbers,
    weights: Numbers,
) -> None:
    n_problems, n_features = standardised.medians.shape
    n_patients = len(features)
    if features.shape != (n_patients, n_features):
        raise ValueError(f"standardised has {n_features} features, features {features.shape[1:]}")
    if weights.shape != (n_problems, n_patients):
        raise ValueError(f"weights must be {(n_problems, n_patients)}, not {weights.shape}")
    if is_responder.shape not in {(n_patients,), weights.shape}:
        raise ValueError(
            f"is_responder must be {(n_patients,)} or {weights.shape}, not {is_responder.shape}"
        )


def _check_penalty(strengths: Floats, l1_ratio: float) -> None:
    usable = strengths.ndim == 1 and strengths.size and np.isfinite(strengths).all()
    if not usable or strengths[-1] <= 0 or (np.diff(strengths) >= 0).any():
        raise ValueError("strengths must be a list of positive numbers, falling")
    if not 0 <= l1_ratio <= 1:
        raise ValueError("l1_ratio must lie between 0 (ridge) and 1 (lasso)")


def _labels(is_responder: Numbers, weights: Numbers) -> Bools:
    """(n_problems, n_patients), with both classes among the weighted patients of each."""
    if not np.isin(is_responder, (0, 1)).all():
        raise ValueError("is_responder must be true or false for every patient")
    responders = np.broadcast_to(is_responder.astype(np.bool_), weights.shape)
    trained_on = weights > 0
    both = (trained_on & responders).any(axis=1) & (trained_on & ~responders).any(axis=1)
    if not both.all():
        raise OneClassError(np.flatnonzero(~both).tolist())
    return responders


@dataclass
class _Batch:
    """The problems still being solved, each at a strength of its own; b is their number.

    Arrays (features + 1, b) have the intercept in row 0 and the problem last, so that one
    operation on a feature runs through contiguous memory.
    """

    problem: Integers  # (b,) row in the results
    position: Integers  # (b,) index of the current strength
    n_iterations: Integers  # (b,) at the current strength
    design: Floats  # (b, features + 1, patients), the first row all ones
    side: Floats  # (b, patients), 1 responder, -1 non-responder
    weights: Floats  # (b, patients), sum to 1
    coefficients: Floats  # (features + 1, b)
    margins: Floats  # (b, patients), side times linear predictor

    def keep(self, which: Bools) -> None:
        """Drop the other problems."""
        if which.all():
            return
        self.coefficients = self.coefficients[:, which]
        self.problem, self.position = self.problem[which], self.position[which]
        self.n_iterations = self.n_iterations[which]
        self.design, self.side = self.design[which], self.side[which]
        self.weights, self.margins = self.weights[which], self.margins[which]

    def margins_at(self, coefficients: Floats) -> Floats:
        predictors: Floats = np.einsum("bfn,fb->bn", self.design, coefficients)
        return self.side * predictors

    def mean_loss(self, margins: Floats) -> Floats:
        """Log-loss (b,), without overflow for any margin."""
        losses = np.log1p(np.exp(-np.abs(margins))) + np.maximum(-margins, 0.0)
        mean: Floats = np.einsum("bn,bn->b", self.weights, losses)
        return mean


@dataclass(frozen=True)
class _Penalty:
    """Both parts (features + 1, b) at each problem's current strength; 0 for the intercept."""

    ridge: Floats
    lasso: Floats

    def value(self, coefficients: Floats) -> Floats:
        size = np.abs(coefficients)
        return _sum_in_order((self.ridge / 2 * size + self.lasso) * size)

    def violation(self, coefficients: Floats, gradient: Floats) -> Floats:
        """Largest distance (b,) of minus the loss's gradient from the penalty's subgradient."""
        smooth = gradient + self.ridge * coefficients
        at_zero = np.maximum(np.abs(smooth) - self.lasso, 0.0)
        elsewhere = np.abs(smooth + self.lasso * np.sign(coefficients))
        largest: Floats = np.where(coefficients == 0, at_zero, elsewhere).max(axis=0)
        return largest


def _start(values: Floats, responders: Bools, weights: Numbers, first_problem: int) -> _Batch:
    """Every problem at its first strength, with all coefficients 0."""
    b, n_patients, n_features = values.shape
    design = np.ones((b, n_features + 1, n_patients))
    design[:, 1:] = values.transpose(0, 2, 1)
    shares = weights.astype(np.float64)
    shares /= shares.sum(axis=1, keepdims=True)
    prevalence = (shares * responders).sum(axis=1)
    coefficients = np.zeros((n_features + 1, b))
    coefficients[0] = np.log(prevalence / (1 - prevalence))
    side = np.where(responders, 1.0, -1.0)
    return _Batch(
        problem=np.arange(first_problem, first_problem + b),
        position=np.zeros(b, dtype=np.intp),
        n_iterations=np.zeros(b, dtype=np.intp),
        design=design,
        side=side,
        weights=shares,
        coefficients=coefficients,
        margins=side * coefficients[0][:, None],
    )


def _follow_paths(batch: _Batch, fits: LinearFits) -> None:
    """Take every problem down its strengths, writing each solution into `fits`."""
    while True:
        gradient, curvature = _derivatives(batch)
        active = _record_settled(batch, fits, gradient)
        if not active.any():
            return
        batch.keep(active)
        penalty = _penalty(batch, fits)
        hessian = _hessian(batch.design, curvature[active])
        target = minimise_quadratic(
            batch.coefficients,
            gradient[:, active],
            hessian,
            ridge=penalty.ridge,
            lasso=penalty.lasso,
        )
        _step_towards(batch, target, gradient[:, active], penalty)
        batch.n_iterations += 1


def _penalty(batch: _Batch, fits: LinearFits) -> _Penalty:
    """At each problem's current strength."""
    strength = np.repeat(fits.strengths[batch.position][None], len(batch.coefficients), axis=0)
    strength[0] = 0.0
    return _Penalty(ridge=(1 - fits.l1_ratio) * strength, lasso=fits.l1_ratio * strength)


def _record_settled(batch: _Batch, fits: LinearFits, gradient: Floats) -> Bools:
    """Record solutions and move on to the next strength; returns which problems have one left."""
    active = np.ones(len(batch.problem), dtype=np.bool_)
    while True:
        violation = _penalty(batch, fits).violation(batch.coefficients, gradient)
        converged = violation <= TOLERANCE
        settled = active & (converged | (batch.n_iterations >= MAX_ITERATIONS))
        if not settled.any():
            return active
        where = batch.problem[settled], batch.position[settled]
        fits.intercepts[where] = batch.coefficients[0, settled]
        fits.coefficients[where] = batch.coefficients[1:, settled].T
        fits.n_iterations[where] = batch.n_iterations[settled]
        fits.converged[where] = converged[settled]
        batch.n_iterations[settled] = 0
        active &= ~(settled & (batch.position == len(fits.strengths) - 1))
        batch.position[settled & active] += 1


def _derivatives(batch: _Batch) -> tuple[Floats, Floats]:
    """Of the mean log-loss: gradient (features + 1, b), each patient's curvature (b, patients)."""
    small = np.exp(-np.abs(batch.margins))
    error = np.where(batch.margins >= 0, small, 1.0) / (1.0 + small)
    slopes = -batch.weights * batch.side * error
    gradient: Floats = np.einsum("bfn,bn->fb", batch.design, slopes)
    return gradient, batch.weights * small / (1.0 + small) ** 2


def _hessian(design: Floats, curvature: Floats) -> Floats:
    """Of the mean log-loss (features + 1, features + 1, b)."""
    n_rows = design.shape[1]
    weighted = design * curvature[:, None]
    hessian = np.empty((n_rows, n_rows, len(design)))
    for j in range(n_rows):
        row = hessian[j, : j + 1]
        np.einsum("bn,bfn->fb", weighted[:, j], design[:, : j + 1], out=row)
        hessian[:j, j] = row[:j]
    return hessian


def _step_towards(batch: _Batch, target: Floats, gradient: Floats, penalty: _Penalty) -> None:
    """Move to `target`, halving the step until the objective falls enough."""
    start = batch.coefficients
    direction = target - start
    before = batch.mean_loss(batch.margins) + penalty.value(start)
    promised = _sum_in_order(gradient * direction) + penalty.value(target) - penalty.value(start)
    step = np.ones(len(before))
    for _ in range(MAX_HALVINGS):
        trial = np.where(step == 1, target, start + step * direction)
        margins = batch.margins_at(trial)
        after = batch.mean_loss(margins) + penalty.value(trial)
        too_high = after > before + SUFFICIENT * step * promised + ROUNDING * np.abs(before)
        if not too_high.any():
            break
        step[too_high] /= 2
    batch.coefficients, batch.margins = trial, margins
