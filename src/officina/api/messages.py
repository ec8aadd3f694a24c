"""Messages that came and went: the envelope for those who may see it, the content for those who may read it."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from officina.api.events import Event
from officina.api.fields import IdInPath, IdInQuery, Instant, SinceInQuery, UntilInQuery, Word, at
from officina.api.identity import ABSENT, Caller, must_cover, needs
from officina.api.page import LINKED, AskedCut, Page, page
from officina.api.services import Hub, reading
from officina.clock import iso
from officina.errors import Gone, NotFound
from officina.store import Tx, messages
from officina.store.messages import MessageFilter
from officina.store.rows import MessageRow
from officina.workflow.intake import MessageState

router = APIRouter(prefix="/messages", tags=["messages"])

Direction = Literal["in", "out"]
AckOutcome = Literal["none", "written", "undeliverable"]


class Message(BaseModel):
    """The envelope of a message: everything about it but what it says."""

    id: int
    connector_id: int = Field(description="The connector it came or went by.")
    direction: Direction
    received_at: Instant
    control_id: str = Field(description="MSH-10.")
    type: str = Field(description="MSH-9: `RDE^O11`.")
    version: str = Field(description="MSH-12.")
    sender: str = Field(description="MSH-3 and MSH-4: `APPLICATION|FACILITY`.")
    facility_code: str = Field(description="The code by which the message was routed to a place.")
    place_id: int | None = Field(description="The place it was routed to; null while that is unknown.")
    patient_id: int | None
    state: MessageState | Literal["outgoing"] = Field(description="What became of it; outgoing: the hub sends it.")
    reason: str = Field(description="Why it is in that state: a stable word, empty where there is nothing to say.")
    ack_code: str = Field(description="The acknowledgement given: AA AE AR CA CE CR; empty where none was asked for.")
    ack_outcome: AckOutcome = Field(description="Whether the acknowledgement could be written to the sender.")
    duplicate_of: int | None = Field(description="The message whose content it repeats.")
    size: int = Field(description="Bytes.")
    encoding: str = Field(description="The character set it was read in.")
    finding_count: int = Field(description="How many findings there were when it was taken or processed again.")

    @classmethod
    def of(cls, row: MessageRow) -> Message:
        return cls(**_envelope(row))


class FindingOfMessage(BaseModel):
    """Something noticed about a message. Never quotes a patient's values."""

    path: str = Field(description="The field: `PID-3`, `ORC[2]/RXE-2`; empty for the whole message.")
    severity: Literal["error", "warning", "info"]
    code: str = Field(description="Stable word.")
    text: str = Field(description="Reason and way out in plain words.")
    ack_code: str = Field(description="HL7 table 0357, where an ERR segment was due.")


class CausedOrder(BaseModel):
    """A version of an order that a message brought."""

    order_id: int
    number: int = Field(description="Number of the order's version.")


class MessageInFull(Message):
    """A message with what was noticed about it and what it caused."""

    content_kept: bool = Field(description="Whether its bytes, answer and findings are still kept.")
    findings: list[FindingOfMessage]
    orders: list[CausedOrder]
    events: list[Event]


def _envelope(row: MessageRow) -> dict[str, Any]:
    kept = {name: value for name, value in row._asdict().items() if name not in ("digest", "findings")}
    return {**kept, "received_at": iso(row.received_at), "finding_count": row.findings}


def _asked(
    state: Annotated[MessageState | None, Query(description="Only those in this state.")] = None,
    type: Annotated[Word, Query(description="Only this type: `RDE^O11`.")] = None,
    facility_code: Annotated[Word, Query(description="Only those with this facility code.")] = None,
    connector_id: IdInQuery = None,
    control_id: Annotated[Word, Query(description="Only those with this MSH-10.")] = None,
    order_number: Annotated[Word, Query(description="Only those that brought, changed or repeated this order.")] = None,
    patient_id: IdInQuery = None,
    direction: Annotated[Direction | None, Query(description="Only received or only sent ones.")] = None,
    since: SinceInQuery = None,
    until: UntilInQuery = None,
) -> MessageFilter:
    return MessageFilter(
        state=state,
        type=type,
        facility_code=facility_code,
        connector_id=connector_id,
        control_id=control_id,
        order_number=order_number,
        patient_id=patient_id,
        direction=direction,
        since=at(since),
        until=at(until),
    )


AskedMessages = Annotated[MessageFilter, Depends(_asked)]


@router.get("", summary="List messages", responses=LINKED)
async def list_messages(
    request: Request,
    response: Response,
    hub: Hub,
    cut: AskedCut,
    asked: AskedMessages,
    caller: Caller = needs("messages.read"),
) -> Page[Message]:
    """Newest first, those of the caller's places."""
    wanted = replace(asked, place_ids=caller.rights.places("messages.read"))
    rows = await reading(hub, partial(messages.listed, wanted=wanted, before=cut.before, limit=cut.fetch))
    return page(request, response, cut, rows, Message.of)


@router.get(
    "/{message_id:int}",
    summary="Get a message with its findings and what it caused",
    responses={410: {"description": "It is no longer kept."}},
)
async def get_message(message_id: IdInPath, hub: Hub, caller: Caller = needs("messages.read")) -> MessageInFull:
    """Everything but the content: for that see `tree`, `raw` and `answer`."""

    def read(tx: Tx) -> MessageInFull:
        row = envelope(tx, message_id, caller, "messages.read")
        body = messages.body(tx, message_id)
        caused = messages.caused(tx, message_id)
        return MessageInFull(
            **_envelope(row),
            content_kept=body is not None,
            findings=json.loads(body.findings) if body else [],
            orders=[CausedOrder(order_id=order.id, number=version.number) for order, version in caused.orders],
            events=[Event.of(event) for event in caused.events],
        )

    return await reading(hub, read)


def envelope(tx: Tx, message_id: int, caller: Caller, permission: str) -> MessageRow:
    """The message, if there is one that the caller may see. Raises NotFound; Gone for one that is no longer kept."""
    row = messages.get(tx, message_id)
    if row is None:
        raise _absent(tx, message_id, caller, permission)
    must_cover(caller, permission, row.place_id)
    return row


def _absent(tx: Tx, message_id: int, caller: Caller, permission: str) -> NotFound:
    event = messages.trace(tx, message_id)
    if event is None:
        return NotFound(ABSENT)
    must_cover(caller, permission, event.place_id)
    return Gone("this message is no longer kept", remedy="its orders and events are: see GET /events?message_id=…")
