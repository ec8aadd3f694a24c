"""Tells of alerts in the ways the site names, until each has been told. What waits is in the book, so a restart tells
what was not told yet; a way that does not work holds up no other."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Final

from officina import clock
from officina.actions import alerts
from officina.actions.alerts import Due
from officina.actions.site import Site
from officina.errors import OfficinaError, Unavailable
from officina.outbound.notify import Channel, EmailSettings, link
from officina.outbound.retry import Pace, wait_s
from officina.runtime import mail, webhook
from officina.runtime.bus import Bus
from officina.runtime.leases import HOUSEKEEPING
from officina.store import Store
from officina.store.alerts import next_due

log = logging.getLogger("officina.notifier")

PACE: Final = Pace(30.0, 2.0, 1800.0)
MOST_S: Final = 60.0  # looks at least that often


class Notifier:
    """``start`` and ``stop`` on the loop; each way is served in a thread. ``home`` is where people reach the hub."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        site: Callable[[], Site],
        now: Callable[[], int],
        keeps_house: Callable[[], bool],
        pace: Pace = PACE,
        home: str = "",
    ) -> None:
        self._store, self._bus, self._site, self._now, self._pace = store, bus, site, now, pace
        self._keeps_house = keeps_house
        self._home = home
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        for topic in ("alerts", "connectors", HOUSEKEEPING):  # the site in force may have a way that had not
            self._bus.on(topic, self._changed.set)
        self._task = asyncio.create_task(self._run(), name="notifier")

    async def stop(self) -> None:
        """What is being told is told to its end: else it would be told again."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _run(self) -> None:
        while True:
            self._changed.clear()
            rest = MOST_S
            try:
                if self._keeps_house():
                    rest = await self._round()
            except OfficinaError as error:
                log.warning("Notices wait for the book: %s", error.text)
            except Exception:
                log.exception("The notifier met a defect.")
            # Not wait_for, which loses a cancellation that comes together with the event (Python before 3.12).
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(rest):
                    await self._changed.wait()

    async def _round(self) -> float:
        """Tells what is due; how long until the next is."""
        waiting = await asyncio.to_thread(self._due)
        channels = {each.name: each for each in self._site().channels}
        by_way = groupby(sorted(waiting, key=lambda each: each.notice.notify), key=lambda each: each.notice.notify)
        tasks = [asyncio.to_thread(self._tell_all, channels.get(name), list(group)) for name, group in by_way]
        # Shielded, because a thread cannot be called back: a stop waits for what it is telling.
        telling = asyncio.gather(*tasks)
        try:
            await asyncio.shield(telling)
        except asyncio.CancelledError:
            await asyncio.wait({telling})
            raise
        upcoming = await asyncio.to_thread(self._upcoming)
        left = MOST_S if upcoming is None else (upcoming - self._now()) / clock.SECOND
        return min(max(left, 0.05), MOST_S)

    def _due(self) -> list[Due]:
        with self._store.read() as tx:
            return alerts.due(tx, self._now())

    def _upcoming(self) -> int | None:
        with self._store.read() as tx:
            return next_due(tx)

    def _tell_all(self, channel: Channel | None, waiting: Sequence[Due]) -> None:
        """One after the other; after a failure the rest of this way waits with it."""
        failed = False
        for each in waiting:
            number, again_at = each.notice.id, None
            if channel is not None:
                failed = failed or not self._tell(channel, each)
                if failed:
                    again_at = self._now() + int(wait_s(each.notice.attempts + 1, self._pace, random.random()) * 1e6)
            self._settle(number, again_at, channel is None)

    def _settle(self, number: int, again_at: int | None, gone: bool) -> None:
        at = self._now()
        self._store.writer.submit(lambda tx: alerts.settle(tx, number, at=at, again_at=again_at, gone=gone)).result()

    def _tell(self, channel: Channel, each: Due) -> bool:
        try:
            if isinstance(channel.settings, EmailSettings):
                mail.send(channel.settings, each, link(self._home, each.alert.id), self._now())
            else:
                webhook.post(channel.settings, each, link(self._home, each.alert.id), self._now())
        except Unavailable as error:
            if not each.notice.attempts:
                log.warning("Alert %s could not be told by %s: %s", each.alert.id, channel.name, error.text)
            return False
        return True
