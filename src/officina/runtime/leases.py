"""What this hub does of that which one hub alone may do: send for a connector, look into a mailbox, and keep house.
Which of several does it is a lease in the book; a hub that has a book to itself needs none.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final, NamedTuple

from officina.actions import leases as book
from officina.actions.leases import Fence, Kept
from officina.clock import SECOND
from officina.errors import OfficinaError
from officina.runtime.bus import Bus
from officina.store import Store

log = logging.getLogger("officina.leases")

HOUSEKEEPING: Final = "housekeeping"
HUB: Final = "hub:"
AGAIN_S: Final = 1.0  # after the book could not be asked
SOON_S: Final = 0.05  # after the moment at which another's lease ends
STOP_S: Final = 5.0  # longest that a stop waits for the book


def since_boot() -> float:
    """Seconds that go on while this process, or where the system knows that the machine, stands still."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class _Held(NamedTuple):
    token: int
    until: float


class Leases:
    """``wish`` says for which queues this hub would send, ``wish_to_poll`` into which mailboxes it would look;
    ``fence`` whether it may, at this moment.

    A lease is counted from before it was asked for, so it ends here before the book lets another have it.
    """

    def __init__(self, store: Store, bus: Bus, name: str, seconds: float) -> None:
        self.name = name
        self._store, self._bus, self._seconds = store, bus, seconds
        self._alone = store.kind == "sqlite"
        self._queues: frozenset[str] = frozenset()
        self._mailboxes: frozenset[str] = frozenset()
        self._held: Mapping[str, _Held] = {}
        self._holders: Mapping[str, str] = {}
        self._succeeded = False
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def fence(self, lease: str) -> Fence | None:
        """The right to do it now; None while another has it, or nobody is known to."""
        if self._alone:
            return Fence(lease, 0)
        held = self._held.get(lease)
        return Fence(lease, held.token) if held is not None and since_boot() < held.until else None

    def keeps_house(self) -> bool:
        """Whether this hub is the one that watches, notifies and tidies up. The topic ``housekeeping`` tells when it
        has become so.
        """
        return self.fence(HOUSEKEEPING) is not None

    def sends_for(self) -> int:
        """For how many connectors this hub sends."""
        return sum(1 for queue in self._queues if self.fence(queue) is not None)

    def hubs(self) -> tuple[str, ...]:
        """The hubs that live, by the last look into the book."""
        return tuple(sorted(name.removeprefix(HUB) for name in self._holders if name.startswith(HUB))) or (self.name,)

    def holder(self, lease: str) -> str:
        """Who has it, where several hubs live; else ''."""
        return self._holders.get(lease, "") if len(self.hubs()) > 1 else ""

    def wish(self, queues: Iterable[str]) -> None:
        """From now on these are all for which it would send."""
        self._queues = frozenset(queues)
        self._changed.set()

    def wish_to_poll(self, mailboxes: Iterable[str]) -> None:
        """From now on these are all into which it would look."""
        self._mailboxes = frozenset(mailboxes)
        self._changed.set()

    def start(self) -> None:
        if not self._alone:
            self._bus.on("leases", self._changed.set)
            self._task = asyncio.create_task(self._run(), name="leases")

    async def stop(self) -> None:
        """Give everything back, so that another goes on at once. What was done under it must be entered by now."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.wait({self._task})
        left, self._held = {name: held.token for name, held in self._held.items()}, {}
        with contextlib.suppress(OfficinaError, TimeoutError):
            async with asyncio.timeout(STOP_S):
                await self._asked({}, left)

    async def _run(self) -> None:
        while True:
            self._changed.clear()
            try:
                rest = await self._round()
            except OfficinaError as error:
                log.warning("Leases wait for the book: %s", error.text)
                rest = AGAIN_S
            except Exception:
                log.exception("Leases met a defect.")
                rest = AGAIN_S
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(rest):
                    await self._changed.wait()

    async def _round(self) -> float:
        """Takes and renews; how long until the next time."""
        if not self._succeeded:
            await asyncio.wrap_future(self._store.writer.submit(partial(book.succeed, holder=self.name)))
            self._succeeded = True
        wanted = {HUB + self.name, HOUSEKEEPING} | self._queues | self._mailboxes
        before = self._held
        tokens = {name: before[name].token if name in before else 0 for name in wanted}
        given_up = {name: held.token for name, held in before.items() if name not in wanted}
        began = since_boot()
        kept = await self._asked(tokens, given_up)
        until = began + self._seconds
        self._held = {name: _Held(token, until) for name, token in kept.mine.items()}
        self._tell(before, kept)
        theirs = [each.left / SECOND for each in kept.every if each.name in wanted and each.name not in kept.mine]
        return max(min([self._seconds / 3, *[left + SOON_S for left in theirs]]), SOON_S)

    async def _asked(self, wanted: Mapping[str, int], given_up: Mapping[str, int]) -> Kept:
        ask = partial(book.keep, wanted=wanted, given_up=given_up, holder=self.name, seconds=self._seconds)
        return await asyncio.wrap_future(self._store.writer.submit(ask))

    def _tell(self, before: Mapping[str, _Held], kept: Kept) -> None:
        """Whoever does it is woken; whoever did it sees that he may not, and who looks on sees who does."""
        holders = {each.name: each.holder for each in kept.every if each.left > 0}
        changed = holders != self._holders
        self._holders = holders
        now = since_boot()
        gained = {name for name in kept.mine if name not in before or before[name].until <= now}
        for name in before.keys() - kept.mine.keys():
            log.warning("Another hub has taken over: %s.", name)
        self._bus.publish(frozenset(gained) | ({"connectors"} if changed else frozenset()))
