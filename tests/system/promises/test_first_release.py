"""A service is started on a database that the first release made, and everything of it holds."""

import json
import sqlite3
import subprocess
import sys
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from serving import JSON, PREDICTIONS, pair

ROOT = Path(__file__).parents[3]
DUMP = ROOT / "tests" / "service" / "store" / "first_release.sql"
KEY = "csf_470d79e498e8_94180fee8604eb8a6bc59c0f339e0bc86cfd2d099b6eb3ec5921c9aba3dc2a9f"
"""Of nothing but this database, whose pepper is 32 times p."""
FIRST, SECOND, THIRD = (f"{PREDICTIONS}/{uuid.UUID(int=number)}" for number in (1, 2, 3))


@pytest.fixture
def upgraded(make_service: Any, tmp_path: Path) -> Any:
    """A service on a database and pepper of the first release."""
    with closing(sqlite3.connect(tmp_path / "store.sqlite3")) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(DUMP.read_text())
    (tmp_path / "pepper").write_bytes(b"p" * 32)
    (tmp_path / "pepper").chmod(0o600)
    return make_service()


def test_what_the_first_release_kept_is_served_and_goes_on(upgraded: Any, reached: Any) -> None:
    def ask(method: str, path: str, content: bytes = b"") -> Any:
        known = ("authorization", f"Bearer {KEY}")
        answer = running.ask(method, path, content, (*JSON, known))
        assert answer.status in (200, 201), answer
        return answer.json()

    with upgraded.running(2) as running:
        made = ask("POST", PREDICTIONS, json.dumps(pair()).encode())
        listed = ask("GET", PREDICTIONS)["predictions"]
        first, second, third = (ask("GET", path) for path in (FIRST, SECOND, THIRD))
    assert listed[0]["prediction_id"] == made["prediction_id"]
    assert len(listed) == 4
    assert (first["score"], first["input"], first["superseded_by"]) == (0.0, None, THIRD[16:])
    assert second["voided_at"] == "2026-01-02T12:00:00.000Z"
    assert (second["outcome"]["responder"], third["input"]) == (True, {"n": 2})
    command = [sys.executable, "-m", "csf_responder", "audit", "verify", "--json"]
    environment = upgraded.environment()
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True)
    assert json.loads(run.stdout)["n_events"] == 9
    reached("3 predictions, an outcome, a key and 8 events of the first release: read, audit whole")
