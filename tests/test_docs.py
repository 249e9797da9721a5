"""Documentation that cannot rot: every route, setting, code, flag and column stands in it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from data.outcome import DEFINITIONS
from data.sources.cohort_folder import REQUIRED_COLUMNS
from data.units import PICOGRAMS_PER_MILLILITRE
from models.cell_flags import CELL_FLAGS
from models.registry import Registry
from models.scoring.answer_columns import COLUMNS, FAULT_COLUMNS
from models.scoring.circumstances import ROW_FLAGS
from service.answers import DefinitionAnswer, PageAnswer, PredictionAnswer, RecordedPrediction
from service.app import create_app
from service.champions import load_champions
from service.errors import PROBLEMS
from service.metrics import Metrics
from service.monitoring.shapes import PerformanceAnswer
from service.monitoring.shapes_of_drift import DriftAnswer, VolumeAnswer
from service.security import LOCAL_OR_READ, OPEN, ROUTE_SCOPES
from service.settings import Settings
from service.store.audit_rows import RECORDED
from service.store.schema import METADATA
from training.config import CandidatesConfig, EvaluationConfig

ROOT = Path(__file__).parents[1]
API = (ROOT / "docs" / "api.md").read_text()
SCORING = (ROOT / "docs" / "scoring.md").read_text()
DATA = (ROOT / "docs" / "data.md").read_text()
SOURCES = [
    path
    for folder in ("data", "models", "service")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "simulate" not in path.name
]


def calls(name: str) -> Iterator[ast.Call]:
    """All calls of a function of that name in the sources."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name:
                yield node


def literals(name: str, position: int) -> set[str]:
    """Literal texts at one position of all calls of one function."""
    arguments = [call.args[position] for call in calls(name) if len(call.args) > position]
    return {str(found.value) for found in arguments if isinstance(found, ast.Constant)}


def test_every_fault_code_is_documented() -> None:
    codes = literals("Fault", 1) | literals("_RefusedError", 0)
    assert len(codes) > 20
    assert not {code for code in codes if f"`{code}`" not in API + SCORING}


def test_every_problem_code_is_documented() -> None:
    codes = literals("RequestError", 1) | literals("problem", 1)
    codes |= {code for _, code in PROBLEMS.values()} - {"refused"}
    assert len(codes) > 25
    assert not {code for code in codes if f"`{code}`" not in API}


def test_every_flag_is_documented() -> None:
    flags = literals("Flag", 0) | set(CELL_FLAGS)
    assert flags == set(ROW_FLAGS)
    assert not {flag for flag in flags if f"`{flag}`" not in API}


def test_every_column_of_a_scored_file_is_documented() -> None:
    assert not {name for name in (*COLUMNS, *FAULT_COLUMNS) if f"`{name}`" not in SCORING}


def test_every_route_is_documented(linear_registry: Registry) -> None:
    document = create_app(Settings(registry=linear_registry.folder)).openapi()
    assert len(document["paths"]) >= 15
    for path in document["paths"]:
        last = path.replace("{name}", "").rstrip("/").split("/")[-1]
        assert last.strip("{}") in API, path


def test_every_route_and_scope_is_in_the_table() -> None:
    rows = API.split("\n## ")[0]
    for (method, path), scope in ROUTE_SCOPES.items():
        name = path.replace("/v1/models/{name}", "...") if path.count("{name}/") else path
        if method != "HEAD" and name != "/v1/models/{name}":
            assert name in rows, path
        assert scope in (OPEN, LOCAL_OR_READ) or f"| `{scope}` |" in rows


def test_every_field_of_an_answer_is_documented() -> None:
    answers = (PredictionAnswer, RecordedPrediction)
    names = {name for answer in answers for name in answer.model_fields}
    assert not {name for name in names if f"`{name}`" not in API}
    assert not {name for name in PageAnswer.model_fields if f'"{name}"' not in API}


