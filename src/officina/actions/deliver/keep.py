"""A message that goes out, kept in the book before it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from officina.message.dedupe import digest
from officina.packed import Like, pack
from officina.store import intake
from officina.store.rows import BodyRow, MessageRow

if TYPE_CHECKING:
    from officina.store import Tx
    from officina.wire.er7 import Message


def keep_outgoing(
    tx: Tx,
    message: Message,
    payload: bytes,
    *,
    message_id: int,
    connector_id: int,
    reason: str,
    facility_code: str,
    place_id: int | None,
    patient_id: int | None,
    at: int,
) -> None:
    """``message`` is ``payload`` read; ``reason`` says how it came to be: edited or composed."""
    event, code = message.get("MSH-9.2"), message.get("MSH-9.1")
    row = MessageRow(
        id=message_id,
        connector_id=connector_id,
        direction="out",
        received_at=at,
        control_id=message.get("MSH-10"),
        type=f"{code}^{event}" if event else code,
        version=message.get("MSH-12.1"),
        sender=f"{message.get('MSH-3.1')}|{message.get('MSH-4.1')}",
        facility_code=facility_code,
        place_id=place_id,
        patient_id=patient_id,
        state="outgoing",
        reason=reason,
        ack_code="",
        ack_outcome="none",
        duplicate_of=None,
        digest=digest(payload),
        size=len(payload),
        encoding=message.encoding,
        findings=0,
    )
    intake.insert_messages(tx, [row])
    intake.insert_bodies(tx, [BodyRow(message_id, pack(payload, Like.MESSAGE), b"", "[]")])
