# ruff: noqa: S608 - whoever tampers writes SQL
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from service.store.audit import export_audit, record_event, verify_audit
from service.store.audit_chain import HASHED, NOTHING_BEFORE, Event, Head, event_hash
from service.store.erasure import erase_input, void_prediction
from service.store.errors import AuditBrokenError, StoreDamagedError
from service.store.keys import create_key, revoke_key
from service.store.outcomes import Outcome, set_outcome
from service.store.recording import record
from service.store.triggers import check_triggers

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
N = 12


@pytest.fixture
def events(store):
    """A store with a dozen events."""
    for number in range(N):
        record_event(store, Event(NOON, "lab", "key", "opened", f"s{number}", {"n": number}))


@pytest.fixture
def tamper(store):
    """`tamper(statement, ...)`: as somebody who owns the database, with triggers off meanwhile."""

    def tamper(*statements):
        is_sqlite = store.engine.dialect.name == "sqlite"
        tables = ("audit_events", "audit_head", "predictions", "outcomes")
        with store.engine.connect() as connection, connection.begin():
            triggers = []
            if is_sqlite:
                all_triggers = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
                triggers = connection.execute(text(all_triggers)).all()
                for trigger in triggers:
                    connection.execute(text(f"DROP TRIGGER {trigger.name}"))
            else:
                for table in tables:
                    connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            for statement in statements:
                connection.execute(text(statement))
            for trigger in triggers:
                connection.execute(text(trigger.sql))
            for table in () if is_sqlite else tables:
                connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))

    return tamper


def kinds(store, **kept):
    return [(fault.kind, fault.seq) for fault in verify_audit(store, **kept).faults]


def renumber(seq, to):
    return f"UPDATE audit_events SET seq = {to} WHERE seq = {seq}"


CUT = f"DELETE FROM audit_events WHERE seq > {N - 3}"
TAMPERING = {
    "an edit": (["UPDATE audit_events SET actor = 'x' WHERE seq = 5"], [("changed", 5)]),
    "an edit of the last": ([f"UPDATE audit_events SET details = '{{}}' WHERE seq = {N}"],
                            [("changed", N)]),
    "an edit of a hash": (["UPDATE audit_events SET hash = previous_hash WHERE seq = 5"],
                          [("changed", 5)]),
    "a deletion": (["DELETE FROM audit_events WHERE seq = 5"], [("removed", 5)]),
    "a deletion of the first": (["DELETE FROM audit_events WHERE seq = 1"], [("removed", 1)]),
    "a deletion of three": (["DELETE FROM audit_events WHERE seq IN (5, 6, 9)"],
                            [("removed", 5), ("removed", 9)]),
    "a deletion with new numbers": (
        ["DELETE FROM audit_events WHERE seq = 5",
         *(renumber(seq, seq - 1) for seq in range(6, N + 1))],
        [("removed", 5)]),
    "a cut tail": ([CUT], [("cut", N - 2)]),
    "all cut": (["DELETE FROM audit_events"], [("cut", 1)]),
    "a reorder": ([renumber(5, 99), renumber(6, 5), renumber(99, 6)],
                  [("moved", 5), ("moved", 6), ("moved", 7)]),
    "an edit and a cut tail": (["UPDATE audit_events SET actor = 'x' WHERE seq = 5", CUT],
                               [("changed", 5), ("cut", N - 2)]),
    "a head that fits a cut tail": (
        [CUT, f"UPDATE audit_head SET n_events = {N - 3}, hash = "
              f"(SELECT hash FROM audit_events WHERE seq = {N - 3})"],
        [("head_changed", N - 3)]),
}  # fmt: skip


def test_the_database_refuses_to_change_or_delete_what_was_said(store, keep):
    keep()
    set_outcome(store, "lab", keep().prediction_id, OUTCOME, actor="a", now=NOON)
    for statement in (
        "UPDATE audit_events SET actor = 'x'",
        "DELETE FROM audit_events",
        "DELETE FROM audit_head",
        "UPDATE predictions SET answer = input",
        "UPDATE predictions SET tenant = 'x'",
        "DELETE FROM predictions",
        "UPDATE outcomes SET responder = NOT responder",
        "DELETE FROM outcomes",
    ):
        with pytest.raises(DBAPIError, match="only added to"), store.engine.begin() as connection:
            connection.execute(text(statement))


