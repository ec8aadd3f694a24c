"""What a connector sends next, as bytes. Reads only: what is sent is in the book before."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

from officina.store import deliveries, messages

if TYPE_CHECKING:
    from officina.store import Tx


class Outgoing(NamedTuple):
    """A delivery with what it sends. ``attempts`` are all made so far, ``spent`` those before it was last queued, which
    was at ``queued_at``.
    """

    delivery_id: int
    lane: str
    message_id: int
    payload: bytes
    attempts: int
    queued_at: int
    spent: int = 0


class Queue(NamedTuple):
    """The first of a queue, in order: what can be sent, or the deliveries whose messages are to be composed before."""

    outgoing: list[Outgoing]
    unwritten: list[int]


def next_outgoing(tx: Tx, connector_id: int, *, beside: Collection[str] = (), limit: int = 64) -> Queue:
    """What a connector sends next; nothing of the lanes ``beside``."""
    rows = deliveries.head(tx, connector_id, beside=beside, limit=limit)
    if unwritten := [row.id for row in rows if row.message_id is None]:
        return Queue([], unwritten)
    payloads = messages.raw(tx, [row.message_id for row in rows if row.message_id is not None])
    outgoing = [
        Outgoing(row.id, row.lane, row.message_id, payloads[row.message_id], row.attempts, row.queued_at, row.spent)
        for row in rows
        if row.message_id is not None and row.message_id in payloads
    ]
    return Queue(outgoing, [])
