"""An event that an action writes, with the deliveries that subscriptions make of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from officina import compact
from officina.outbound.subscription import Subscription, deliveries, lane
from officina.store import intake
from officina.store.rows import DeliveryRow, EventRow

if TYPE_CHECKING:
    from officina.store import Tx


def notify(
    tx: Tx,
    subscriptions: Sequence[Subscription],
    *,
    at: int,
    kind: str,
    subject: str,
    subject_id: int,
    actor: str,
    patient_id: int | None,
    place_id: int | None,
    order_type: str = "",
    detail: Mapping[str, object] | None = None,
) -> int:
    """Record it and queue what is owed for it; the id of the event. ``detail`` holds no patient data."""
    text = compact.dumps(detail) if detail else None
    event = EventRow(tx.id(), at, kind, subject, subject_id, actor, patient_id, place_id, None, text)
    intake.insert_events(tx, [event])
    owed = [
        DeliveryRow(tx.id(), event.id, each.id, each.connector_id, lane(each, event), "queued", at)
        for _, each in deliveries([event], subscriptions, {subject_id: order_type})
        if not each.whole  # no message caused it, so there is none to pass on
    ]
    intake.insert_deliveries(tx, owed)
    return event.id
