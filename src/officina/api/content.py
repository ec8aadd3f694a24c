"""What a message says: raw bytes and the answer that was sent. Patient data, so each reading is audited."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from officina.actions.access import record_access
from officina.actions.receive import answer
from officina.api.fields import IdInPath
from officina.api.identity import Caller, needs
from officina.api.messages import envelope
from officina.api.services import Hub, Services, reading, writing
from officina.errors import Gone
from officina.store import Tx, messages
from officina.store.messages import Body
from officina.store.rows import MessageRow

router = APIRouter(prefix="/messages", tags=["messages"])

BYTES = "application/octet-stream"
_AS_BYTES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The bytes.", "content": {BYTES: {"schema": {"type": "string", "format": "binary"}}}},
    410: {"description": "They are no longer kept."},
}


class Bytes(Response):
    """Bytes as an attachment of no particular type: what a partner sent is never shown as a page."""

    media_type = BYTES


@router.get("/{message_id:int}/raw", summary="Get a message's bytes", response_class=Bytes, responses=_AS_BYTES)
async def get_raw(message_id: IdInPath, hub: Hub, caller: Caller = needs("messages.raw")) -> Bytes:
    """As received, byte for byte, without the MLLP frame. Written to the audit."""
    _, body = await read_content(hub, message_id, caller)
    return _attachment(body.raw, f"message-{message_id}.hl7")


@router.get(
    "/{message_id:int}/answer", summary="Get the answer to a message", response_class=Bytes, responses=_AS_BYTES
)
async def get_answer(message_id: IdInPath, hub: Hub, caller: Caller = needs("messages.raw")) -> Bytes:
    """The acknowledgement as it was sent, without the MLLP frame; empty if none was asked for. Where two were (enhanced
    mode: CA, then AA) they stand one after the other, each from its MSH to the end of its last segment. Written to the
    audit."""
    _, body = await read_content(hub, message_id, caller)
    return _attachment(b"".join(answer.payloads(body.answer)), f"answer-{message_id}.hl7")


async def read_content(hub: Services, message_id: int, caller: Caller) -> tuple[MessageRow, Body]:
    """A message and its content, once the audit line of this reading is committed. Raises NotFound, Gone."""

    def read(tx: Tx) -> tuple[MessageRow, Body]:
        row, body = envelope(tx, message_id, caller, "messages.raw"), messages.body(tx, message_id)
        if body is None:
            raise Gone("what this message said is no longer kept", remedy="the message itself and its orders are")
        return row, body

    row, body = await reading(hub, read)
    note = partial(
        record_access, subject="message", subject_id=row.id, patient_id=row.patient_id, place_id=row.place_id
    )
    await writing(hub, partial(note, actor=caller.actor, at=hub.clock()))
    return row, body


def _attachment(content: bytes, name: str) -> Bytes:
    return Bytes(content, headers={"Content-Disposition": f'attachment; filename="{name}"'})
