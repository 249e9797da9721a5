"""Every process follows the registry's champions: one thread looks, loads, and moves one pointer.

Loading happens in that thread; requests that are being answered keep the object they took.
"""

import importlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from models.aliases import Champions as ChampionIds
from models.errors import RegistryError
from models.registry import Registry
from service.champions import Champions, follow

LOOK_SECONDS: Final = 0.2
AGAIN_SECONDS: Final = 10.0
"""How long until a champion that could not be used is tried again, unless another is promoted."""
STOP_SECONDS: Final = 2
"""How long the end of the process waits for a champion that is just being loaded."""

Log = Callable[..., Any]
"""``log(event, **facts)``: one structured line."""


class Following:
    """Keeps what is served and what the registry has in force the same.

    Parameters
    ----------
    served
        What was loaded at the start.
    publish
        Takes what is to be served from now on; called only when that changes.
    """

    def __init__(
        self, registry: Registry, served: Champions, publish: Callable[[Champions], None], log: Log
    ) -> None:
        self._registry, self._served = registry, served
        self._publish, self._log = publish, log
        self._seen: ChampionIds | str = served.ids
        self._again_at = self._warm_up_at = 0.0

    def look(self, now: float) -> None:
        """Look once; load and publish where something changed.

        Parameters
        ----------
        now
            Seconds of a clock that never goes back.
        """
        self._warm_up(now)
        seen = self._in_force()
        settled = not self._served.problems or now < self._again_at
        if seen == self._seen and settled:
            return
        self._seen, self._again_at = seen, now + AGAIN_SECONDS
        followed = follow(self._registry, self._served)
        before, self._served = self._served, followed
        if (before.ids, before.problems) != (followed.ids, followed.problems):
            self._publish(followed)
            self._say(before, followed)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Look again and again in a thread of its own."""
        stop = threading.Event()
        thread = threading.Thread(target=self._look_until, args=(stop,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(STOP_SECONDS)

    def _look_until(self, stop: threading.Event) -> None:
        while not stop.wait(LOOK_SECONDS):
            try:
                self.look(time.monotonic())
            except Exception as error:  # a worker that stopped following would never tell
                self._served = replace(self._served, problems=("the registry is not followed",))
                self._publish(self._served)
                self._log("following_failed", error=type(error).__name__)

    def _warm_up(self, now: float) -> None:
        """Import XGBoost before one of the registry's bundles is promoted: it takes a while."""
        if now >= self._warm_up_at and "xgboost" not in sys.modules:
            self._warm_up_at = now + AGAIN_SECONDS
            if self._registry.has_boosters():
                importlib.import_module("xgboost")

    def _in_force(self) -> ChampionIds | str:
        """What the alias file says, or why it says nothing."""
        try:
            return self._registry.champions()
        except RegistryError as error:
            return str(error)

    def _say(self, before: Champions, after: Champions) -> None:
        for task, bundle_id in after.ids.items():
            if before.ids.get(task) != bundle_id:
                facts = {"bundle_id": bundle_id, "predecessor": before.ids.get(task)}
                self._log("champion_followed", task=task, **facts)
        for problem in after.problems:
            if problem not in before.problems:
                self._log("champion_refused", problem=problem)