@pytest.mark.parametrize(
    "change",
    ["patient_id = 'P-018'", "input = answer", "voided_at = NULL", "erased_at = NULL"],
)
def test_the_database_refuses_to_undo_what_was_taken_back(store, keep, change):
    kept = keep()
    void_prediction(store, "lab", kept.prediction_id, actor="a", now=NOON)
    if "erased" in change:
        erase_input(store, "lab", kept.prediction_id, actor="a", now=NOON)
    with pytest.raises(DBAPIError, match="only added to"), store.engine.begin() as connection:
        connection.execute(text(f"UPDATE predictions SET {change}"))


DROPPED = {"sqlite": "DROP TRIGGER {0}", "postgresql": "DROP TRIGGER {0} ON {1}"}
CHANGED = {
    "sqlite": "CREATE TRIGGER {0} BEFORE DELETE ON {1} BEGIN SELECT 1; END",
    "postgresql": "CREATE TRIGGER {0} BEFORE DELETE ON {1} FOR EACH ROW "
                  "EXECUTE FUNCTION suppress_redundant_updates_trigger()",
}  # fmt: skip


@pytest.mark.parametrize("statements", [[DROPPED], [DROPPED, CHANGED]])
def test_a_trigger_that_is_gone_or_another_is_found(store, keep, statements):
    keep()
    check_triggers(store)
    with store.engine.begin() as connection:
        for statement in statements:
            names = ("predictions_refuse_delete", "predictions")
            connection.execute(text(statement[connection.dialect.name].format(*names)))
    assert kinds(store) == [("triggers_changed", 0)]
    with pytest.raises(StoreDamagedError, match="triggers"):
        check_triggers(store)


def test_an_untouched_audit_has_no_faults(store, events):
    report = verify_audit(store)
    assert (report.n_events, report.last.n_events, report.faults) == (N, N, ())
    assert not kinds(store, kept=report.last)


@pytest.mark.parametrize("name", TAMPERING)
def test_tampering_is_found_and_told_apart(store, events, tamper, name):
    statements, expected = TAMPERING[name]
    tamper(*statements)
    assert kinds(store) == expected


def test_an_edit_with_a_hash_that_fits_is_found(store, events, tamper):
    line = orjson.loads(list(export_audit(store))[4])
    forged = {**line, "actor": "x"}
    fits = event_hash(line["previous_hash"], [forged[name] for name in HASHED])
    tamper(f"UPDATE audit_events SET actor = 'x', hash = '{fits}' WHERE seq = 5")
    assert kinds(store) == [("changed", 5)]


def test_a_whole_chain_made_anew_is_found(store, events, tamper):
    previous, statements = NOTHING_BEFORE, []
    for line in map(orjson.loads, list(export_audit(store))):
        own = event_hash(previous, [{**line, "actor": "x"}[name] for name in HASHED])
        statements.append(
            f"UPDATE audit_events SET actor = 'x', previous_hash = '{previous}', hash = '{own}' "
            f"WHERE seq = {line['seq']}"
        )
        previous = own
    tamper(*statements)
    assert kinds(store) == [("rewritten", N)]


def test_an_event_behind_the_head_is_found(store, events, tamper):
    last = orjson.loads(list(export_audit(store))[-1])
    own = event_hash(last["hash"], [last[name] for name in HASHED])
    tamper(
        "INSERT INTO audit_events SELECT seq + 1, at, tenant, actor, action, subject, details, "
        f"hash, '{own}' FROM audit_events WHERE seq = {N}"
    )
    assert kinds(store) == [("added", N + 1)]


def test_a_database_put_back_as_it_once_was_is_found_by_a_head_kept_elsewhere(store, events):
    kept = verify_audit(store).last
    later = Head(kept.n_events + 2, "f" * 64)
    assert kinds(store, kept=later) == [("cut", N + 1)]
    assert kinds(store, kept=replace(kept, hash="f" * 64)) == [("rewritten", N)]


def test_nothing_is_written_on_a_head_that_was_changed(store, events, tamper, keep):
    tamper(f"UPDATE audit_head SET n_events = {N - 1}")
    with pytest.raises(AuditBrokenError):
        keep()


