"""The commands about keys, audit and backup, typed as a person would."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from csf_responder import main
from models.registry import Registry
from service.opening import opened_store
from service.settings import Settings
from service.store.errors import PepperError

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run(*arguments)`: a command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["csf-responder", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Done(sys.argv, ended.value.code, printed.out, printed.err)

    return run


def object_of(done: Done) -> Any:
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_key_that_was_created_opens_until_it_is_revoked(
    run: Run, linear_registry: Registry, make_client: Any, tmp_path: Path
) -> None:
    scopes = ("--scope", "read", "--scope", "predict")
    made = object_of(run("keys", "create", "--tenant", "lab", *scopes, "--json"))
    address = f"sqlite:///{tmp_path}/registry.sqlite3"
    client = make_client(
        linear_registry, allow_anonymous=False, database_url=address,
        pepper_file=tmp_path / "registry.pepper",
    )  # fmt: skip
    sent = {"authorization": f"Bearer {made['key']}"}
    assert client.ask("GET", "/v1/models", headers=sent).status_code == 200
    assert json.loads(run("keys", "revoke", made["key_id"], "--json").stdout)["revoked_at"]
    client.app.state.doorkeeper.ring.refresh()
    assert client.ask("GET", "/v1/models", headers=sent).status_code == 401


def test_key_is_shown_once_and_kept_by_nobody(run: Run, tmp_path: Path) -> None:
    shown = run("keys", "create", "--tenant", "lab", "--scope", "read").stdout.split("\n")[0]
    secret = shown.split("_")[2]
    assert len(secret) == 64
    listed = run("keys", "list").stdout + run("keys", "list", "--json").stdout
    assert shown.split("_")[1] in listed
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert secret not in listed
    assert secret.encode() not in kept


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("create", "--tenant", "lab", "--scope", "everything"), 1),
        (("create", "--tenant", "(anonymous)", "--scope", "read"), 2),
        (("create", "--tenant", "lab"), 2),
        (("create", "--tenant", "lab", "--scope", "read", "--days", "0"), 2),
        (("revoke", "000000000000"), 1),
        (("revoke", "\udcff"), 2),
    ],
)
def test_key_that_cannot_be_is_refused(run: Run, arguments: tuple[str, ...], code: int) -> None:
    done = run("keys", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert "Traceback" not in done.stderr


def test_audit_is_verified_and_exported(run: Run, tmp_path: Path) -> None:
    run("keys", "create", "--tenant", "lab", "--scope", "read")
    report = object_of(run("audit", "verify", "--json"))
    assert (report["n_events"], report["faults"]) == (1, [])
    last = f"{report['last']['n_events']}:{report['last']['hash']}"
    assert last in run("audit", "verify", "--kept", last).stdout
    (line,) = run("audit", "export").stdout.splitlines()
    assert json.loads(line)["hash"] == report["last"]["hash"]
    assert object_of(run("audit", "export", "--out", "a.jsonl", "--json"))["n_events"] == 1
    assert (tmp_path / "a.jsonl").read_text() == line + "\n"
    assert run("audit", "export", "--out", "a.jsonl").returncode == 1
    assert object_of(run("audit", "export", "--json")) == {"events": [json.loads(line)]}


def test_audit_that_was_cut_is_found_by_what_an_earlier_look_gave(run: Run) -> None:
    done = run("audit", "verify", "--kept", "3:" + "0" * 64, "--json")
    assert (done.returncode, json.loads(done.stdout)["faults"][0]["kind"]) == (1, "cut")
    assert run("audit", "verify", "--kept", "x").returncode == 2


def test_predictions_are_made_again(
    run: Run, registry_with_one_task: Registry, make_client: Any, contract: Any, tmp_path: Path
) -> None:
    folder = registry_with_one_task.folder
    database = {"database_url": f"sqlite:///{folder}.sqlite3"}
    run("audit", "verify", "--registry", str(folder))
    client = make_client(
        registry_with_one_task, pepper_file=folder.with_name("one-task.pepper"), **database
    )
    assert client.post("/v1/predictions", contract | {"task": "pretreatment"}).status_code == 201
    again = ("audit", "recompute", "--registry", str(folder))
    assert run(*again).stdout.startswith("1 identical, 0 different; 0 ")
    shutil.rmtree(registry_with_one_task.bundles)
    done = run(*again, "--json")
    assert (done.returncode, json.loads(done.stdout)["n_different"]) == (1, 1)


def test_audit_that_was_cut_is_found_by_the_end_that_was_written_elsewhere(run: Run) -> None:
    head = ("--write-head", "head")
    assert run("audit", "verify", *head).returncode == 0
    run("store", "backup", "copy.sqlite3")
    run("keys", "create", "--tenant", "lab", "--scope", "read")
    assert run("audit", "verify", "--head", "head", *head).returncode == 0
    kept = Path("head").read_text()
    assert kept.startswith("1:")
    Path("copy.pepper").write_bytes(Path("registry.pepper").read_bytes())
    Path("copy.pepper").chmod(0o600)
    put_back = run("audit", "verify", "--registry", "copy", "--head", "head", *head, "--json")
    assert (put_back.returncode, json.loads(put_back.stdout)["faults"][0]["kind"]) == (1, "cut")
    assert Path("head").read_text() == kept


def test_end_of_an_audit_that_is_missing_or_none_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "none").write_text("nothing")
    assert run("audit", "verify", "--head", "none").returncode == 2
    assert run("audit", "verify", "--head", "missing").returncode == 1
    assert run("audit", "verify", "--head", "none", "--kept", "1:" + "0" * 64).returncode == 2


def test_pepper_is_rotated_and_the_earlier_one_dropped_when_no_key_needs_it(run: Run) -> None:
    made = object_of(run("keys", "create", "--tenant", "lab", "--scope", "read", "--json"))
    rotated = object_of(run("store", "rotate-pepper", "--json"))
    assert rotated["older_keys"] == [made["key_id"]]
    assert run("store", "drop-peppers").returncode == 1
    run("keys", "revoke", made["key_id"])
    assert "none" in run("store", "rotate-pepper").stdout
    assert "one pepper" in run("store", "drop-peppers").stdout
    assert len(Path("registry.pepper").read_text().splitlines()) == 1
    assert run("audit", "verify").stdout.startswith("Intact: 5 events")


def test_backup_has_the_keys_and_replaces_nothing(run: Run, tmp_path: Path) -> None:
    made = object_of(run("keys", "create", "--tenant", "lab", "--scope", "read", "--json"))
    assert object_of(run("store", "backup", "copy.sqlite3", "--json")) == {"file": "copy.sqlite3"}
    (tmp_path / "copy.pepper").write_bytes((tmp_path / "registry.pepper").read_bytes())
    (tmp_path / "copy.pepper").chmod(0o600)
    listed = object_of(run("keys", "list", "--registry", "copy", "--json"))["keys"]
    assert [key["key_id"] for key in listed] == [made["key_id"]]
    assert run("store", "backup", "copy.sqlite3").returncode == 1


def test_database_that_lost_its_pepper_gets_no_new_one(tmp_path: Path) -> None:
    settings = Settings(registry=tmp_path / "registry")
    with opened_store(settings):
        pass
    settings.default_pepper.unlink()
    with pytest.raises(PepperError, match=r"put .*registry\.pepper back"), opened_store(settings):
        pass
    assert not settings.default_pepper.exists()
