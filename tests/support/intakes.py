"""Intakes for tests of connectors: they answer at once, or when the test says so."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import count

from officina.connectors.port import Origin, Reply, TurnedAway
from officina.wire.acknowledge import ErrorLine, Header, Outcome, acknowledge

DEADLINE_S = 20.0
AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


class Answering:
    """An intake that accepts everything at once."""

    def __init__(self) -> None:
        self.taken: list[tuple[bytes, Origin]] = []
        self.turned_away: list[tuple[bytes, TurnedAway]] = []
        self._numbers = count(1)

    def offer(self, payload: bytes, origin: Origin, reply: Reply) -> None:
        self.taken.append((payload, origin))
        reply(self.accept(payload))

    def turn_away(self, payload: bytes, origin: Origin, why: TurnedAway, reply: Reply) -> None:
        """Refuses what shows a message, and is silent to anything else."""
        self.turned_away.append((payload, why))
        head = Header.salvage(payload)
        errors = [ErrorLine("", "207", "error", why.text)]
        outcome: Outcome = "error" if why.later else "reject"
        acks = acknowledge(head, outcome, control_id=f"R{next(self._numbers)}", at=AT, errors=errors)
        reply([ack.payload for ack in acks] if head.type else [])

    def accept(self, payload: bytes) -> list[bytes]:
        acks = acknowledge(Header.salvage(payload), "accept", control_id=f"A{next(self._numbers)}", at=AT)
        return [ack.payload for ack in acks]


class Holding(Answering):
    """An intake whose answers wait until the test gives them."""

    def __init__(self) -> None:
        super().__init__()
        self.held: list[tuple[bytes, Reply]] = []
        self._grew = asyncio.Event()

    def offer(self, payload: bytes, origin: Origin, reply: Reply) -> None:
        self.taken.append((payload, origin))
        self.held.append((payload, reply))
        self._grew.set()

    async def holds(self, number: int) -> None:
        """Waits until so many messages are held."""
        async with asyncio.timeout(DEADLINE_S):
            while len(self.held) < number:
                self._grew.clear()
                await self._grew.wait()

    def release(self, place: int = 0) -> None:
        payload, reply = self.held.pop(place)
        reply(self.accept(payload))
