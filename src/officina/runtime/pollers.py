"""The pollers of all mailboxes: made, kept and ended as the site says, one dead mailbox delaying no other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from officina.actions.site import Connector
from officina.certificates import Stamps, stamps
from officina.connectors.mailbox_poller import PollerSettings, open_mailbox
from officina.connectors.port import Intake
from officina.errors import Invalid, OfficinaError, Unavailable
from officina.runtime import secret
from officina.runtime.bus import Bus
from officina.runtime.leases import Leases
from officina.runtime.poller import Poller

log = logging.getLogger("officina.pollers")


class _AtWork(NamedTuple):
    """A poller with what it was made from."""

    poller: Poller
    connector: Connector
    files: Stamps
    task: asyncio.Task[None]

    @property
    def lease(self) -> str:
        return lease_of(self.connector.id)

    def serves(self, connector: Connector | None) -> bool:
        """Whether it may go on as it is."""
        if connector is None or self.task.done():
            return False
        same = (connector.id, connector.settings) == (self.connector.id, self.connector.settings)
        return same and stamps(connector.settings) == self.files


class Pollers:
    """``apply`` makes them agree with the site; the others know nothing of each other."""

    def __init__(self, bus: Bus, leases: Leases, clock: Callable[[], int]) -> None:
        self._bus, self._leases, self._clock = bus, leases, clock
        self._working: dict[str, _AtWork] = {}

    def of(self, name: str) -> Poller | None:
        """The poller of the connector, if it works."""
        found = self._working.get(name)
        return found.poller if found and not found.task.done() else None

    async def apply(self, connectors: Iterable[Connector], intake: Intake, grace: float) -> Mapping[str, OfficinaError]:
        """Keep those whose settings are as they were, end and begin the others; what could not begin, and why."""
        wanted = {each.name: each for each in connectors if isinstance(each.settings, PollerSettings)}
        await self._end([name for name, each in self._working.items() if not each.serves(wanted.get(name))], grace)
        faults: dict[str, OfficinaError] = {}
        for name, connector in wanted.items():
            if name not in self._working:
                try:
                    self._begin(connector, intake)
                except OfficinaError as fault:
                    faults[name] = fault
        self._leases.wish_to_poll(each.lease for each in self._working.values())
        return faults

    async def stop(self, grace: float) -> None:
        """End all of them; each may put away what is under way."""
        await self._end(list(self._working), grace)

    def _begin(self, connector: Connector, intake: Intake) -> None:
        settings, lease = connector.settings, lease_of(connector.id)
        assert isinstance(settings, PollerSettings)
        poller = Poller(
            connector.name,
            settings,
            open_mailbox(settings, secret.of),
            intake,
            self._clock,
            lambda: self._leases.fence(lease) is not None,
            lambda: self._bus.publish(frozenset({"connectors"})),
        )
        self._bus.on(lease, poller.go_on)
        task = asyncio.create_task(poller.run(), name=f"poller of {connector.name}")
        task.add_done_callback(_ended)
        self._working[connector.name] = _AtWork(poller, connector, stamps(settings), task)

    async def _end(self, names: list[str], grace: float) -> None:
        ended = [self._working.pop(name) for name in names]
        for each in ended:
            self._bus.off(each.lease, each.poller.go_on)
            each.poller.stop()
        if ended:
            _, late = await asyncio.wait({each.task for each in ended}, timeout=grace)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=grace)


def lease_of(connector_id: int) -> str:
    """The right to look into a mailbox, and the topic that tells who has got it."""
    return f"mailbox:{connector_id}"


def reachable(settings: PollerSettings) -> None:
    """Looks into a mailbox over a connection of its own; nothing is fetched. Raises Unavailable. Blocks."""
    try:
        mailbox = open_mailbox(settings, secret.of)
    except Invalid as error:
        raise Unavailable(error.text, place=error.place, remedy=error.remedy) from error
    try:
        mailbox.look()
    finally:
        mailbox.close()


def _ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("The %s ended: %s.", task.get_name(), type(error).__name__)
