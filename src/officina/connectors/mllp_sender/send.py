"""Sending many messages over one or several connections at a chosen rate: what `officina send` does.

Each connection stops and waits for its answer. With one connection the order is kept; with more it is not.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from officina.connectors.mllp_sender.client import Client, Target
from officina.errors import OfficinaError, Unavailable
from officina.wire import batch, er7, mllp


class Result(NamedTuple):
    """What became of one message. ``code`` is MSA-1, or "" with the reason in ``text`` when no answer came."""

    number: int
    control_id: str
    code: str
    text: str
    seconds: float
    answers: tuple[bytes, ...] = ()

    @property
    def accepted(self) -> bool:
        """AA or CA: the receiver has taken it."""
        return self.code in ("AA", "CA")


def read(paths: Iterable[Path]) -> Iterator[bytes]:
    """The messages of files and, in the order of their names, of all files below folders.

    MLLP framing in a file is taken off; batches (FHS/BHS) and runs of MSH are split. A file without a message in it
    is yielded as it is: what to say about it is the receiver's business.
    """
    for path in paths:
        files = sorted(p for p in path.rglob("*") if p.is_file() and p.name[0] != ".") if path.is_dir() else [path]
        for file in files:
            yield from unpack(file.read_bytes())


def unpack(raw: bytes) -> list[bytes]:
    """The single messages in the bytes of one file."""
    if raw[:1] == b"\x0b":
        decoder = mllp.Decoder(max_size=len(raw), unframed=True)
        events = [*decoder.feed(raw), *decoder.end()]
        payloads = [event.payload for event in events if isinstance(event, mllp.Frame)]
    else:
        payloads = [raw]
    return [one for payload in payloads for one in (batch.split(payload).messages or [payload])]


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
    as each answer arrives. A message without an answer is reported and not repeated; the connection is opened anew
    for the next. Raises Unavailable when the receiver cannot be reached at all.
    """
    first = Client(target, timeout=timeout)
    await first.open()
    pace = _Pace(rate)
    line = enumerate(messages, 1)
    accepted = 0

    def done(result: Result) -> None:
        nonlocal accepted
        accepted += result.accepted
        if on_result is not None:
            on_result(result)

    clients = [first, *(Client(target, timeout=timeout) for _ in range(connections - 1))]
    async with asyncio.TaskGroup() as group:
        for client in clients:
            group.create_task(_drain(client, line, pace, done))
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


async def _drain(
    client: Client, line: Iterator[tuple[int, bytes]], pace: _Pace, done: Callable[[Result], None]
) -> None:
    try:
        for number, payload in line:
            await pace.turn()
            done(await _one(client, number, payload))
    finally:
        await client.close()


async def _one(client: Client, number: int, payload: bytes) -> Result:
    control_id, expected = _asked(payload)
    began = time.perf_counter()
    try:
        if not client.connected:
            await client.open()
        answers = await client.exchange(payload, expected, until=_refused)
    except OfficinaError as error:
        reason = error.text if isinstance(error, Unavailable) else str(error)
        return Result(number, control_id, "", reason, time.perf_counter() - began)
    code, text = _answer(answers, control_id)
    return Result(number, control_id, code, text, time.perf_counter() - began, tuple(answers))


def _asked(payload: bytes) -> tuple[str, int]:
    """MSH-10 and the number of answers to wait for. In enhanced mode (MSH-15, MSH-16) a message may ask for none or
    two; answers that come only on error (ER) cannot be waited for."""
    try:
        head = er7.parse(payload)
    except er7.ParseError:
        return "", 1
    accept, application = head.get("MSH-15"), head.get("MSH-16")
    if not accept and not application:
        return head.get("MSH-10"), 1
    return head.get("MSH-10"), (accept in ("AL", "SU")) + (application in ("AL", "SU"))


def _refused(answer: bytes) -> bool:
    """CE and CR: no application acknowledgement will follow (HL7 2.9.3.2)."""
    return b"\rMSA|C" in answer and b"\rMSA|CA" not in answer


def _answer(answers: list[bytes], control_id: str) -> tuple[str, str]:
    """The code of the last answer and its words (ERR-8, MSA-3 or ERR-3)."""
    if not answers:
        return "", "no answer was asked for"
    try:
        message = er7.parse(answers[-1])
    except er7.ParseError as error:
        return "", f"the answer cannot be read: {error.text}"
    code, answered = message.get("MSA-1"), message.get("MSA-2")
    if answered and control_id and answered != control_id:
        return "", "the answer names another control id"
    place = message.get("ERR-2") if code[1:] != "A" else ""
    text = message.get("ERR-8") or message.get("ERR-7") or message.get("MSA-3") or message.get("ERR-3.2")
    return code, f"{place}: {text}" if place and text else text
