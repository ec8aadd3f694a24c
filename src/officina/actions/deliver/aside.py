"""Moving what waits to the error queue: the way out for a message that its receiver will never take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from officina.errors import Conflict, NotFound
from officina.store import connectors, deliveries, events
from officina.workflow.delivery import may_set_aside

if TYPE_CHECKING:
    from officina.store import Tx


def set_aside(tx: Tx, delivery_id: int, *, actor: str, at: int) -> None:
    """From the queue to the error queue, where it can be changed, sent again or deleted; those behind it move up.

    Raises NotFound, Conflict (it does not wait, or its connector sends: it may be on its way at this moment).
    """
    row = deliveries.get(tx, delivery_id)
    if row is None:
        raise NotFound("there is no such delivery", place="delivery_id")
    if not may_set_aside(row.state):
        raise Conflict(f"it is {row.state}, not queued", place="delivery_id", remedy="look at its state again")
    connector = connectors.get(tx, row.connector_id)
    if connector is not None and connector.state == "active":
        raise Conflict(
            f"{connector.name} is sending", place="delivery_id", remedy="suspend the connector, then set it aside"
        )
    deliveries.update(tx, [{"id": row.id, "state": "failed", "reason": "set_aside", "rank": 0}])
    events.record(tx, at=at, kind="delivery.set_aside", subject="delivery", subject_id=row.id, actor=actor)
    deliveries.announce(tx, {row.connector_id})
