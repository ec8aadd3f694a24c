"""The poller of one connector: looks into its mailbox, has what is new taken in, and then puts it away there."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from officina.connectors.mailbox_poller import PollerSettings
from officina.connectors.port import Intake, Item, Mailbox, Origin
from officina.errors import OfficinaError, Unavailable
from officina.outbound.retry import Pace, wait_s
from officina.runtime.stillness import Stillness

log = logging.getLogger("officina.poller")

FAILED_AFTER: Final = 3  # looks in a row that met trouble
AT_ONCE: Final = 500  # items taken in one look
_ENDED: Final = re.compile(rb"[\r\n\x1c]\s*\Z")


class Trouble(NamedTuple):
    """Why the mailbox, or something in it, could not be dealt with, and for how many looks in a row."""

    text: str
    remedy: str
    looks: int


class Poller:
    """``run`` until it is stopped. ``may`` says whether this hub is the one that looks; ``told`` hears of each change
    that people see.
    """

    def __init__(
        self,
        name: str,
        settings: PollerSettings,
        mailbox: Mailbox,
        intake: Intake,
        clock: Callable[[], int],
        may: Callable[[], bool],
        told: Callable[[], None],
    ) -> None:
        self.mailbox = mailbox
        self.trouble: Trouble | None = None
        self.looked_at: int | None = None  # when it last saw what is in the mailbox
        self.next_at: int | None = None
        self._name, self._settings, self._intake = name, settings, intake
        self._clock, self._may, self._told = clock, may, told
        self._still = Stillness(settings.still_s)
        self._kept: set[Item] = set()  # in the book, and still in the mailbox because it could not be put away
        self._pace = Pace(settings.interval_s, settings.retry_factor, settings.retry_most_s)
        self._wake = asyncio.Event()
        self._more = False  # it took as much as it may at once
        self._stopping = False

    @property
    def failed(self) -> bool:
        """It has been in trouble for long enough that a person should know."""
        return self.trouble is not None and self.trouble.looks >= FAILED_AFTER

    def go_on(self) -> None:
        """Look now: a person has asked for it, or this hub has become the one that looks."""
        self._wake.set()

    def stop(self) -> None:
        """Have `run` end once the item that is under way is put away."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        try:
            while not self._stopping:
                self._wake.clear()
                rest = await self._round()
                self.next_at = None if rest is None else self._clock() + int(rest * 1_000_000)
                self._told()
                # Not wait_for, which loses a cancellation that comes together with the event (Python before 3.12).
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(rest):
                        await self._wake.wait()
        finally:
            await asyncio.to_thread(self.mailbox.close)

    async def _round(self) -> float | None:
        """One look; how long until the next, None: until this hub may."""
        if not self._may():
            self.trouble = None  # the hub that looks knows by now what is wrong
            return None
        try:
            found = await asyncio.to_thread(self.mailbox.look)
            self.looked_at = self._clock()
        except OfficinaError as error:
            return self._troubled(error)
        except Exception:
            log.exception("Connector %s met a defect.", self._name)
            return self._troubled(Unavailable("it met a defect, which the log of the hub shows"))
        worst = await self._take_all(found)
        if worst is not None:
            self._troubled(worst)
        else:
            self.trouble = None
        await asyncio.to_thread(self.mailbox.close)
        if self._more:
            return 0.0
        return self._settings.still_s if self._still.moving else self._settings.interval_s

    def _troubled(self, error: OfficinaError) -> float:
        """Enters it; how long to wait where it concerns the mailbox as a whole."""
        looks = self.trouble.looks + 1 if self.trouble else 1
        if looks == 1:
            log.warning("Connector %s is in trouble with its mailbox: %s.", self._name, error.text)
        self.trouble = Trouble(error.text, error.remedy, looks)
        return wait_s(looks, self._pace, random.random())

    async def _take_all(self, found: Sequence[Item]) -> OfficinaError | None:
        """Everything that is ready; one that makes trouble holds up no other. The first trouble there was."""
        now = asyncio.get_running_loop().time()
        self._kept &= set(found)
        troubles: list[OfficinaError] = []
        taken = 0
        for item in self._still.ready(found, now)[:AT_ONCE]:
            if self._stopping or not self._may():
                break
            try:
                taken += await self._take(item, now)
            except OfficinaError as error:
                troubles.append(error)
            except Exception:
                log.exception("Connector %s met a defect.", self._name)
                troubles.append(Unavailable("it met a defect, which the log of the hub shows"))
        self._more = taken == AT_ONCE
        return troubles[0] if troubles else None

    async def _take(self, item: Item, now: float) -> bool:
        """Fetch it, have it kept, put it away: in this order, so that nothing is lost wherever it breaks off. False
        where it is not to be taken yet.
        """
        if item not in self._kept:
            payloads = await asyncio.to_thread(self.mailbox.fetch, item)
            remarks = self._remarks(item, payloads, now)
            if not payloads or remarks is None:
                return False
            answers: list[bytes] = []
            for payload in payloads:
                origin = Origin(self._name, self.mailbox.address, remarks=remarks)
                answers += await self._intake.take(payload, origin)
            await asyncio.to_thread(self.mailbox.answer, item, answers)
            self._kept.add(item)
        await asyncio.to_thread(self.mailbox.finish, item)
        self._kept.discard(item)
        return True

    def _remarks(self, item: Item, payloads: Sequence[bytes], now: float) -> tuple[str, ...] | None:
        """What is to be said of it; None for a file that ends within a segment and may still grow."""
        if item.settled or all(_ENDED.search(payload[-64:]) for payload in payloads):
            return ()
        return ("segment_end_missing",) if self._still.since(item, now) >= self._settings.wait_most_s else None
