"""Orders as people look for them, their versions and their timeline."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from officina.store.listing import Condition, Listing, equals, number
from officina.store.messages import orders_with_number
from officina.store.query import Query, among
from officina.store.rows import EventRow, OrderRow, VersionRow
from officina.store.schema import event, order, order_version

if TYPE_CHECKING:
    from officina.store.tx import Tx


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What orders to list. None: whichever. ``number`` is a placer, filler or prescription number.

    ``place_id`` asks for one place; ``place_ids`` are the places that may be seen.
    """

    number: str | None = None
    status: str | None = None
    place_id: int | None = None
    patient_id: int | None = None
    place_ids: frozenset[int] | None = None


_CONDITIONS: dict[str, Condition] = {
    "number": lambda each: each.c.id.in_(orders_with_number("number")),
    "status": equals("status"),
    "place_id": equals("place_id"),
    "patient_id": equals("patient_id"),
}
LISTING = Listing("orders.listed", order, OrderRow, _CONDITIONS, within="place_id")

_GET = Query("orders.get", select(order).where(order.c.id == number("id")))
_BY_IDS = Query("orders.by_ids", select(order).where(among(order.c.id, "ids")), sets={"ids": ["bigint"]})
_VERSIONS = Query(
    "orders.versions",
    select(order_version).where(order_version.c.order_id == number("id")).order_by(order_version.c.number),
)
_VERSION_BEFORE = Query(
    "orders.version_before",
    select(order_version)
    .where(order_version.c.order_id == number("id"), order_version.c.id < number("before"))
    .order_by(order_version.c.number.desc())
    .limit(1),
)
_EVENTS = Query(
    "orders.events",
    select(event).where(event.c.subject == "order", event.c.subject_id == number("id")).order_by(event.c.id),
)


def listed(
    tx: Tx, wanted: OrderFilter | None = None, *, before: int | None = None, after: int | None = None, limit: int = 50
) -> list[OrderRow]:
    """Orders, newest first; with ``after`` those next newer than that id. At most 500 at a time."""
    wanted = wanted or OrderFilter()
    given = {name: getattr(wanted, name) for name in _CONDITIONS}
    if given["number"] == "":
        given["number"] = None
    return LISTING.rows(tx, given, within=wanted.place_ids, before=before, after=after, limit=limit)


def get(tx: Tx, order_id: int) -> OrderRow | None:
    row = tx.one(_GET, id=order_id)
    return OrderRow(*row) if row else None


def by_ids(tx: Tx, order_ids: Collection[int]) -> list[OrderRow]:
    """Several orders at once, in no order."""
    return [OrderRow(*row) for row in tx.all(_BY_IDS, ids=list(order_ids))] if order_ids else []


def versions(tx: Tx, order_id: int) -> list[VersionRow]:
    """The versions of an order, the first one first."""
    return [VersionRow(*row) for row in tx.all(_VERSIONS, id=order_id)]


def version_before(tx: Tx, order_id: int, event_id: int) -> VersionRow | None:
    """The order as it stood when something happened: ids come from one roll, so the newest version before the event."""
    row = tx.one(_VERSION_BEFORE, id=order_id, before=event_id)
    return VersionRow(*row) if row else None


def timeline(tx: Tx, order_id: int) -> list[EventRow | VersionRow]:
    """What happened to an order: its versions and events, in the order of their commit."""
    happened = [EventRow(*row) for row in tx.all(_EVENTS, id=order_id)]
    return sorted([*versions(tx, order_id), *happened], key=lambda entry: entry.id)
