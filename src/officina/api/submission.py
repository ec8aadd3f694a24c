"""Submitting a message over HTTP: the same way in as over MLLP, the same answer, one transaction; one per request."""

from __future__ import annotations

from typing import Annotated, cast

import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from officina.api.contract import PREFIX
from officina.api.fields import IdInPath
from officina.api.identity import Caller, needs
from officina.api.messages import Message, envelope
from officina.api.problem import CannotRead
from officina.api.services import Hub, reading
from officina.errors import Forbidden, Invalid, Unavailable
from officina.wire import charset
from officina.workflow.intake import MessageState, Outcome, outcome

router = APIRouter(prefix="/messages", tags=["messages"])

MEDIA_TYPES = ("application/hl7-v2", "x-application/hl7-v2+er7", "application/octet-stream", "text/plain")


class Submitted(BaseModel):
    """What became of a submitted message. It is stored whatever the outcome."""

    message_id: int
    state: MessageState
    outcome: Outcome = Field(
        description="accept: done; error: not now, send it again; reject: not acceptable as it is."
    )
    answers: list[str] = Field(description="The acknowledgements, as text; none if the message asked for none.")


@router.post(
    "",
    summary="Submit a message",
    status_code=201,
    responses={201: {"headers": {"Location": {"description": "The message.", "schema": {"type": "string"}}}}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {media: {"schema": {"type": "string", "format": "binary"}} for media in MEDIA_TYPES},
        }
    },
)
async def submit_message(
    request: Request,
    response: Response,
    hub: Hub,
    connector: Annotated[
        str, Query(min_length=1, max_length=100, description="Name of the connector it comes in as, with its profile.")
    ],
    caller: Caller = needs("messages.write"),
) -> Submitted:
    """One HL7 v2 message, without a frame. Answered after the commit. Needs the permission everywhere, because only
    the message itself says which place it is for. Look at `outcome`: a rejected message is stored, too.

    A body with several messages (one after another, or a batch of FHS/BHS) is refused with 422 `several_messages`
    and how many there are; nothing of it is taken. A batch around one message is kept as well, as over MLLP."""
    if not caller.rights.may("messages.write", None):
        raise Forbidden("submitting needs the permission messages.write everywhere, not at one place")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in MEDIA_TYPES:
        raise CannotRead("the body must be a message", remedy=f"send it as one of {', '.join(MEDIA_TYPES)}")
    payload = await request.body()
    if not payload.strip():
        raise Invalid("the body is empty", place="body", code="body_empty")
    if hub.intake is None:
        raise Unavailable("this process takes no messages")
    submitted = await hub.intake.submit(payload, connector)
    state = cast(MessageState, submitted.state)
    response.headers["Location"] = f"{PREFIX}/messages/{submitted.message_id}"
    return Submitted(
        message_id=submitted.message_id,
        state=state,
        outcome=outcome(state),
        answers=[charset.decode(answer).text for answer in submitted.answers],
    )


@router.post(
    "/{message_id:int}/process-again",
    summary="Process a stored message again",
    responses={
        409: {"description": "Its effect stands, or it is no whole message."},
        410: {"description": "What it said is no longer kept."},
    },
)
async def process_message_again(message_id: IdInPath, hub: Hub, caller: Caller = needs("messages.write")) -> Message:
    """For a message that had no effect (parked, failed, rejected, unreadable, ignored), once its cause is removed: a
    code is mapped, the profile changed. It is read as its connector reads now; its sender has been answered and hears
    nothing. Returns the message as it stands then."""
    await reading(hub, lambda tx: envelope(tx, message_id, caller, "messages.write"))
    intake = hub.intake
    if intake is None:
        raise Unavailable("this process takes no messages")
    await anyio.to_thread.run_sync(lambda: intake.process_again(message_id, caller.actor))
    return await reading(hub, lambda tx: Message.of(envelope(tx, message_id, caller, "messages.write")))
