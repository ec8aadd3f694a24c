"""One sending connector over a real book: the test is its receiver, moves its clock, and pulls the plug.

The courier, the store and the bus are the hub's own. Only the receiver is scripted, and the loop's clock stands still
unless the test moves it on.
"""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from tests.support.book import AT, Site, add_site, message_row
from tests.support.samples import rde_o11

from officina.actions import site
from officina.actions.leases import Fence
from officina.connectors.port import Exchanged
from officina.outbound.retry import Pace
from officina.outbound.subscription import Lanes
from officina.packed import Like, pack
from officina.runtime.bus import Bus
from officina.runtime.courier import SHARE_S, Courier, Route
from officina.store import Store, Tx, deliveries, intake, open_store
from officina.store.rows import BodyRow, DeliveryRow
from officina.workflow.delivery import Limits, Result

T = TypeVar("T")
PACE = Pace(100.0, 2.0, 1000.0)
LONG_S = 10_000.0  # more than any wait of PACE
DEADLINE_S = 60.0
_CALM = 3  # looks in a row at which nothing had happened


class Receiver:
    """Implements `officina.connectors.port.Sender`: notes what is sent and answers when the test says how."""

    address = "the test"

    def __init__(self, received: list[bytes]) -> None:
        self._received = received
        self._answer: asyncio.Future[Result] | None = None

    @property
    def asked(self) -> bytes | None:
        """The message that waits for its answer."""
        return self._received[-1] if self._answer is not None else None

    def answer(self, result: Result) -> None:
        assert self._answer is not None
        self._answer.set_result(result)

    async def exchange(self, payload: bytes) -> Exchanged:
        self._received.append(payload)
        self._answer = asyncio.get_running_loop().create_future()
        try:
            result = await self._answer
        finally:
            self._answer = None
        return Exchanged(result, "", "", result, b"")

    async def test(self) -> None: ...

    async def close(self) -> None: ...


class _Loop(asyncio.SelectorEventLoop):
    ahead = 0.0

    def time(self) -> float:
        return super().time() + self.ahead


