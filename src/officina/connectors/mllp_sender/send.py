"""Sending many messages over one or several connections at a chosen rate: what `officina send` does.

Each connection stops and waits for its answer. With one connection the order is kept; with more it is not.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from officina.connectors.mllp_sender.client import Client, Target
from officina.errors import OfficinaError, Unavailable
from officina.wire import batch, mllp
from officina.wire.answers import answer, asked, is_last

REFUSAL_S: Final = 1.0  # seconds after the last message in which refusals that were asked for alone (ER) may come


class Result(NamedTuple):
    """What became of one message. ``code`` is MSA-1, or "" with the reason in ``text`` when no answer came.

    ``unasked``: none came because none was asked for, or none unless it is refused. ``astray``: it was another's.
    """

    number: int
    control_id: str
    code: str
    text: str
    seconds: float
    answers: tuple[bytes, ...] = ()
    unasked: bool = False
    astray: bool = False

    @property
    def accepted(self) -> bool:
        """AA or CA: the receiver has taken it."""
        return self.code in ("AA", "CA")


class File(NamedTuple):
    """The single messages of a file, and what does not add up in the batches that held them."""

    messages: list[bytes]
    remarks: list[batch.Remark]


def files(path: Path) -> list[Path]:
    """The file itself; of a folder all files below it, in the order of their names, but for hidden ones."""
    if not path.is_dir():
        return [path]
    found = (each for each in path.rglob("*") if each.is_file())
    return sorted(each for each in found if not any(part[0] == "." for part in each.relative_to(path).parts))


def unpack(raw: bytes) -> File:
    """The messages in the bytes of one file.

    MLLP framing is taken off; batches (FHS/BHS) and runs of MSH are split. Bytes without a message in them are one
    message: what to say about it is the receiver's business.
    """
    if raw[:1] == b"\x0b":
        decoder = mllp.Decoder(max_size=len(raw), unframed=True)
        events = [*decoder.feed(raw), *decoder.end()]
        payloads = [event.payload for event in events if isinstance(event, mllp.Frame)]
    else:
        payloads = [raw]
    found = File([], [])
    for payload in payloads:
        parts = batch.split(payload)
        found.messages.extend(parts.messages or [payload])
        found.remarks.extend(parts.remarks)
    return found


async def send(
    messages: Iterable[bytes],
    target: Target,
    *,
    connections: int = 1,
    rate: float = 0.0,
    on_result: Callable[[Result], None] | None = None,
    timeout: float = 30.0,
) -> int:
    """Sends every message once and returns how many were accepted.

    ``rate``: messages per second over all connections, 0 as fast as answers come. ``on_result`` is called on the loop
    as each answer arrives; of a message that is answered only if it is refused, at the end if no refusal came. A
    message without an answer is reported and not repeated; the connection is opened anew for the next. Raises
    Unavailable when the receiver cannot be reached at all.
    """
    pace = _Pace(rate)
    waiting = enumerate(messages, 1)
    accepted = 0

    def done(result: Result) -> None:
        nonlocal accepted
        accepted += result.accepted
        if on_result is not None:
            on_result(result)

    lines = [_Line(target, timeout, done) for _ in range(connections)]
    await lines[0].client.open()
    async with asyncio.TaskGroup() as group:
        for each in lines:
            group.create_task(each.drain(waiting, pace))
    return accepted


class _Pace:
    """Gives out the moments at which messages may leave."""

    def __init__(self, rate: float) -> None:
        self._gap = 1 / rate if rate > 0 else 0.0
        self._next = time.monotonic()

    async def turn(self) -> None:
        if self._gap:
            wait = self._next - time.monotonic()
            self._next = max(self._next, time.monotonic() - self._gap) + self._gap
            if wait > 0:
                await asyncio.sleep(wait)


class _Line:
    """One connection: sends message after message and waits for the answers it can be sure of.

    A message that is answered only if it is refused (ER), or never (NE), does not hold up the next; what is answered to
    it all the same is known by its control id (MSA-2), so that nobody else takes it for his.
    """

    def __init__(self, target: Target, timeout: float, done: Callable[[Result], None]) -> None:
        self.client = Client(target, timeout=timeout, unawaited=self._take)
        self._done = done
        self._unawaited: dict[str, deque[Result | None]] = {}  # None: its result is told already
        self._undecided = 0
        self._decided = asyncio.Event()

    async def drain(self, line: Iterator[tuple[int, bytes]], pace: _Pace) -> None:
        try:
            for number, payload in line:
                await pace.turn()
                await self._send(number, payload)
            await self._hear_refusals()
        finally:
            await self.client.close()

    async def _send(self, number: int, payload: bytes) -> None:
        wish = asked(payload)
        result = Result(number, wish.control_id, "", "no answer was asked for", 0.0, unasked=True)
        began = time.perf_counter()
        try:
            if not self.client.connected:
                self._close_undecided()
                await self.client.open()
            answers = await self.client.exchange(payload, wish.sure, until=is_last)
        except OfficinaError as error:
            reason = error.text if isinstance(error, Unavailable) else str(error)
            self._done(result._replace(text=reason, seconds=time.perf_counter() - began, unasked=False))
            return
        result = result._replace(seconds=time.perf_counter() - began)
        if answers:
            result = _told(result, answers)
            if result.astray:
                await self.client.close()  # what comes next could be the answer to this one
        if wish.refusal and result.code in ("", "CA") and not result.astray:
            self._leave(result)
            return
        if not answers:
            self._unawaited.setdefault(wish.control_id, deque()).append(None)
        self._done(result)

    def _leave(self, result: Result) -> None:
        """Whether it is refused will show."""
        self._unawaited.setdefault(result.control_id, deque()).append(result)
        self._undecided += 1
        self._decided.clear()

    def _take(self, payload: bytes) -> bool:
        """An answer to an earlier message, for which nobody waits."""
        left = self._unawaited.get(answer(payload).control_id)
        if not left:
            return False
        result = left.popleft()
        if result is not None:
            self._decide(_told(result, [*result.answers, payload]))
        return True

    def _decide(self, result: Result) -> None:
        self._undecided -= 1
        if not self._undecided:
            self._decided.set()
        self._done(result)

    async def _hear_refusals(self) -> None:
        """No more is sent: refusals that are under way may still come."""
        if self._undecided:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._decided.wait(), min(REFUSAL_S, self.client.timeout))
        self._close_undecided()

    def _close_undecided(self) -> None:
        """Nothing more will be heard of what was left."""
        left = [result for results in self._unawaited.values() for result in results if result is not None]
        self._unawaited.clear()
        for result in left:
            if result.code:
                self._decide(result)
            elif self.client.connected:
                self._decide(result._replace(text="no refusal came"))
            else:
                text = "the connection was closed before a refusal could come"
                self._decide(result._replace(text=text, unasked=False))


def _told(result: Result, answers: list[bytes]) -> Result:
    """The result with what the last answer tells."""
    last = answer(answers[-1])
    astray = bool(last.control_id and result.control_id and last.control_id != result.control_id)
    code, text = ("", "the answer names another control id") if astray else (last.code, last.text)
    return result._replace(code=code, text=text, answers=tuple(answers), unasked=False, astray=astray)
