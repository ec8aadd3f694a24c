"""Deliveries: what waits at a connector, what it could not hand over, every attempt, and what to do about it."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from officina.actions import deliver
from officina.actions.deliver.aside import set_aside
from officina.api.fields import IdInPath, IdInQuery, Instant
from officina.api.identity import ABSENT, Caller, needs
from officina.api.page import LINKED, AskedCut, Page, page
from officina.api.services import Hub, reading, writing
from officina.clock import iso
from officina.errors import Forbidden, NotFound
from officina.store import Tx, deliveries
from officina.store.rows import AttemptRow, DeliveryRow
from officina.workflow.delivery import DeliveryState, Result

router = APIRouter(prefix="/deliveries", tags=["deliveries"])


class Delivery(BaseModel):
    """One event on its way to one receiver."""

    id: int
    connector_id: int = Field(description="Who sends it.")
    event_id: int = Field(description="What it tells of.")
    message_id: int | None = Field(description="The message that is sent; null until it is composed.")
    lane: str = Field(description="What it must stay in order with; empty: everything of its connector.")
    state: DeliveryState = Field(description="queued; delivered; failed: in the error queue; deleted.")
    reason: str = Field(description="Why it failed: a stable word.")
    attempts: int = Field(description="How often it was sent.")
    first: bool = Field(description="A person put it before the others.")
    created_at: Instant
    queued_at: Instant = Field(description="When it was last queued; the limits of its connector count from then.")

    @classmethod
    def of(cls, row: DeliveryRow) -> Delivery:
        return cls(**_delivery(row))


class Attempt(BaseModel):
    """One sending of it."""

    number: int
    message_id: int = Field(description="What was sent.")
    at: Instant
    took_ms: float
    result: Result
    code: str = Field(description="MSA-1 of the application acknowledgement; empty where none came or could be read.")
    accept_code: str = Field(description="MSA-1 of the commit acknowledgement, in enhanced mode.")
    text: str = Field(description="The receiver's words, or why there are none; only for who may read messages.")
    answer: str = Field(description="The application acknowledgement as it came; only for who may read messages.")
    accept_answer: str = Field(description="The commit acknowledgement, likewise.")


class DeliveryInFull(Delivery):
    """A delivery with its attempts, the newest first."""

    tried: list[Attempt]


class Resubmission(BaseModel):
    """How to send it again."""

    payload: str | None = Field(
        default=None, description="The message to send instead, which is kept beside the first."
    )
    front: bool = Field(default=False, description="Before all others; else its age decides its place.")


class Deletion(BaseModel):
    """Why it need not be sent."""

    reason: str = Field(min_length=1, max_length=500)


def _delivery(row: DeliveryRow) -> dict[str, Any]:
    kept = {name: value for name, value in row._asdict().items() if name in Delivery.model_fields}
    return {**kept, "first": row.rank < 0, "created_at": iso(row.created_at), "queued_at": iso(row.queued_at)}


def _attempt(row: AttemptRow, readable: bool) -> Attempt:
    return Attempt(
        number=row.number,
        message_id=row.message_id,
        at=iso(row.at),
        took_ms=row.took / 1000,
        result=row.result,  # type: ignore[arg-type]  # the column holds the words of Result
        code=row.code,
        accept_code=row.accept_code,
        text=row.text if readable else "",
        answer=bytes(row.answer).decode("utf-8", "replace") if readable else "",
        accept_answer=bytes(row.accept_answer or b"").decode("utf-8", "replace") if readable else "",
    )


@router.get("", summary="List deliveries that wait or failed", responses=LINKED)
async def list_deliveries(
    request: Request,
    response: Response,
    hub: Hub,
    cut: AskedCut,
    state: Annotated[Literal["queued", "failed"], Query(description="A queue, or the error queue.")] = "failed",
    connector_id: IdInQuery = None,
    caller: Caller = needs("connectors.read"),
) -> Page[Delivery]:
    """Newest first; a queue is sent from its end."""
    listed = partial(deliveries.listed, state=state, connector_id=connector_id, before=cut.before, limit=cut.fetch)
    return page(request, response, cut, await reading(hub, listed), Delivery.of)


@router.get("/{delivery_id:int}", summary="Get a delivery with its attempts")
async def get_delivery(delivery_id: IdInPath, hub: Hub, caller: Caller = needs("connectors.read")) -> DeliveryInFull:
    """What was sent is the message: see `GET /messages/{id}/raw`."""
    return await reading(hub, partial(_in_full, delivery_id=delivery_id, caller=caller))


@router.post(
    "/{delivery_id:int}/resubmit",
    summary="Send a failed delivery again",
    responses={
        409: {"description": "It is not in the error queue."},
        410: {"description": "What it would send is no longer kept."},
    },
)
async def resubmit_delivery(
    delivery_id: IdInPath, how: Resubmission, hub: Hub, caller: Caller = needs("connectors.control")
) -> DeliveryInFull:
    """As it was, or changed; MSH-7 and MSH-10 are what the message says."""
    payload = how.payload.encode() if how.payload is not None else None
    if payload is not None and not caller.rights.may("messages.write", None):
        raise Forbidden("sending another message needs the permission messages.write everywhere")

    def write(tx: Tx) -> None:
        deliver.resubmit(tx, delivery_id, actor=caller.actor, at=hub.clock(), payload=payload, front=how.front)

    await writing(hub, write)
    return await reading(hub, partial(_in_full, delivery_id=delivery_id, caller=caller))


@router.post(
    "/{delivery_id:int}/delete",
    summary="Give a failed delivery up",
    responses={409: {"description": "It is not in the error queue."}},
)
async def delete_delivery(
    delivery_id: IdInPath, why: Deletion, hub: Hub, caller: Caller = needs("connectors.control")
) -> DeliveryInFull:
    """It is not sent any more and stays in the book, with the reason in the audit."""
    await writing(
        hub, partial(deliver.delete, delivery_id=delivery_id, actor=caller.actor, at=hub.clock(), reason=why.reason)
    )
    return await reading(hub, partial(_in_full, delivery_id=delivery_id, caller=caller))


@router.post(
    "/{delivery_id:int}/set-aside",
    summary="Move a delivery that waits to the error queue",
    responses={409: {"description": "It does not wait, or its connector is active."}},
)
async def set_delivery_aside(
    delivery_id: IdInPath, hub: Hub, caller: Caller = needs("connectors.control")
) -> DeliveryInFull:
    """For one that its receiver will never take. Suspend its connector first: else it may be on its way already."""
    await writing(hub, partial(set_aside, delivery_id=delivery_id, actor=caller.actor, at=hub.clock()))
    return await reading(hub, partial(_in_full, delivery_id=delivery_id, caller=caller))


def _in_full(tx: Tx, delivery_id: int, caller: Caller) -> DeliveryInFull:
    row = deliveries.get(tx, delivery_id)
    if row is None:
        raise NotFound(ABSENT)
    readable = caller.rights.may("messages.raw", None)
    tried = [_attempt(each, readable) for each in deliveries.attempts(tx, delivery_id)]
    return DeliveryInFull(**_delivery(row), tried=tried)
