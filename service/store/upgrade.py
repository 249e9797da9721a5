"""The database brought to the tables that this version knows, by one process at a time.

Alembic is imported only where there is something to do.
"""

from typing import Final

from sqlalchemy import Connection, inspect, text

from service.store.errors import StoreDamagedError, StoreVersionError

REVISION: Final = "csf_0002"
"""The newest migration; a test holds it to be."""
_VERSIONS: Final = "alembic_version"
_ADVISORY_LOCK: Final = 0x637366
"""`csf`: two services that start at once on PostgreSQL take turns."""


def upgrade(connection: Connection) -> bool:
    """Bring a database to `REVISION` within a transaction.

    Returns
    -------
    bool
        Whether it was empty before.

    Raises
    ------
    StoreVersionError
        A newer version made it.
    StoreDamagedError
        Another program made it.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
    found = _revision(connection)
    if found != REVISION:
        _migrate(connection, found)
    return found is None


def _revision(connection: Connection) -> str | None:
    """The migration that a database is at; None when it is empty."""
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return None
    if _VERSIONS not in tables:
        raise StoreDamagedError("the database belongs to another program; name one of its own")
    rows = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return rows[0] if len(rows) == 1 else ""


def _migrate(connection: Connection, found: str | None) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "service.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        if found.startswith("csf_"):
            raise StoreVersionError
        raise StoreDamagedError("the database belongs to another program; name one of its own")
    command.upgrade(config, REVISION)
