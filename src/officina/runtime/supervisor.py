"""Keeps the connectors of the site running: starts, stops and reloads them without a restart of the hub."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from typing import NamedTuple

from officina.actions.site import Site, load_site, stamp
from officina.certificates import Stamps, stamps
from officina.connectors.mailbox_poller import PollerSettings
from officina.connectors.mllp_listener import Binding, Listener
from officina.connectors.mllp_sender import MllpSender, SenderSettings
from officina.connectors.port import Intake
from officina.errors import OfficinaError, Unavailable
from officina.runtime import logs
from officina.runtime.bindings import bindings
from officina.runtime.bus import Bus
from officina.runtime.couriers import Couriers
from officina.runtime.leases import Leases
from officina.runtime.pollers import Pollers, lease_of, reachable
from officina.store import Store

log = logging.getLogger("officina.supervisor")

STOP_GRACE_S = 5.0
RETRY_S = 10.0
WATCH_S = 2.0
CATCH_UP_S = 2.0  # longest that whoever changed the site waits to see it


class Running(NamedTuple):
    """A connector at this moment. ``state``: running, suspended, inactive or failed; ``address`` where it listens or
    sends to; ``reason`` why it does not run, or why a sender or poller that runs has to wait; ``next_at`` when it tries
    or looks again.
    ``last_id`` is the last delivery that its receiver took, and ``last_at`` when, if one was since the hub started.
    ``hub`` is the one that sends or looks, where several share the book; ``looked_at`` is when a poller last saw what
    is in its mailbox.
    """

    state: str
    reason: str
    address: str
    next_at: int | None = None
    last_at: int | None = None
    last_id: int | None = None
    hub: str = ""
    looked_at: int | None = None


class Supervisor:
    """Holds the site in force and makes what runs agree with it, whenever the site changes."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        leases: Leases,
        clock: Callable[[], int],
        count: Callable[[str, str, float], None],
    ) -> None:
        self._store = store
        self._bus = bus
        self._leases = leases
        self.couriers = Couriers(store, bus, leases, clock, self.site, count)
        self.pollers = Pollers(bus, leases, clock)
        self._site = Site({}, {}, (), {})
        self._faults: Mapping[str, OfficinaError] = {}
        self._told: Mapping[str, str] = {}
        self._listener: Listener | None = None
        self._intake: Intake | None = None
        self._changed = asyncio.Event()
        self.applying = False  # a connector that is being started does not run yet, and has not failed
        self._behind: list[asyncio.Future[None]] = []
        self._stamp = (0, 0)
        self._tasks: list[asyncio.Task[None]] = []

    def site(self) -> Site:
        """The site in force."""
        return self._site

    def states(self) -> Mapping[str, Running]:
        """Every connector of the site, by name."""
        found = {name: self._running(name) for name in self._site.connectors}
        return found | {name: Running("failed", fault.text, "") for name, fault in self._site.faults.items()}

    def fault(self, name: str) -> OfficinaError | None:
        """Why a connector does not run that should, or does not come to its mailbox."""
        found = self._faults.get(name) or self._site.faults.get(name)
        poller = self.pollers.of(name)
        trouble = poller.trouble if poller and not found else None
        return Unavailable(trouble.text, remedy=trouble.remedy) if trouble else found

    def senders(self) -> Mapping[str, int]:
        """The ids of the connectors that send, by name."""
        found = self._site.connectors.values()
        return {each.name: each.id for each in found if isinstance(each.settings, SenderSettings)}

    def receivers_end(self) -> Mapping[str, float | None]:
        """When the certificates end that receivers showed, in seconds since 1970; None for one not met yet."""
        found = {name: self.couriers.of(name) for name in self._site.connectors}
        senders = {name: each.sender for name, each in found.items() if each is not None}
        return {
            name: each.peer_ends_at for name, each in senders.items() if isinstance(each, MllpSender) and each.secure
        }

    @property
    def sound(self) -> bool:
        """Every connector that should run does."""
        return all(each.state != "failed" for each in self.states().values())

    async def test(self, name: str) -> None:
        """Tries whether a receiver or a mailbox can be reached. Raises Unavailable with the reason."""
        connector = self._site.connectors.get(name)
        settings = connector.settings if connector else None
        if isinstance(settings, PollerSettings):
            await asyncio.to_thread(reachable, settings)
        elif isinstance(settings, SenderSettings):
            await MllpSender(settings).test()
        else:
            remedy = "test a connector that sends or polls"
            raise Unavailable(f"{name} sends nothing", remedy=remedy, code="not_a_sender")

    async def caught_up(self) -> None:
        """Returns once the site as the book has it now is in force, or after a moment if that takes longer."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._behind.append(done)
        self._changed.set()
        await asyncio.wait([done], timeout=CATCH_UP_S)

    def go_on(self, name: str) -> None:
        """Have a sender that waits after a failure try again now, and a poller look at once."""
        courier = self.couriers.of(name)
        if courier is not None:
            courier.go_on()
        poller = self.pollers.of(name)
        if poller is not None:
            poller.go_on()

    async def start(self, intake: Intake) -> Mapping[str, OfficinaError]:
        """Start what the site asks for; the connectors that could not be started, with the reason."""
        self._listener, self._intake = Listener(intake), intake
        await self._apply()
        self._bus.on("site", self._changed.set)
        self._tasks = [asyncio.create_task(self._follow()), asyncio.create_task(self._watch())]
        return self._faults

    async def stop(self, grace: float) -> None:
        """Take nothing more, answer what was taken, and end."""
        for task in self._tasks:
            task.cancel()
        await self.pollers.stop(grace)
        if self._listener is not None:
            left = await self._listener.stop(grace)
            if left:
                log.warning("%d messages were not answered before the stop; their senders will send them again.", left)
        await self.couriers.stop(grace)

    async def _follow(self) -> None:
        """Applies the site again each time it changed, one application at a time."""
        while True:
            # A connector that could not start may be able to later: its port may have become free.
            # Not wait_for, which loses a cancellation that comes together with the event (Python before 3.12).
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RETRY_S if self._faults else None):
                    await self._changed.wait()
            self._changed.clear()
            behind, self._behind = self._behind, []
            try:
                await self._apply()
            except Exception:
                log.exception("The changed site could not be applied; what ran keeps running.")
            for done in behind:
                done.set_result(None)

    async def _watch(self) -> None:
        """Sees what another process changed: `officina apply` beside a running hub, or a certificate's renewal."""
        loop = asyncio.get_running_loop()
        files = self._read_files()
        while True:
            await asyncio.sleep(WATCH_S)
            with contextlib.suppress(OfficinaError):  # the book cannot be read now; the next look may succeed
                if await loop.run_in_executor(None, self._read_stamp) != self._stamp:
                    self._changed.set()
            before, files = files, await loop.run_in_executor(None, self._read_files)
            if files != before:
                self._changed.set()

    async def _apply(self) -> None:
        self.applying = True
        try:
            await self._agree()
        finally:
            self.applying = False
        self._bus.publish(frozenset({"connectors"}))

    async def _agree(self) -> None:
        loop = asyncio.get_running_loop()
        self._site = await loop.run_in_executor(None, self._load)
        wanted = bindings(self._site)
        active = [connector for connector in self._site.connectors.values() if connector.state == "active"]
        faults = await self.couriers.apply(active, STOP_GRACE_S)
        if self._listener is not None and self._intake is not None:
            polling = await self.pollers.apply(active, self._intake, STOP_GRACE_S)
            self._faults = {**faults, **polling, **await self._listener.apply(wanted, STOP_GRACE_S)}
        self._tell_faults({binding.name: binding for binding in wanted})

    def _tell_faults(self, wanted: Mapping[str, Binding]) -> None:
        """One line for each connector that does not run, when it stops running or the reason changes."""
        faults = {name: str(fault) for name, fault in {**self._site.faults, **self._faults}.items()}
        for name, text in faults.items():
            if self._told.get(name) == text:
                continue
            fault = self._faults.get(name)
            if fault is not None and fault.code == "port_busy" and name in wanted:
                settings = wanted[name].settings
                logs.port_busy(f"{settings.host}:{settings.port}", fault.place)
            else:
                log.error("Connector %s does not run: %s", name, text)
        self._told = faults

    def _load(self) -> Site:
        with self._store.read() as tx:
            self._stamp = stamp(tx)
            return load_site(tx)

    def _read_stamp(self) -> tuple[int, int]:
        with self._store.read() as tx:
            return stamp(tx)

    def _read_files(self) -> dict[str, Stamps]:
        return {name: stamps(connector.settings) for name, connector in self._site.connectors.items()}

    def _running(self, name: str) -> Running:
        connector = self._site.connectors[name]
        if connector.state != "active":
            return Running(connector.state, "", "")
        fault = self._faults.get(name)
        if fault is not None:
            return Running("failed", str(fault), "")
        courier = self.couriers.of(name)
        if courier is not None:
            waiting = courier.waiting
            text, last = waiting.text if waiting else "", (courier.last_at or None, courier.last_id or None)
            hub = self._leases.holder(courier.route.queue)
            return Running("running", text, courier.sender.address, courier.next_at, *last, hub)
        poller = self.pollers.of(name)
        if poller is not None:
            text = poller.trouble.text if poller.trouble else ""
            hub = self._leases.holder(lease_of(connector.id))
            state, at = "failed" if poller.failed else "running", poller.looked_at
            return Running(state, text, poller.mailbox.address, poller.next_at, hub=hub, looked_at=at)
        port = self._listener.port_of(name) if self._listener else None
        return Running("running", "", port.address) if port else Running("failed", "it has not been started", "")
