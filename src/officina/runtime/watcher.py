"""Looks at what may go wrong, every half minute and whenever the bus tells of a change, and opens and closes alerts."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from officina import clock
from officina.actions import alerts
from officina.actions.site import Connector, Site
from officina.certificates import days_left, files_in
from officina.config import Settings, sqlite_path
from officina.connectors import registry
from officina.errors import OfficinaError
from officina.runtime.bus import Bus
from officina.runtime.leases import HOUSEKEEPING
from officina.runtime.supervisor import Supervisor
from officina.store import Store, Tx, deliveries, reviews
from officina.store.alerts import last_received
from officina.workflow import hours
from officina.workflow.alert import Key, rule_for

log = logging.getLogger("officina.watcher")

EVERY_S: Final = 30.0
LEAST_S: Final = 1.0  # between two looks, however much changes
_MINUTE, _HOUR = 60 * clock.SECOND, 3600 * clock.SECOND
_CERTIFICATE = ("certificate", "certificate_last_days")
_CHANGES = ("connectors", "deliveries", "site", "reviews", HOUSEKEEPING)

Readings = dict[Key, float | None]


class Watcher:
    """``start`` and ``stop`` on the loop; it reads and writes the book in other threads."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        supervisor: Supervisor,
        settings: Settings,
        now: Callable[[], int],
        keeps_house: Callable[[], bool],
    ) -> None:
        self._store, self._bus, self._supervisor, self._settings, self.at = store, bus, supervisor, settings, now
        self._keeps_house = keeps_house
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        for topic in _CHANGES:
            self._bus.on(topic, self._changed.set)
        self._task = asyncio.create_task(self._run(), name="watcher")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def look(self) -> None:
        """Reads everything once, and writes only where an alert opens or closes."""
        if self._supervisor.applying or not self._keeps_house():
            return  # the bus tells when that changes
        site, states = self._supervisor.site(), self._supervisor.states()
        failed = {name: each.state == "failed" for name, each in states.items()}
        receivers = dict(self._supervisor.receivers_end())
        change = await asyncio.to_thread(self._look, site, failed, receivers)
        if change is not None:
            await asyncio.wrap_future(self._store.writer.submit(change))

    async def _run(self) -> None:
        while True:
            self._changed.clear()
            try:
                await self.look()
            except OfficinaError as error:  # the book is away; the next look may succeed
                log.warning("Alerts wait for the book: %s", error.text)
            except Exception:
                log.exception("The watcher met a defect.")
            await asyncio.sleep(LEAST_S)
            # Not wait_for, which loses a cancellation that comes together with the event (Python before 3.12).
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S - LEAST_S):
                    await self._changed.wait()

    def _look(
        self, site: Site, failed: dict[str, bool], receivers: dict[str, float | None]
    ) -> Callable[[Tx], None] | None:
        at = self.at()
        certain = self._files(site, at)
        for name, ends in receivers.items():
            for kind in _CERTIFICATE:
                certain[kind, f"{name}: receiver"] = None if ends is None else (ends - at / clock.SECOND) / 86_400
        for name, is_so in failed.items():
            certain["connector_failed", name] = float(is_so)
        with self._store.read() as tx:
            readings = certain | _traffic(tx, site, at) | _reviews(tx, site, at)
            if not alerts.plan(tx, readings, site.alert_rules, site.channels, at=at):
                return None
        return lambda tx: alerts.observe(tx, readings, site.alert_rules, site.channels, at=at)

    def _files(self, site: Site, at: int) -> Readings:
        """Of certificates and of the disk with the book."""
        moment = clock.moment(at)
        files = [(name, path) for name, path in files_in(self._settings, "") if name == "web_certificate"]
        for connector in site.connectors.values():
            if connector.state == "active":
                files += files_in(connector.settings, f"{connector.name}: ")
        found: Readings = {}
        for name, path in files:
            if name.endswith("key"):
                continue
            days = days_left(path, moment)
            for kind in _CERTIFICATE:
                found[kind, name] = days
        book = sqlite_path(self._settings.database_url)
        if book is not None:
            found["disk", "database"] = _free_percent(book)
        return found


def _traffic(tx: Tx, site: Site, at: int) -> Readings:
    found: Readings = {}
    for connector in site.connectors.values():
        if connector.state == "inactive":
            continue
        depth = deliveries.depth(tx, connector.id)
        if depth.queued or depth.failed or registry.kind(connector.kind).role == "sender":
            found["queue_depth", connector.name] = depth.queued
            found["queue_age", connector.name] = (at - depth.oldest_at) / _MINUTE if depth.oldest_at else 0
            found["error_queue", connector.name] = depth.failed
        if (silence := _silence(tx, site, connector, at)) is not None:
            found["silence", connector.name] = silence
    return found


def _reviews(tx: Tx, site: Site, at: int) -> Readings:
    """Hours that the first order of each facility has waited for its nurses."""
    reviewing = {place.id: place.code for place in site.places.values() if place.review}
    waits = reviews.oldest(tx, reviewing)
    return {("review_age", reviewing[place_id]): (at - since) / _HOUR for place_id, since in waits.items()}


def _silence(tx: Tx, site: Site, connector: Connector, at: int) -> float | None:
    """Hours of expected traffic since the last message; None where nothing is expected."""
    rule = rule_for(("silence", connector.name), site.alert_rules)
    if rule is None or connector.state != "active":
        return None
    last = last_received(tx, connector.id)
    return None if last is None else hours.spent(rule.expected, last, at) / _HOUR


def _free_percent(book: Path) -> float | None:
    try:
        usage = shutil.disk_usage(book.parent)
    except OSError:
        return None
    return 100 * usage.free / usage.total if usage.total else None
