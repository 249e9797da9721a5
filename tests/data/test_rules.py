"""Every rule that a cohort can break stands in the documentation."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTED = (ROOT / "docs" / "data.md").read_text() + (ROOT / "docs" / "api.md").read_text()
POSITIONS = {
    "CohortFault": 3, "fault": 2, "TableError": 0, "RefusedError": 0, "note": 0, "_about": 2,
    "_whole": 1, "Fault": 1, "_RefusedError": 0,
}  # fmt: skip
"""Where the rule stands among the arguments of what notes it."""


def rules(path: Path) -> set[str]:
    """Rules that a module names where it notes a fault."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            place = 0 if name == "fault" and "child" in path.name else POSITIONS.get(name)
            arguments = node.args[place : place + 1] if place is not None else []
            found |= {str(a.value) for a in arguments if isinstance(a, ast.Constant)}
    return found


def test_every_rule_is_documented() -> None:
    named = {rule for path in sorted((ROOT / "data").rglob("*.py")) for rule in rules(path)}
    named |= {f"{column}_outcome" for column in ("site", "platform", "plate")}
    named |= {"not_xlsx", "not_parquet", "id_changed", "more_faults"}
    assert len(named) > 60
    assert sorted(rule for rule in named if f"`{rule}`" not in DOCUMENTED) == []
