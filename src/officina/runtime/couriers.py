"""The couriers of all sending connectors: made, kept and ended as the site says, one dead partner delaying no other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from officina.actions.site import Connector, Site
from officina.clock import SECOND
from officina.connectors.mllp_sender import MllpSender, SenderSettings
from officina.errors import OfficinaError
from officina.outbound.retry import Pace
from officina.runtime.bus import Bus
from officina.runtime.courier import Courier, Route
from officina.runtime.leases import Leases
from officina.store import Store
from officina.store.deliveries import again
from officina.workflow.delivery import Limits

log = logging.getLogger("officina.couriers")


class _AtWork(NamedTuple):
    """A courier with what it was made from."""

    courier: Courier
    settings: SenderSettings
    task: asyncio.Task[None]

    def serves(self, connector: Connector | None) -> bool:
        """Whether it may go on as it is."""
        if connector is None or self.task.done():
            return False
        return (connector.id, connector.settings) == (self.courier.route.connector_id, self.settings)


class Couriers:
    """``apply`` makes them agree with the site; the others know nothing of each other."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        leases: Leases,
        clock: Callable[[], int],
        site: Callable[[], Site],
        count: Callable[[str, str, float], None],
    ) -> None:
        self._store, self._bus, self._leases, self._clock = store, bus, leases, clock
        self._site, self._count = site, count
        self._working: dict[str, _AtWork] = {}

    def of(self, name: str) -> Courier | None:
        """The courier of the connector, if it works."""
        found = self._working.get(name)
        return found.courier if found and not found.task.done() else None

    async def apply(self, connectors: Iterable[Connector], grace: float) -> Mapping[str, OfficinaError]:
        """Keep those whose settings are as they were, end and begin the others; what could not begin, and why."""
        wanted = {each.name: each for each in connectors if isinstance(each.settings, SenderSettings)}
        stale = [name for name, working in self._working.items() if not working.serves(wanted.get(name))]
        await self._end(stale, grace)
        faults: dict[str, OfficinaError] = {}
        for name, connector in wanted.items():
            if name not in self._working:
                try:
                    self._begin(connector)
                except OfficinaError as fault:
                    faults[name] = fault
        self._leases.wish(each.courier.route.queue for each in self._working.values())
        return faults

    async def stop(self, grace: float) -> None:
        """End all of them; each may wait for the answer that is under way."""
        await self._end(list(self._working), grace)

    def _begin(self, connector: Connector) -> None:
        settings = connector.settings
        assert isinstance(settings, SenderSettings)
        route = _route(connector.id, connector.name, settings)
        fence, clock = self._leases.fence, self._clock
        courier = Courier(self._store, MllpSender(settings), route, clock, self._site, fence, self._count)
        self._bus.on(route.queue, courier.wake)
        self._bus.on(again(route.connector_id), courier.look_again)
        task = asyncio.create_task(courier.run(), name=f"courier of {connector.name}")
        task.add_done_callback(_ended)
        self._working[connector.name] = _AtWork(courier, settings, task)

    async def _end(self, names: list[str], grace: float) -> None:
        ended = [self._working.pop(name) for name in names]
        for each in ended:
            self._bus.off(each.courier.route.queue, each.courier.wake)
            self._bus.off(again(each.courier.route.connector_id), each.courier.look_again)
            each.courier.stop()
        if ended:
            _, late = await asyncio.wait({each.task for each in ended}, timeout=grace)
            for task in late:
                task.cancel()
            if late:  # bounded, because results cannot be entered while the book is away
                await asyncio.wait(late, timeout=grace)


def _ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("The %s ended: %s.", task.get_name(), type(error).__name__)


def _route(connector_id: int, name: str, settings: SenderSettings) -> Route:
    return Route(
        connector_id,
        name,
        Pace(settings.retry_interval_s, settings.retry_factor, settings.retry_most_s),
        Limits(settings.most_attempts, int(settings.most_age_s * SECOND), settings.send_doubtful_again),
        settings.lanes,
    )
