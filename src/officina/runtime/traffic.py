"""Enters into the book how much came and went. It reads the counters of the metrics, so no message waits for it.

What was counted since the last time is in no book yet: a crash loses those seconds of the statistic, and no message.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from officina.errors import OfficinaError
from officina.runtime.metrics import Metrics
from officina.store import Store, connectors, traffic
from officina.store.traffic import TrafficRow
from officina.workflow.traffic import KEPT, NOTHING, Counts, bucket, of_attempt, of_message

if TYPE_CHECKING:
    from officina.store import Tx

log = logging.getLogger("officina.traffic")

EVERY_S: Final = 15.0
STOP_S: Final = 5.0  # longest that a stop waits for the last counts


class Traffic:
    """`start` on the loop; `stop` once nothing is counted any more."""

    def __init__(
        self, store: Store, metrics: Metrics, clock: Callable[[], int], keeps_house: Callable[[], bool]
    ) -> None:
        self._store, self._metrics, self._clock, self._keeps_house = store, metrics, clock, keeps_house
        self._entered: Mapping[str, Counts] = {}
        self._ending = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="traffic")

    async def stop(self) -> None:
        """Enter the last of it."""
        self._ending.set()
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=STOP_S)
            self._task.cancel()

    async def enter(self) -> None:
        """Add what this hub counted since the last time to the book, and drop what is too old."""
        now, totals = self._clock(), self._totals()
        fresh = {name: counts.minus(self._entered.get(name, NOTHING)) for name, counts in totals.items()}
        fresh = {name: counts for name, counts in fresh.items() if counts != NOTHING}
        if fresh:
            await asyncio.wrap_future(self._store.writer.submit(lambda tx: _write(tx, fresh, now, self._keeps_house())))
        self._entered = totals

    async def _run(self) -> None:
        while not self._ending.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await self._ending.wait()
            try:
                await self.enter()
            except OfficinaError as error:  # what was counted stays counted, and is entered the next time
                log.warning("The counts of traffic wait for the book: %s", error.text)
            except Exception:  # a statistic must not end anything
                log.exception("The counts of traffic could not be entered.")

    def _totals(self) -> dict[str, Counts]:
        """Everything since the start, by connector."""
        found: dict[str, Counts] = {}
        for counted, column in ((self._metrics.messages(), of_message), (self._metrics.attempts(), of_attempt)):
            for (name, became), count in counted.items():
                found[name] = found.get(name, NOTHING).plus(Counts(**{column(became): count}))
        return found


def _write(tx: Tx, fresh: Mapping[str, Counts], now: int, keeps_house: bool) -> None:
    ids = {row.name: row.id for row in connectors.every(tx)}
    traffic.add(tx, [TrafficRow(bucket(now), ids[name], *counts) for name, counts in fresh.items() if name in ids])
    if keeps_house:
        traffic.drop(tx, until=now - KEPT)
    tx.touch("traffic")
