"""Deliveries whose bytes are no longer there: nothing can be sent, so they leave the queue instead of lying in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from officina.store import deliveries, events, retention
from officina.store.rows import DeliveryRow

if TYPE_CHECKING:
    from officina.store import Tx

BYTES_GONE = "bytes_gone"


def without_bytes(tx: Tx, rows: Iterable[DeliveryRow]) -> list[DeliveryRow]:
    """Those that would send a message of which nothing is left."""
    written = [row for row in rows if row.message_id is not None]
    there = retention.with_body(tx, [row.message_id for row in written if row.message_id is not None])
    return [row for row in written if row.message_id not in there]


def nothing_to_send(tx: Tx, connector_id: int) -> bool:
    """Whether such a delivery is among the first of the queue."""
    return bool(without_bytes(tx, deliveries.head(tx, connector_id)))


def take_out(tx: Tx, connector_id: int, *, at: int) -> int:
    """Move the first of them into the error queue, where a person sees them; how many. One audit line for all."""
    rows = without_bytes(tx, deliveries.head(tx, connector_id))
    if rows:
        deliveries.update(tx, [{"id": row.id, "state": "failed", "reason": BYTES_GONE} for row in rows])
        detail = {"deliveries": len(rows), "reason": BYTES_GONE}
        events.record(
            tx,
            at=at,
            kind="connector.set_aside",
            subject="connector",
            subject_id=connector_id,
            actor="system",
            detail=detail,
        )
        deliveries.announce(tx, {connector_id})
    return len(rows)