OUTCOME = Outcome(True, "oh2018", 4.0, date(2026, 5, 1))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE predictions SET answer = input",
        "UPDATE predictions SET input = answer",
        "UPDATE predictions SET content_sha256 = input_sha256",
        "UPDATE predictions SET prediction_id = 'other'",
        "UPDATE predictions SET input = NULL, patient_id = NULL, erased_at = created_at",
        "UPDATE predictions SET voided_at = created_at",
        "DELETE FROM predictions",
        "UPDATE outcomes SET responder = NOT responder",
        "DELETE FROM outcomes",
        "UPDATE outcomes SET recorded_by = 'x'",
        "UPDATE outcomes SET recorded_at = '2026-01-02 13:00:00.000000'",
        "UPDATE predictions SET patient_id = 'P-018'",
        "UPDATE predictions SET tenant = 'other'",
        "UPDATE predictions SET created_at = '2026-01-02 13:00:00.000000'",
        "UPDATE idempotency_keys SET answer = input FROM predictions",
    ],
)
def test_rows_that_are_not_what_their_events_say_are_found(store, keep, tamper, statement):
    kept = keep(key="k")
    if "outcomes" in statement:
        set_outcome(store, "lab", kept.prediction_id, OUTCOME, actor="a", now=NOON)
    tamper(statement)
    assert {kind for kind, _ in kinds(store)} == {"row_changed"}


def test_a_prediction_of_another_task_than_its_answer_says_is_found(store, keep, tamper):
    keep(answer=b'{"task":"on_treatment"}')
    assert not kinds(store)
    tamper("UPDATE predictions SET task = 'pretreatment'")
    assert kinds(store) == [("row_changed", 1)]


@pytest.mark.parametrize("column", ["voided_at", "erased_at"])
def test_what_was_taken_back_and_put_in_force_again_is_found(store, keep, tamper, column):
    kept = keep()
    take_back = void_prediction if column == "voided_at" else erase_input
    take_back(store, "lab", kept.prediction_id, actor="a", now=NOON)
    assert not kinds(store)
    old = "input = answer, " if column == "erased_at" else ""
    tamper(f"UPDATE predictions SET {old}{column} = NULL")
    assert ("row_changed", 2) in kinds(store)


@pytest.mark.parametrize(
    ("statement", "seq"),
    [
        ("UPDATE api_keys SET revoked_at = NULL", 2),
        ("UPDATE api_keys SET scopes = 'predict read'", 2),
        ("UPDATE api_keys SET tenant = 'other'", 2),
        ("UPDATE api_keys SET expires_at = '2036-01-02 12:00:00.000000'", 2),
        ("DELETE FROM api_keys", 2),
        ("UPDATE api_keys SET key_id = 'f'", 0),
    ],
)
def test_keys_that_are_not_what_their_events_say_are_found(store, keep, tamper, statement, seq):
    keep()
    scopes, later = frozenset({"predict"}), NOON + timedelta(days=1)
    key, _ = create_key(store, tenant="lab", scopes=scopes, expires_at=later, actor="a", now=NOON)
    revoke_key(store, key.key_id, actor="a", now=NOON)
    assert not kinds(store)
    tamper(statement)
    assert ("row_changed", seq) in kinds(store)


def test_the_reply_to_a_batch_is_held_against_its_event(store, submit, tamper):
    twice = [submit(key=key)._replace(answer=b'["batch"]') for key in ("k1", "k2")]
    record(store, twice)
    assert not kinds(store)
    tamper("UPDATE idempotency_keys SET answer = (SELECT input FROM predictions LIMIT 1)")
    assert [kind for kind, _ in kinds(store)] == ["row_changed"] * 2


def test_a_row_of_another_form_is_damage_and_no_crash(store, keep, tamper):
    keep()
    if store.engine.dialect.name == "sqlite":
        tamper("UPDATE predictions SET answer = 'a text'")
    else:
        tamper("UPDATE audit_events SET details = 'no JSON'")
    with pytest.raises(StoreDamagedError):
        verify_audit(store)


def test_a_prediction_nobody_told_of_is_found(store, keep, tamper):
    keep()
    columns = "tenant, created_at, task, bundle_id, content_sha256, input, input_sha256, answer"
    tamper(
        f"INSERT INTO predictions (number, prediction_id, {columns}) "
        f"SELECT 99, 'forged', {columns} FROM predictions"
    )
    assert kinds(store) == [("row_changed", 99)]


def test_an_export_can_be_verified_without_us(store, events):
    import hashlib
    import json

    previous = "0" * 64
    for line in map(json.loads, export_audit(store)):
        facts = [line[name] for name in ("at", "tenant", "actor", "action", "subject", "details")]
        listed = json.dumps([previous, *facts], separators=(",", ":"), ensure_ascii=False)
        assert line["hash"] == hashlib.sha256(listed.encode()).hexdigest()
        previous = line["hash"]
    assert previous == verify_audit(store).last.hash


def test_no_value_and_no_patient_is_in_the_audit(store, keep):
    keep(patient_id="CANARY-1", input=b'"CANARY-2"', answer=b'"CANARY-3"')
    assert not [line for line in export_audit(store) if b"CANARY" in line]
