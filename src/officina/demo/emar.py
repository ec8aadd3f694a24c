"""The homes' medication record (eMAR): a receiver that takes what it is told, refuses some, and is busy now and then.

It is what the hub's deliveries go to in the demo. It does not keep anything.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Final, cast

from officina.wire import er7, mllp
from officina.wire.acknowledge import ErrorLine, Header, Outcome, acknowledge

BUSY_EVERY: Final = 20  # messages; then it is busy for two answers
REFUSED: Final = "warfarin"  # needs an INR value that no message of the demo carries
_LARGEST: Final = 1024 * 1024


class Emar:
    """Decides what to answer."""

    def __init__(self) -> None:
        self._taken = 0
        self._busy = 0

    def answer(self, raw: bytes, at: datetime) -> bytes:
        """One acknowledgement, unframed."""
        try:
            message = er7.parse(raw)
        except er7.ParseError:
            return self._said(Header.salvage(raw), "reject", "", "This is no message.", at)
        head = Header.of(message)
        if REFUSED in message.get("RXE-2.2").casefold():
            return self._said(head, "reject", "RXE-2", "Orders of this drug need a target INR; none was sent.", at)
        if self._busy:
            self._busy -= 1
            return self._said(head, "error", "", "The record is being backed up.", at)
        self._taken += 1
        if self._taken % BUSY_EVERY == 0:
            self._busy = 2
        return self._said(head, "accept", "", "", at)

    @staticmethod
    def _said(head: Header, outcome: Outcome, place: str, text: str, at: datetime) -> bytes:
        errors = (ErrorLine(place, "207", "error", text),) if text else ()
        acks = acknowledge(head, outcome, control_id=f"EMAR{at:%H%M%S%f}", at=at, errors=errors)
        return acks[0].payload if acks else b""


async def serve(host: str, port: int) -> None:
    """Listens until it is cancelled."""
    emar = Emar()
    server = await asyncio.get_running_loop().create_server(lambda: _Conversation(emar), host, port)
    async with server:
        await server.serve_forever()


class _Conversation(asyncio.Protocol):
    """One connection of the hub's."""

    def __init__(self, emar: Emar) -> None:
        self._emar = emar
        self._decoder = mllp.Decoder(_LARGEST)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        for event in self._decoder.feed(data):
            answer = self._emar.answer(event.payload, datetime.now(UTC)) if isinstance(event, mllp.Frame) else b""
            if answer:
                self._transport.write(mllp.encode(answer))
