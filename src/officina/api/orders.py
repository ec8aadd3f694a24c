"""Orders as they stand, their versions and their timeline."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from officina.actions.access import record_access, record_listing
from officina.api.events import Event
from officina.api.fields import IdInPath, IdInQuery, Instant, Word, iso_or_none
from officina.api.identity import ABSENT, Caller, must_cover, needs
from officina.api.page import LINKED, AskedCut, Page, page
from officina.api.services import Hub, reading, writing
from officina.clock import iso
from officina.errors import NotFound
from officina.order.order import facts_of
from officina.store import Tx, orders
from officina.store.orders import OrderFilter
from officina.store.rows import EventRow, OrderRow, VersionRow
from officina.workflow.order_status import OrderStatus

router = APIRouter(prefix="/orders", tags=["orders"])


class Order(BaseModel):
    """An order as it stands after its latest version."""

    id: int
    place_id: int
    patient_id: int
    visit_id: int | None
    placer_number: str = Field(description="ORC-2.")
    filler_number: str = Field(description="ORC-3.")
    prescription_number: str = Field(description="RXE-15, or where the profile says.")
    status: OrderStatus
    control: str = Field(description="ORC-1 of the latest version.")
    drug_code: str
    drug_text: str
    directions: str
    prescriber: str
    start_at: Instant | None
    stop_at: Instant | None
    version: int = Field(description="How many versions there are.")
    message_id: int = Field(description="The message that brought the latest version.")
    created_at: Instant
    changed_at: Instant

    @classmethod
    def of(cls, row: OrderRow) -> Order:
        return cls(**_as_it_stands(row))


class Version(BaseModel):
    """An order as one message stated it. Versions never change."""

    number: int
    message_id: int
    at: Instant
    facts: dict[str, Any] = Field(description="What the message said of the order; members it did not give are absent.")

    @classmethod
    def of(cls, row: VersionRow) -> Version:
        return cls(number=row.number, message_id=row.message_id, at=iso(row.at), facts=facts_of(row.facts))


class OrderInFull(Order):
    """An order with all its versions, latest first, and its timeline, oldest first."""

    versions: list[Version]
    events: list[Event]


def _as_it_stands(row: OrderRow) -> dict[str, Any]:
    kept = {name: value for name, value in row._asdict().items() if name not in ("digest", "organisation_id")}
    times = {name: iso_or_none(kept[name]) for name in ("start_at", "stop_at", "created_at", "changed_at")}
    return {**kept, **times}


@router.get("", summary="List orders", responses=LINKED)
async def list_orders(
    request: Request,
    response: Response,
    hub: Hub,
    cut: AskedCut,
    number: Annotated[Word, Query(description="Only those with this placer, filler or prescription number.")] = None,
    status: Annotated[OrderStatus | None, Query(description="Only those in this status.")] = None,
    place_id: IdInQuery = None,
    patient_id: IdInQuery = None,
    caller: Caller = needs("orders.read"),
) -> Page[Order]:
    """Newest first, those of the caller's places. Whose orders a page shows is written to the audit."""
    wanted = OrderFilter(
        number=number,
        status=status,
        place_id=place_id,
        patient_id=patient_id,
        place_ids=caller.rights.places("orders.read"),
    )
    rows = await reading(hub, partial(orders.listed, wanted=wanted, before=cut.before, limit=cut.fetch))
    if shown := [row.patient_id for row in rows[: cut.limit]]:
        await writing(hub, partial(record_listing, patient_ids=shown, actor=caller.actor, at=hub.clock()))
    return page(request, response, cut, rows, Order.of)


@router.get("/{order_id:int}", summary="Get an order with its versions and its timeline")
async def get_order(order_id: IdInPath, hub: Hub, caller: Caller = needs("orders.read")) -> OrderInFull:
    """Reading it is written to the audit."""

    def read(tx: Tx) -> tuple[OrderRow, list[EventRow | VersionRow]]:
        row = orders.get(tx, order_id)
        if row is None:
            raise NotFound(ABSENT)
        must_cover(caller, "orders.read", row.place_id)
        return row, orders.timeline(tx, order_id)

    row, timeline = await reading(hub, read)
    await writing(
        hub,
        partial(
            record_access,
            subject="order",
            subject_id=row.id,
            patient_id=row.patient_id,
            place_id=row.place_id,
            actor=caller.actor,
            at=hub.clock(),
        ),
    )
    versions = [Version.of(entry) for entry in timeline if isinstance(entry, VersionRow)]
    happened = [Event.of(entry) for entry in timeline if isinstance(entry, EventRow)]
    return OrderInFull(**_as_it_stands(row), versions=versions[::-1], events=happened)
