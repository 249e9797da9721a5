"""Whether the triggers that refuse changes are there as the migrations made them.

Whoever owns the database can take them away; that is noticed when a service starts, and by
`audit verify`.
"""

from typing import Final

import orjson
from sqlalchemy import Connection, text

from models.canonical import sha256
from service.store.errors import StoreDamagedError
from service.store.store import Store

_SQLITE: Final = """
    SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name
"""
_POSTGRESQL: Final = """
    SELECT t.tgname, c.relname, t.tgtype, t.tgenabled::text, t.tgattr::text,
           t.tgqual IS NOT NULL, p.prosrc
    FROM pg_trigger t
    JOIN pg_class c ON c.oid = t.tgrelid
    JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
    ORDER BY t.tgname COLLATE "C"
"""
_EXPECTED: Final = {
    "sqlite": "a594a540e89f6daa556e6414fbf2078ff405ddd45c1bd406616c1fe9f49e8123",
    "postgresql": "623df4662cbfc4fe082402ebd16255443e11a7ced4faafaf04e073a290488a61",
}
"""Digests of what these find in a database that is new; a test holds them to be."""


def are_triggers_whole(connection: Connection) -> bool:
    """Whether every trigger is there, on, and says what it said."""
    name = connection.dialect.name
    rows = connection.execute(text(_SQLITE if name == "sqlite" else _POSTGRESQL))
    return sha256(orjson.dumps([list(row) for row in rows])) == _EXPECTED[name]


def check_triggers(store: Store) -> None:
    """Refuse a database whose records anybody could change.

    Raises
    ------
    StoreDamagedError
        A trigger is missing, off, or another one.
    """
    with store.reading() as connection:
        if not are_triggers_whole(connection):
            raise StoreDamagedError(
                "the triggers of the database that keep records from being changed are not as "
                "they were made: look with csf-responder audit verify, and restore a backup"
            )
