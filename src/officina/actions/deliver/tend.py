"""What people do with the error queue: send again, as it was or changed, or give up. Each leaves an audit line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from officina.actions.deliver.gone import without_bytes
from officina.actions.deliver.keep import keep_outgoing
from officina.errors import Conflict, Gone, Invalid, NotFound
from officina.store import deliveries, events, messages
from officina.store.rows import DeliveryRow
from officina.wire import er7
from officina.workflow.delivery import may_resubmit

if TYPE_CHECKING:
    from officina.store import Tx

FRONT = -1  # the rank of what a person put before the others


def resubmit(
    tx: Tx, delivery_id: int, *, actor: str, at: int, payload: bytes | None = None, front: bool = False
) -> None:
    """Queue a failed delivery again, where its age puts it, or ``front`` before all others; with ``payload`` what is
    sent is that, kept as a message of its own beside the first.

    Raises NotFound, Conflict (it is not in the error queue), Gone (nothing is left of what it sent), Invalid
    (``payload`` is no message).
    """
    row = _failed(tx, delivery_id)
    if payload is None and without_bytes(tx, [row]):
        raise Gone(
            "what it would send is no longer kept", place="delivery_id", remedy="send another text, or give it up"
        )
    change = _queued_again(row, at, FRONT if front else 0)
    if payload is not None:
        change["message_id"] = _rewritten(tx, row, payload, at)
    deliveries.update(tx, [change])
    detail = {"from": row.reason, "edited": payload is not None, "front": front}
    _told(tx, row, "delivery.resubmitted", actor, at, detail)
    deliveries.announce(tx, {row.connector_id})


def resubmit_all(tx: Tx, connector_id: int, *, actor: str, at: int, most: int = 10_000) -> int:
    """Queue everything in a connector's error queue again that can still be sent, in its order; how many. One audit
    line for all.
    """
    failed = _all_failed(tx, connector_id, most)
    gone = {row.id for row in without_bytes(tx, failed)}
    rows = [row for row in failed if row.id not in gone]
    if not rows:
        return 0
    deliveries.update(tx, [_queued_again(row, at) for row in rows])
    events.record(
        tx,
        at=at,
        kind="connector.resubmitted",
        subject="connector",
        subject_id=connector_id,
        actor=actor,
        detail={"deliveries": len(rows)},
    )
    deliveries.announce(tx, {connector_id})
    return len(rows)


def delete(tx: Tx, delivery_id: int, *, actor: str, at: int, reason: str) -> None:
    """Give a failed delivery up; it stays in the book, and is not sent any more. Raises NotFound, Conflict, Invalid."""
    if not reason.strip():
        raise Invalid("a reason is needed", place="reason", remedy="say why it need not be sent")
    row = _failed(tx, delivery_id)
    deliveries.update(tx, [{"id": row.id, "state": "deleted"}])
    _told(tx, row, "delivery.deleted", actor, at, {"from": row.reason, "reason": reason.strip()})
    tx.touch("deliveries")


def _failed(tx: Tx, delivery_id: int) -> DeliveryRow:
    row = deliveries.get(tx, delivery_id)
    if row is None:
        raise NotFound("there is no such delivery", place="delivery_id")
    if not may_resubmit(row.state):
        raise Conflict(
            f"it is {row.state}, not in the error queue", place="delivery_id", remedy="look at its state again"
        )
    return row


def _queued_again(row: DeliveryRow, at: int, rank: int = 0) -> dict[str, object]:
    """With its whole allowance of attempts and age."""
    again = {"id": row.id, "state": "queued", "reason": "", "rank": rank}
    return {**again, "requeued_at": at, "spent": row.attempts}


def _all_failed(tx: Tx, connector_id: int, most: int) -> list[DeliveryRow]:
    found: list[DeliveryRow] = []
    before: int | None = None
    while len(found) < most:
        page = deliveries.listed(tx, state="failed", connector_id=connector_id, before=before, limit=500)
        found += page
        if len(page) < 500:
            break
        before = page[-1].id
    return found


def _rewritten(tx: Tx, row: DeliveryRow, payload: bytes, at: int) -> int:
    """The changed message, kept as one that goes out; its id."""
    try:
        message = er7.parse(payload)
    except er7.ParseError as error:
        raise Invalid(error.text, place="payload", remedy=error.remedy) from error
    first = messages.get(tx, row.message_id) if row.message_id is not None else None
    message_id = tx.id()
    keep_outgoing(
        tx,
        message,
        payload,
        message_id=message_id,
        connector_id=row.connector_id,
        reason="edited",
        facility_code=first.facility_code if first else "",
        place_id=first.place_id if first else None,
        patient_id=first.patient_id if first else None,
        at=at,
    )
    return message_id


def _told(tx: Tx, row: DeliveryRow, kind: str, actor: str, at: int, detail: dict[str, object]) -> None:
    events.record(tx, at=at, kind=kind, subject="delivery", subject_id=row.id, actor=actor, detail=detail)
