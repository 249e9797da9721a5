import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from training import train_folder
from training.config import TrainingConfig
from training.errors import TrainingError

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "data" / "reference"
NOTEBOOK = ROOT / "docs" / "example.ipynb"


def shown(source: str, names: dict[str, Any]) -> Any:
    """Run a cell; what its last line gives, as a notebook would show it."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)  # noqa: S102 - our own notebook
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names)  # noqa: S307


@pytest.fixture(scope="module")
def results() -> list[Any]:
    """What each code cell of the example shows, run from top to bottom."""
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    names: dict[str, Any] = {}
    return [shown("".join(c["source"]), names) for c in cells if c["cell_type"] == "code"]


def test_the_example_notebook_runs_and_shows_what_it_says(results: list[Any]) -> None:
    trained, auc, names, roc, decision, table, printed, files = results
    assert auc == trained.evaluation["auc"]
    assert {"roc", "auc", "calibration"} & set(names)
    assert f"{auc['value']:.2f} ({auc['lower']:.2f} to {auc['upper']:.2f})" in table._repr_html_()
    assert printed is None
    assert "report.html" in files
    for one in (trained, roc, decision):
        assert "data:image/svg+xml;base64," in one._repr_html_()
        assert "<script" not in one._repr_html_()


def test_the_notebook_is_kept_without_results() -> None:
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    assert not [cell for cell in cells if cell.get("outputs")]


def test_without_the_plots_extra_a_figure_shows_its_numbers(
    results: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    html = results[0]._repr_html_()
    assert "plots extra is not installed" in html
    assert "whole procedure" in html


def test_importing_the_package_alone_costs_no_scikit_learn() -> None:
    code = "import sys, training; print('sklearn' in sys.modules, hasattr(training, 'no'))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "False False\n"


def test_a_cohort_that_cannot_be_learnt_from_is_refused_with_the_reason() -> None:
    config = TrainingConfig.model_validate({"evaluation": {"outer_folds": 20}})
    with pytest.raises(TrainingError, match="at least 20 of each"):
        train_folder(REFERENCE, config=config)
