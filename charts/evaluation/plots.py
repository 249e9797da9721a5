"""All charts of a classifier by name, in the order in which they are read."""

from charts.chart import Figure
from charts.evaluation.auc_plots import auc_plots
from charts.evaluation.doubt_plots import doubt_plots
from charts.evaluation.feature_plots import feature_plots
from charts.evaluation.probability_plots import probability_plots
from charts.evaluation.roc_plots import roc_plots
from charts.evaluation.who import Evaluation


def plots_of(evaluation: Evaluation) -> dict[str, Figure]:
    """Every chart that an evaluation has the numbers for; one chart and one table each.

    Parameters
    ----------
    evaluation
        The content of `evaluation.json`; one of an older bundle gives fewer charts.

    Returns
    -------
    dict
        Figures of a single chart by name (``roc``, ``calibration``, ...).
    """
    parts = (roc_plots, auc_plots, probability_plots, feature_plots, doubt_plots)
    return {figure.name: figure for part in parts for figure in part(evaluation)}
