"""The courier of one connector: takes what is first in its queue, has it sent, and enters what that came to.

One message at a time, in order. A message that is to be sent again stays first; with lanes it holds only its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Callable, Collection
from functools import partial
from typing import Final, NamedTuple

from officina.actions.deliver import (
    Attempt,
    Outgoing,
    Overtaken,
    Queue,
    Settle,
    Settled,
    Written,
    keep,
    next_outgoing,
    nothing_to_send,
    take_out,
    write,
)
from officina.actions.leases import Fence
from officina.actions.site import Site
from officina.connectors.port import Sender
from officina.errors import OfficinaError, Unavailable
from officina.outbound.retry import Pace, wait_s
from officina.outbound.subscription import Lanes, lanes_of
from officina.store import Store
from officina.workflow.delivery import Limits

log = logging.getLogger("officina.courier")

AT_ONCE: Final = 64  # taken from the book together
# Answered messages whose results may still be on their way into the book. A crash can repeat no more than these.
AHEAD: Final = 8
SHARE_S: Final = 0.002  # longest that a result waits for others to be entered with
BOOK_RETRY_S: Final = 1.0
EVERYTHING: Final = ""  # the lane of what has none, and of a receiver that cannot be reached: it holds all others


class Route(NamedTuple):
    """A sending connector as its courier needs it."""

    connector_id: int
    name: str
    pace: Pace
    limits: Limits
    lanes: Lanes = "none"

    @property
    def queue(self) -> str:
        """The topic that tells when it grows, and the lease under which it is sent."""
        return f"deliveries:{self.connector_id}"


class Waiting(NamedTuple):
    """A lane that waits: until when (loop time), how many failures in a row, and why in plain words."""

    until: float
    failures: int
    text: str


class Courier:
    """``run`` until it is cancelled; ``wake`` when the queue may have grown. Everything happens on the loop.

    ``site`` is the one in force, by which messages are composed; ``fence`` gives the right to send, None while another
    hub has it; ``count`` is told the connector, the result and the seconds of each attempt.
    """

    def __init__(
        self,
        store: Store,
        sender: Sender,
        route: Route,
        clock: Callable[[], int],
        site: Callable[[], Site],
        fence: Callable[[str], Fence | None],
        count: Callable[[str, str, float], None] = lambda connector, result, seconds: None,
    ) -> None:
        self.route = route
        self.sender = sender
        self._store = store
        self._clock = clock
        self._site = site
        self._fence = fence
        self._count = count
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()
        self._settle = Settle(self._settled)
        self._unsettled: dict[int, Attempt] = {}
        self._answered: list[Attempt] = []  # those of them that were not handed in yet
        self._due: asyncio.TimerHandle | None = None  # when they are, at the latest
        self._room = asyncio.Event()
        self._stopping = False
        self._failures: dict[str, Waiting] = {}
        self._anew = False  # what was taken from the book is no longer what goes next
        self._one_line = 0  # up to this delivery everything is in one lane: the connector had other lanes then
        self.last_at = 0  # when the last message was taken by the receiver
        self.last_id = 0  # its delivery

    @property
    def waiting(self) -> Waiting | None:
        """What holds everything, else the lane that goes on soonest, if any waits."""
        return self._failures.get(EVERYTHING) or min(self._failures.values(), default=None)

    @property
    def next_at(self) -> int | None:
        """When the next attempt is due, if one waits."""
        found = self.waiting
        return None if found is None else self._clock() + int(max(found.until - self._loop.time(), 0) * 1_000_000)

    def wake(self) -> None:
        """Something was queued."""
        self._wake.set()

    def look_again(self) -> None:
        """A person has queued something again: after the message under way the first of the queue is another."""
        self._anew = True
        self._wake.set()

    def go_on(self) -> None:
        """Wait no longer: a person has asked for it, or the settings have changed."""
        self._failures = {lane: each._replace(until=0.0) for lane, each in self._failures.items()}
        self._wake.set()

    async def run(self) -> None:
        """Send until cancelled. What was sent is entered even then."""
        try:
            while not self._stopping:
                try:
                    await self._round()
                except OfficinaError as error:  # the book cannot be read now
                    log.warning("Connector %s waits for the book: %s", self.route.name, error.text)
                    await asyncio.sleep(BOOK_RETRY_S)
                except Exception:  # a defect must not end a partner's queue
                    log.exception("Connector %s met a defect.", self.route.name)
                    await asyncio.sleep(BOOK_RETRY_S)
        finally:
            await self._drained()
            await self.sender.close()

    def stop(self) -> None:
        """Have `run` end once the message that is under way is answered."""
        self._stopping = True
        self._wake.set()

    async def _round(self) -> None:
        self._wake.clear()
        self._anew = False
        queue = await self._take()
        for outgoing in queue:
            fence = self._fence(self.route.queue)
            if self._stopping or self._anew or fence is None or self._is_behind(outgoing):
                break
            # Behind one that stays, what was taken may not go any more: the queue is looked at anew.
            if not await self._one(outgoing, fence):
                break
        if not queue and (self._held(EVERYTHING) or not await self._take_out()):
            await self._rest()

    async def _take(self) -> list[Outgoing]:
        """The first of the queue, once all that was sent is entered."""
        await self._drained()
        if self._fence(self.route.queue) is None:
            self._failures.clear()  # another hub knows by now what waits
            return []
        if self._held(EVERYTHING):
            return []
        lanes = [lane for lane in self._failures if self._held(lane)]
        queue = await self._written(lanes)
        left = {self._lane(outgoing) for outgoing in queue} | ({EVERYTHING} if queue else set())
        for lane in [lane for lane in self._failures if lane not in left and lane not in lanes]:
            del self._failures[lane]  # a person has taken out what waited there
        return queue

    async def _written(self, lanes: Collection[str]) -> list[Outgoing]:
        """What is first, composed if it was not yet: what leaves is in the book before."""
        queue = await asyncio.to_thread(self._read, lanes)
        while unwritten := queue.unwritten:
            written = await asyncio.to_thread(self._write, unwritten)
            await asyncio.wrap_future(self._store.writer.submit(partial(keep, written=written)))
            queue = await asyncio.to_thread(self._read, lanes)
        return queue.outgoing

    def _read(self, lanes: Collection[str]) -> Queue:
        with self._store.read() as tx:
            return next_outgoing(tx, self.route.connector_id, beside=lanes, limit=AT_ONCE)

    def _write(self, delivery_ids: Collection[int]) -> list[Written]:
        with self._store.read() as tx:
            return write(tx, self._site(), delivery_ids, self._clock())

    async def _take_out(self) -> int:
        """Takes out of the queue what it holds though nothing can be sent."""
        if self._fence(self.route.queue) is None or not await asyncio.to_thread(self._idles):
            return 0
        connector_id, at = self.route.connector_id, self._clock()
        work = self._store.writer.submit(lambda tx: take_out(tx, connector_id, at=at))
        return await asyncio.wrap_future(work)

    def _idles(self) -> bool:
        with self._store.read() as tx:
            return nothing_to_send(tx, self.route.connector_id)

    def _lane(self, outgoing: Outgoing) -> str:
        return EVERYTHING if outgoing.delivery_id <= self._one_line else outgoing.lane

    def _is_behind(self, outgoing: Outgoing) -> bool:
        """Whether it has to wait for what waits in other lanes, being of lanes that the connector had before: those are
        not to be compared with the lanes of now, so that up to here everything goes in one line.
        """
        if outgoing.delivery_id <= self._one_line or lanes_of(outgoing.lane) == self.route.lanes:
            return False
        self._one_line = outgoing.delivery_id
        if not self._failures:
            return False
        longest = max(self._failures.values())
        self._failures = {EVERYTHING: longest}
        return True

    def _held(self, lane: str) -> bool:
        found = self._failures.get(lane)
        return found is not None and found.until > self._loop.time()

    async def _rest(self) -> None:
        """Until something is queued, or a lane that waits may go on."""
        found = self.waiting
        left = None if found is None else max(found.until - self._loop.time(), 0.0)
        # Not wait_for, which loses a cancellation that comes together with the event (Python before 3.12).
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(left):
                await self._wake.wait()

    async def _one(self, outgoing: Outgoing, fence: Fence) -> bool:
        """Sends it; whether it has left the queue."""
        at, began = self._clock(), time.perf_counter()
        came = await self.sender.exchange(outgoing.payload)
        took_s = time.perf_counter() - began
        self._count(self.route.name, came.result, took_s)
        took = int(took_s * 1_000_000)
        attempt = Attempt(outgoing, self.route.connector_id, at, took, *came, self.route.limits, fence)
        away, stays, lane = came.result == "unreachable", attempt.ruling.state == "queued", self._lane(outgoing)
        if not away and lane != EVERYTHING:
            self._failures.pop(EVERYTHING, None)
        if stays:
            # A receiver's words may name a patient, so they are read where messages are.
            text = f"the receiver answers {came.code or came.accept_code}" if came.result == "error" else came.text
            self._fail(EVERYTHING if away else lane, text)
        else:
            self._failures.pop(lane, None)
        if came.result == "accepted":
            self.last_at, self.last_id = at, outgoing.delivery_id
        await self._enter(attempt)
        return not stays

    def _fail(self, lane: str, text: str) -> None:
        before = self._failures.get(lane)
        failures = before.failures + 1 if before else 1
        wait = wait_s(failures, self.route.pace, random.random())
        self._failures[lane] = Waiting(self._loop.time() + wait, failures, text)
        if failures == 1:
            log.warning("Connector %s: delivery waits %.0f s (%s).", self.route.name, wait, self.sender.address)

    # --- into the book -----------------------------------------------------------------------------------------

    async def _enter(self, attempt: Attempt) -> None:
        """A few results that come at once share a commit, which costs more than all else that is done for them."""
        self._unsettled[attempt.outgoing.delivery_id] = attempt
        self._answered.append(attempt)
        if len(self._answered) >= AHEAD // 2:
            self._hand_in()
        elif self._due is None:
            self._due = self._loop.call_later(SHARE_S, self._hand_in_late)
        await self._fewer_than(AHEAD)

    def _hand_in_late(self) -> None:
        self._due = None
        self._hand_in()

    def _hand_in(self) -> None:
        attempts, self._answered = self._answered, []
        self._enqueue(attempts)

    async def _drained(self) -> None:
        self._hand_in()
        await self._fewer_than(1)

    async def _fewer_than(self, count: int) -> None:
        while len(self._unsettled) >= count:
            self._room.clear()
            await self._room.wait()

    def _settled(self, results: Settled) -> None:
        """On the writer's thread, after the commit."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._entered, results)

    def _entered(self, results: Settled) -> None:
        for attempt, result in results:
            if isinstance(result, Overtaken):
                log.warning("Connector %s: another hub has taken over; an attempt is not entered.", self.route.name)
                self._unsettled.pop(attempt.outgoing.delivery_id, None)
            elif isinstance(result, Exception):
                # The receiver has its message, so this must not be forgotten: nothing else is sent until it is entered.
                log.error("Connector %s: an attempt could not be entered (%s).", self.route.name, type(result).__name__)
                self._loop.call_later(BOOK_RETRY_S, self._enqueue, [attempt])
            else:
                self._unsettled.pop(attempt.outgoing.delivery_id, None)
        self._room.set()

    def _enqueue(self, attempts: list[Attempt]) -> None:
        try:
            if attempts:
                self._store.writer.enqueue(self._settle, attempts)
        except Unavailable:  # the hub is stopping
            for attempt in attempts:
                self._unsettled.pop(attempt.outgoing.delivery_id, None)
            self._room.set()