class _Pool(ThreadPoolExecutor):
    """Remembers what it was given, so that one can wait for all of it."""

    def __init__(self) -> None:
        super().__init__(2)
        self.given: list[Future[Any]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future = super().submit(fn, *args, **kwargs)
        self.given.append(future)
        return future


class Outbox:
    """``received`` are the messages in the order in which they were sent, over all lives of the hub."""

    _held: threading.Event | None = None
    may_send = True
    lanes: Lanes = "none"  # in force with the next courier

    def __init__(self, template: Path, folder: Path, limits: Limits | None = None) -> None:
        self._folder = folder
        self._lives = count()
        self._path = folder / f"{next(self._lives)}.db"
        shutil.copy(template, self._path)
        self.limits = limits or Limits()
        self.received: list[bytes] = []
        self.active = False
        self._open()
        with self.store.write() as tx:
            self.site: Site = add_site(tx)
        self.resume()

    # --- the book ----------------------------------------------------------------------------------------------

    def queue(self, lanes: Sequence[str], connector_id: int | None = None) -> list[int]:
        """A delivery for each lane, in one commit; their ids. The control id of each message is C and its number."""

        def add(tx: Tx) -> list[int]:
            received, rows = [], []
            for lane in lanes:
                message = message_row(tx, self.site)
                received.append((message, rde_o11(control_id=f"C{message.id}")))
                to = connector_id or self.site.connector
                row = DeliveryRow(tx.id(), 0, self.site.subscription, to, lane, "queued", AT, message_id=message.id)
                rows.append(row)
            intake.insert_messages(tx, [message for message, _ in received])
            bodies = [BodyRow(message.id, pack(raw, Like.MESSAGE), b"", "[]") for message, raw in received]
            intake.insert_bodies(tx, bodies)
            intake.insert_deliveries(tx, rows)
            return [row.id for row in rows]

        return self.write(add)

    def write(self, change: Callable[[Tx], T]) -> T:
        """A commit, and what it sets off."""
        result = self.store.writer.submit(change).result(DEADLINE_S)
        self.quiet()
        return result

    def read(self, ask: Callable[[Tx], T]) -> T:
        with self.store.read() as tx:
            return ask(tx)

    def fence(self, lease: str) -> Fence | None:
        """The right to send, while no other hub has it."""
        return Fence(lease, 0) if self.may_send else None

    # --- the receiver and the clock ------------------------------------------------------------------------------

    @property
    def asked(self) -> bytes | None:
        """The message that waits for its answer."""
        return self._receiver.asked

    def answer(self, result: Result) -> None:
        self._receiver.answer(result)
        self.quiet()

    def pass_time(self, seconds: float = LONG_S) -> None:
        self._loop.ahead += seconds
        self.quiet()

    def quiet(self) -> None:
        """Runs until nothing happens any more by itself."""
        calm = 0
        while calm < _CALM:
            before = self._stirred()
            self._loop.run_until_complete(self._breathe())
            calm = calm + 1 if self._stirred() == before else 0

    # --- the hub ---------------------------------------------------------------------------------------------------

    def suspend(self) -> None:
        """Ends the courier; what is not answered by now is given up."""
        self.active = False
        self.courier.stop()
        self._run(self._given_up())
        self.bus.off(self._topic, self.courier.wake)
        self.bus.off(deliveries.again(self.site.connector), self.courier.look_again)
        self.quiet()

    def resume(self) -> None:
        self.active = True
        self._receiver = Receiver(self.received)
        self._run(self._begun())
        self.bus.on(self._topic, self.courier.wake)
        self.bus.on(deliveries.again(self.site.connector), self.courier.look_again)
        self.quiet()

    def restart(self) -> None:
        """The hub is stopped and started, as it should be."""
        if self.active:
            self.suspend()
        self._close()
        self._open()
        self.resume()

    def hold(self) -> None:
        """From now on nothing is entered in the book."""
        held, release = threading.Event(), threading.Event()
        self._held = release

        def wait(tx: Tx) -> None:
            held.set()
            release.wait()

        self.store.writer.submit(wait)
        assert held.wait(DEADLINE_S)

    def release(self) -> None:
        self._let_go()
        self.quiet()

    @property
    def held(self) -> bool:
        return self._held is not None

    def crash(self) -> None:
        """The plug is pulled: what is left is what the book holds at this moment; the hub starts on that."""
        left = self._folder / f"{next(self._lives)}.db"
        for suffix in ("", "-wal"):
            part = self._path.with_name(self._path.name + suffix)
            if part.exists():
                shutil.copy(part, left.with_name(left.name + suffix))
        self._receiver = Receiver([])  # what this life still does, nobody sees
        self._let_go()
        if self.active:
            self.suspend()
        self._close()
        self._path = left
        self._open()
        self.resume()

    def close(self) -> None:
        self._let_go()
        if self.active:
            self.suspend()
        self._close()

    def _open(self) -> None:
        self.store: Store = open_store(f"sqlite:///{self._path}")
        self._loop = _Loop()
        self._pool = _Pool()
        self._loop.set_default_executor(self._pool)
        self.bus = Bus()
        self.bus.attach(self._loop)
        self._commits = 0
        self.store.writer.on_commit(self._committed)
        self.store.writer.on_commit(self.bus.publish)

    def _close(self) -> None:
        self.store.close()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def _committed(self, topics: frozenset[str]) -> None:
        self._commits += 1

    @property
    def _topic(self) -> str:
        return f"deliveries:{self.site.connector}"

    def _let_go(self) -> None:
        if self._held is not None:
            self._held.set()
            self._held = None

    def _run(self, awaited: Any) -> None:
        self._loop.run_until_complete(asyncio.wait_for(awaited, DEADLINE_S))

    async def _begun(self) -> None:
        route = Route(self.site.connector, "cabinet", PACE, self.limits, self.lanes)
        self.courier = Courier(self.store, self._receiver, route, lambda: AT, self._in_force, self.fence)
        self._task = asyncio.create_task(self.courier.run())

    def _in_force(self) -> site.Site:
        return self.read(site.load_site)

    async def _given_up(self) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})

    def _stirred(self) -> tuple[int, int, int]:
        return self._commits, len(self._pool.given), len(self.received)

    async def _breathe(self) -> None:
        under_way = [asyncio.wrap_future(each) for each in self._pool.given if not each.done()]
        await asyncio.gather(*under_way, return_exceptions=True)
        if self._held is None:
            await asyncio.wrap_future(self.store.writer.submit(lambda tx: None))
        self._loop.ahead += SHARE_S
        for _ in range(8):
            await asyncio.sleep(0)
