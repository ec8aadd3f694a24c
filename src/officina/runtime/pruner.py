"""Prunes once an hour, in a thread beside everything else. A change of the site is followed after a while in which
whoever mistyped a number can still put it right: what has gone does not come back.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Final

from officina.errors import OfficinaError
from officina.runtime import pruning
from officina.runtime.bus import Bus
from officina.store import Store

log = logging.getLogger("officina.pruner")

EVERY_S: Final = 3600.0
SETTLED_S: Final = 300.0  # after the start of the hub, and after the site has changed
PAUSE_S: Final = 0.05  # between two commits
BUSY_PAUSE_S: Final = 0.5  # the same while messages wait for theirs


class Pruner:
    """``start`` and ``stop`` on the loop."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        clock: Callable[[], int],
        keeps_house: Callable[[], bool],
        *,
        every: float = EVERY_S,
        settled: float = SETTLED_S,
    ) -> None:
        self._store, self._bus, self._clock, self._every, self._settled = store, bus, clock, every, settled
        self._keeps_house = keeps_house
        self._changed = asyncio.Event()
        self._stopping = threading.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._changed.set()
        self._bus.on("site", self._changed.set)
        self._task = asyncio.create_task(self._run(), name="pruner")

    async def stop(self) -> None:
        """The page under way is finished."""
        self._stopping.set()
        self._changed.set()
        if self._task is not None:
            await asyncio.wait({self._task})

    async def _run(self) -> None:
        while True:
            await self._rest()
            if self._stopping.is_set():
                return
            if not self._keeps_house():  # of several hubs one prunes
                continue
            try:
                pruned = await asyncio.to_thread(pruning.prune, self._store, self._clock, self._go_on)
                self._tell(pruned)
            except OfficinaError as error:  # the next run goes on where this one ended
                log.warning("Pruning waits for the book: %s", error.text)
            except Exception:
                log.exception("Pruning met a defect.")

    async def _rest(self) -> None:
        """An hour, or until the site has changed and nobody has changed it again for a while."""
        wait = self._every
        while not self._stopping.is_set():
            try:
                async with asyncio.timeout(wait):
                    await self._changed.wait()
            except TimeoutError:
                return
            if not self._stopping.is_set():
                self._changed.clear()
            wait = self._settled

    def _go_on(self) -> bool:
        """Between two commits: whoever sends messages goes first."""
        pause = BUSY_PAUSE_S if self._store.writer.waiting else PAUSE_S
        return not self._stopping.wait(pause)

    def _tell(self, pruned: list[pruning.Pruned]) -> None:
        for each in pruned:
            if each.bodies or each.messages:
                log.info("Pruned %s: %d bodies, %d messages.", each.connector.name, each.bodies, each.messages)
