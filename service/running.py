"""What lives as long as the process: store, keys, writer, and who follows the champions."""

import asyncio
import gc
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from typing import Final

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from service.champions import Champions
from service.following import Following
from service.log_line import log_line
from service.opening import opened_store
from service.retention import erasing
from service.security import Doorkeeper
from service.settings import Settings
from service.store.errors import StoreSettingsError, StoreUnavailableError
from service.store.forgetting import forgetting
from service.store.group_commit import GroupCommit
from service.store.key_ring import KeyRing
from service.store.store import Store
from service.store.triggers import check_triggers

NO_KEYS = (
    "there are no API keys yet: make one with csf-responder keys create, "
    "or set CSF_ALLOW_ANONYMOUS=1 to answer whoever is on this machine"
)
PATIENCE_SECONDS: Final = 30.0
"""How long a process that starts waits for a database that is away, full or busy: if it gave up,
the server would end all others, too."""
_AGAIN_SECONDS: Final = 0.2

_SWITCH_SECONDS: Final = 0.0005
"""How long a batch computes on in its thread while the event loop wants to go on (our choice, a
tenth of what is usual): others' answers take half as long meanwhile."""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Keep an application running; what lives as long as the process the collector leaves alone."""
    with ExitStack() as stack:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not await run_in_threadpool(_is_entered, stack, app, deadline):
            await asyncio.sleep(_AGAIN_SECONDS)
        gc.collect()
        gc.freeze()
        sys.setswitchinterval(_SWITCH_SECONDS)
        yield
        await run_in_threadpool(stack.close)


def _is_entered(stack: ExitStack, app: FastAPI, deadline: float) -> bool:
    """Open what the application answers with, if the database lets us."""
    try:
        stack.enter_context(running(app))
    except StoreUnavailableError:
        if time.monotonic() >= deadline:
            raise
        log_line("store_awaited")
        return False
    return True


@contextmanager
def running(app: FastAPI) -> Iterator[None]:
    """Open what an application answers with, and close it after the last answer.

    Raises
    ------
    StoreError
        The store cannot be used, or there are no keys and nobody may do without.
    """
    settings: Settings = app.state.settings

    def publish(champions: Champions) -> None:
        app.state.champions = champions

    following = Following(app.state.registry, app.state.champions, publish, log_line)
    with opened_store(settings) as store, _keys(settings, store) as doorkeeper:
        check_triggers(store)
        commits = GroupCommit(store)
        try:
            app.state.store, app.state.commits, app.state.doorkeeper = store, commits, doorkeeper
            with (
                following.running(),
                forgetting(store),
                erasing(store, settings.retention_days, log_line),
            ):
                yield
        finally:
            commits.close()


def check_start(settings: Settings) -> None:
    """Whether a service could start; the first time this makes the database.

    Raises
    ------
    StoreError
        It could not, and why.
    """
    with opened_store(settings) as store, _keys(settings, store):
        check_triggers(store)


@contextmanager
def _keys(settings: Settings, store: Store) -> Iterator[Doorkeeper]:
    ring = KeyRing(store, log_line)
    try:
        if ring.is_empty and not settings.allow_anonymous:
            raise StoreSettingsError(NO_KEYS)
        yield Doorkeeper(ring, settings.allow_anonymous)
    finally:
        ring.close()
