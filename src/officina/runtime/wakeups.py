"""Brings what other hubs and commands have committed to this hub's bus, so that nobody here waits longer than there."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from officina.errors import OfficinaError
from officina.runtime.bus import Bus
from officina.store import Store
from officina.store.ear import Ear

log = logging.getLogger("officina.wakeups")

AGAIN_S: Final = 2.0


class Wakeups:
    """``start`` and ``stop`` on the loop. On a book that one process has to itself it does nothing."""

    def __init__(self, store: Store, bus: Bus) -> None:
        self._store, self._bus = store, bus
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        if self._store.kind != "sqlite":
            self._task = asyncio.create_task(self._run(), name="wakeups")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _run(self) -> None:
        while True:
            try:
                if (ear := await asyncio.to_thread(self._store.ear)) is not None:
                    await self._listen(ear)
            except OfficinaError as error:
                log.warning("Nothing is heard of other hubs: %s", error.text)
            await asyncio.sleep(AGAIN_S)

    async def _listen(self, ear: Ear) -> None:
        """Until it is cancelled, or hears no more."""
        loop = asyncio.get_running_loop()
        deaf: asyncio.Future[None] = loop.create_future()

        def hear() -> None:
            try:
                self._bus.publish(ear.heard(but_of=self._store.writer.origin))
            except OfficinaError as error:
                loop.remove_reader(number)
                deaf.set_exception(error)

        number = ear.fileno()
        loop.add_reader(number, hear)
        self._bus.everything()  # what was said before is not heard again
        try:
            await deaf
        finally:
            loop.remove_reader(number)
            ear.close()