def fields_of(schema: Any) -> Iterator[str]:
    """All names of properties in a JSON schema."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for inner in schema.values():
            yield from fields_of(inner)


def test_every_field_of_a_report_is_documented() -> None:
    section = API.split("## Monitoring")[1].split("## `evaluation.json`")[0]
    documented = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", section))))
    for answer in (PerformanceAnswer, DriftAnswer, VolumeAnswer):
        names = set(fields_of(answer.model_json_schema())) - set(DefinitionAnswer.model_fields)
        assert len(names) > 20
        assert not names - documented


def test_every_metric_is_documented(linear_registry: Registry) -> None:
    text = Metrics().text(load_champions(linear_registry)).decode()
    names = set(re.findall(r"^# HELP (\w+)", text, re.MULTILINE)) - {
        "csf_recorded_created",
        "csf_replayed_created",
    }
    assert len(names) >= 8
    assert not {name for name in names if f"`{name}`" not in API}


BY_NAME = {
    "not_evaluable", "left_out", "failures", "repeats_without_slope", "chosen_in_folds",
    "candidates", "references", "procedure_less", "features", "frequency", "aucs",
}  # fmt: skip
"""Fields of an evaluation whose own keys are names of models, features or reasons."""


def keys_of(value: Any) -> Iterator[str]:
    """All keys of a JSON object and of what is in it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys_of(list(inner.values()) if key in BY_NAME else inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_of(inner)


def test_every_field_of_an_evaluation_is_documented(
    linear_registry: Registry, boosted_registry: Registry
) -> None:
    section = API.split("## `evaluation.json`")[1].split("\n## ")[0]
    estimate = API.split("## ROC")[1].split("\n## ")[0]
    documented = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", section + estimate))))
    for registry in (linear_registry, boosted_registry):
        for bundle_id in registry.champions().values():
            evaluation = registry.read(bundle_id).evaluation
            assert not {key for key in evaluation if f"`{key}`" not in section}
            assert not set(keys_of(evaluation)) - documented


def test_every_training_setting_is_documented() -> None:
    names = {*EvaluationConfig.model_fields, *CandidatesConfig.model_fields}
    assert not {name for name in names if not re.search(rf"^(# )?{name} =", DATA, re.MULTILINE)}
    assert "[tripod]" in DATA


def test_every_table_column_and_event_of_the_store_is_documented() -> None:
    page = (ROOT / "docs" / "store.md").read_text()
    for table in METADATA.tables.values():
        (row,) = (line for line in page.splitlines() if line.startswith(f"| `{table.name}` |"))
        assert not {column.name for column in table.columns if f"`{column.name}`" not in row}
    actions = literals("Event", 3) | {RECORDED, "outcome_recorded", "outcome_replaced"}
    assert len(actions) > 9
    assert not {action for action in actions if f"`{action}`" not in page}


def test_every_setting_is_documented() -> None:
    assert not {name for name in Settings.model_fields if f"CSF_{name.upper()}" not in API}


def test_every_setting_that_pages_and_the_compose_file_name_exists() -> None:
    known = {f"CSF_{name.upper()}" for name in Settings.model_fields}
    for path in (*ROOT.glob("docs/*.md"), ROOT / "README.md", ROOT / "compose.yaml"):
        assert set(re.findall(r"\bCSF_[A-Z_]+[A-Z]\b", path.read_text())) <= known, path


@pytest.mark.parametrize("stem", REQUIRED_COLUMNS)
def test_every_table_and_needed_column_is_documented(stem: str) -> None:
    assert f"`{stem}`" in DATA
    assert not {column for column in REQUIRED_COLUMNS[stem] if f"`{column}`" not in DATA}


def test_every_definition_is_documented() -> None:
    assert not {name for name in DEFINITIONS if f"`{name}`" not in DATA}


def test_every_unit_is_documented_with_one_spelling_of_its_litre() -> None:
    micro = str.maketrans({"\N{MICRO SIGN}": "u", "\N{GREEK SMALL LETTER MU}": "u"})
    documented = {word.translate(micro).upper() for word in re.findall(r"`(\S+?/\S+?)`", DATA)}
    assert {unit.translate(micro).upper() for unit in PICOGRAMS_PER_MILLILITRE} <= documented


PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))


def anchors(page: Path) -> set[str]:
    """Anchors of a page's headings, as they are made of them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        path, _, anchor = link.partition("#")
        if "://" not in link:
            target = page.parent / path if path else page
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


def test_index_names_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text()
    assert not {page.name for page in (ROOT / "docs").iterdir() if f"({page.name}" not in index} - {
        "README.md"
    }


def test_no_file_names_this_machine_or_a_package_index() -> None:
    indexes = ("py" + "pi.org", "python" + "hosted", "npm" + "js")
    paths = ("/ro" + "ot/", "/wo" + "rk/", "file" + "://")
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        skipped = any(part.startswith(".") and part != ".ci" for part in parts)
        if skipped or not path.is_file() or {"__pycache__", "dist", "vendor"} & set(parts):
            continue
        text = path.read_text(errors="replace")
        assert not [word for word in (*indexes, *paths) if word in text], path
