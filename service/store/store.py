"""A store: one database, its pepper, and the two ways into it, reading and writing.

Writing takes turns, adds audit events in the same transaction, and returns only when the commit
is on disk. A PostgreSQL connection that is lost during the commit leaves it unknown: the head of
the audit is then asked for on a new connection, under its lock, which the lost transaction
either still holds or has given up for good.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError

from service.store.audit_chain import Event, Facts, Head, extend_chain, facts_of, lock_head
from service.store.engine import WRITING
from service.store.errors import CommitUnknownError, StoreUnavailableError
from service.store.pepper import Pepper
from service.store.schema import AUDIT_EVENTS
from service.store.translate import our_errors
from service.store.write_turn import WriteTurn

_RETURN_SECONDS: Final = 10.0
"""How long a database that went away is waited for."""
_ASK_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Writing:
    """One transaction that writes, with the events that it will leave in the audit."""

    connection: Connection
    head: Head
    events: list[Facts] = field(default_factory=list)

    def note(self, event: Event) -> int:
        """Add an event to the audit when this is committed; gives the number it will have."""
        return self.note_all([facts_of(event)])

    def note_all(self, events: Sequence[Facts]) -> int:
        """Add events whose facts are made already; gives the number of the first."""
        first = self.head.n_events + len(self.events) + 1
        self.events.extend(events)
        return first


@dataclass(frozen=True, slots=True)
class Store:
    """A database that is ready; `open_store` makes one.

    Attributes
    ----------
    engine
        Its connections.
    pepper
        What MACs are made with.
    turn
        Whose turn it is to write, on SQLite; PostgreSQL keeps turns itself.
    has_old_log
        Whether SQLite's log may still hold what was erased.
    """

    engine: Engine
    pepper: Pepper
    turn: WriteTurn | None
    has_old_log: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state throughout.

        Raises
        ------
        StoreUnavailableError, StoreDamagedError
            The database does not answer as it should.
        """
        with our_errors(), self.engine.connect() as connection:
            if self.turn is None:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    @contextmanager
    def writing(
        self, deadline: float | None = None, *, is_large: bool = False
    ) -> Iterator[Writing]:
        """A transaction that is on disk when this ends, or left no trace.

        Parameters
        ----------
        deadline
            Of `time.monotonic`: longest wait for one's turn.
        is_large
            Whether it will take long, and others go first.

        Raises
        ------
        StoreUnavailableError
            Nothing was recorded: busy, full, or out of reach.
        CommitUnknownError
            The database went away during the commit and stayed away.
        AuditBrokenError
            The audit was changed from outside.
        IntegrityError
            A row broke a rule of the database; nothing was recorded.
        """
        with our_errors(), self._turn(deadline, is_large), self.engine.connect() as plain:
            connection = plain.execution_options(**{WRITING: True})
            with connection.begin() as transaction:
                head = lock_head(connection, self.pepper)
                work = Writing(connection, head)
                yield work
                last = extend_chain(connection, self.pepper, head, work.events)
                try:
                    transaction.commit()
                except DBAPIError as error:
                    if not error.connection_invalidated:
                        raise
                    self._resolve(last)

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()
        if self.turn is not None:
            self.turn.close()

    def _turn(self, deadline: float | None, is_large: bool) -> AbstractContextManager[None]:
        return nullcontext() if self.turn is None else self.turn.taken(deadline, is_large=is_large)

    def _resolve(self, last: Head) -> None:
        """Find out how a commit ended whose connection was lost.

        Raises
        ------
        StoreUnavailableError
            It was not made.
        CommitUnknownError
            The database does not come back to say.
        """
        end = time.monotonic() + _RETURN_SECONDS
        while True:
            try:
                if self._holds(last):
                    return
                break
            except StoreUnavailableError:
                if time.monotonic() >= end:
                    raise CommitUnknownError from None
                time.sleep(_ASK_SECONDS)
        raise StoreUnavailableError("the database went away; nothing was recorded")

    def _holds(self, last: Head) -> bool:
        """Whether the chain has this event, once nobody else is writing."""
        with our_errors(), self.engine.connect() as connection:
            lock_head(connection, self.pepper)
            found = select(AUDIT_EVENTS.c.seq).where(
                AUDIT_EVENTS.c.seq == last.n_events, AUDIT_EVENTS.c.hash == last.hash
            )
            return connection.execute(found).one_or_none() is not None
