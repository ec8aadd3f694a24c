"""Messages as people look for them, and what each of them caused."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, FromClause, bindparam, func, literal_column, select, union

from officina.clock import SECOND
from officina.packed import unpack
from officina.store.listing import Condition, Listing, equals, number
from officina.store.query import EMPTY, Query, among
from officina.store.rows import DeliveryRow, EventRow, MessageRow, OrderRow, VersionRow
from officina.store.schema import delivery, event, message, message_body, message_number, order, order_version

if TYPE_CHECKING:
    from officina.store.tx import Tx

# How far the time of receipt may run against the order of commit, which ids follow.
JITTER = 60 * SECOND
_ENDLESS = 2**63 - 1


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """What messages to list. None: whichever. ``since`` (inclusive) and ``until`` (exclusive) are instants.

    ``order_number`` is a placer, filler or prescription number: messages that brought the order, changed it, said it
    once more, or named it without effect (parked, ignored, refused). ``place_ids`` are the places that may be seen:
    messages that no place could be found for belong to none.
    """

    state: str | None = None
    type: str | None = None
    facility_code: str | None = None
    connector_id: int | None = None
    control_id: str | None = None
    order_number: str | None = None
    patient_id: int | None = None
    direction: str | None = None
    since: int | None = None
    until: int | None = None
    place_ids: frozenset[int] | None = None


class Body(NamedTuple):
    """The raw bytes of a message, the acknowledgement as sent, and its findings as JSON."""

    raw: bytes
    answer: bytes
    findings: str


class Caused(NamedTuple):
    """What a message caused: orders as they stand with the version it made, events, deliveries."""

    orders: list[tuple[OrderRow, VersionRow]]
    events: list[EventRow]
    deliveries: list[DeliveryRow]


def orders_with_number(name: str) -> ColumnElement[int]:
    """The ids of the orders that carry the number bound as ``name`` in any role."""
    columns = (order.c.placer_number, order.c.filler_number, order.c.prescription_number)
    wanted: ColumnElement[str] = bindparam(name, type_=order.c.placer_number.type)
    found = union(*[select(order.c.id).where(column != EMPTY, column == wanted) for column in columns]).subquery()
    return select(found.c.id).scalar_subquery()


def _of_order(each: FromClause) -> ColumnElement[bool]:
    """Those that brought an order or said it again, which its events tell of, those that had no effect on it, and the
    repetitions of all these.
    """
    told = select(event.c.message_id).where(
        event.c.subject == literal_column("'order'"), event.c.subject_id.in_(orders_with_number("order_number"))
    )
    wanted: ColumnElement[str] = bindparam("order_number", type_=message_number.c.number.type)
    without_effect = select(message_number.c.message_id).where(message_number.c.number == wanted)
    first = told.where(event.c.message_id.is_not(None)), without_effect
    again = message.alias("again")
    repeated = select(again.c.id).where(again.c.duplicate_of.in_(union(*first)))
    return each.c.id.in_(union(*first, repeated))


def _uncommon(each: FromClause) -> ColumnElement[bool]:
    """Written into the text, not bound: only so does the index of these states serve."""
    return each.c.state != literal_column("'accepted'")


def _since(each: FromClause) -> ColumnElement[bool]:
    first = select(message.c.id).where(message.c.received_at >= number("since") - JITTER)
    bound = func.coalesce(first.order_by(message.c.received_at).limit(1).scalar_subquery(), _ENDLESS, type_=BigInteger)
    return (each.c.id >= bound) & (each.c.received_at + 0 >= number("since"))


def _until(each: FromClause) -> ColumnElement[bool]:
    last = select(message.c.id).where(message.c.received_at < number("until") + JITTER)
    bound = func.coalesce(last.order_by(message.c.received_at.desc()).limit(1).scalar_subquery(), 0, type_=BigInteger)
    return (each.c.id <= bound) & (each.c.received_at + 0 < number("until"))


_CONDITIONS: dict[str, Condition] = {
    "state": equals("state"),
    "uncommon": _uncommon,
    "type": equals("type"),
    "facility_code": equals("facility_code"),
    "connector_id": equals("connector_id"),
    "control_id": lambda each: (each.c.control_id != EMPTY) & equals("control_id")(each),
    "order_number": _of_order,
    "patient_id": equals("patient_id"),
    "direction": equals("direction"),
    "outward": lambda each: each.c.direction != literal_column("'in'"),
    "since": _since,
    "until": _until,
}
LISTING = Listing("messages.listed", message, MessageRow, _CONDITIONS, within="place_id")

_GET = Query("messages.get", select(message).where(message.c.id == number("id")))
_BY_IDS = Query("messages.by_ids", select(message).where(among(message.c.id, "ids")), sets={"ids": ["bigint"]})
_BODY = Query("messages.body", select(message_body).where(message_body.c.message_id == number("id")))
_RAW = Query(
    "messages.raw",
    select(message_body.c.message_id, message_body.c.raw).where(among(message_body.c.message_id, "ids")),
    sets={"ids": ["bigint"]},
)
# Each version was told of by an event, and those are found by their message.
_ORDERS_TOLD = select(event.c.subject_id).where(event.c.message_id == number("id"), event.c.subject == "order")
_ORDERS = Query(
    "messages.orders_caused",
    select(order, order_version)
    .join_from(order_version, order, order.c.id == order_version.c.order_id)
    .where(order_version.c.order_id.in_(_ORDERS_TOLD), order_version.c.message_id == number("id"))
    .order_by(order_version.c.id),
)
_EVENTS = Query(
    "messages.events_caused", select(event).where(event.c.message_id == number("id")).order_by(event.c.id).limit(1000)
)
_TRACE = Query("messages.trace", select(event).where(event.c.message_id == number("id")).order_by(event.c.id).limit(1))
_DELIVERIES = Query(
    "messages.deliveries_caused",
    select(delivery)
    .join_from(event, delivery, delivery.c.event_id == event.c.id)
    .where(event.c.message_id == number("id"))
    .order_by(delivery.c.id)
    .limit(1000),
)
_DUPLICATES = Query(
    "messages.duplicates",
    select(message).where(message.c.duplicate_of == number("id")).order_by(message.c.id).limit(100),
)
_STATE: ColumnElement[str] = bindparam("state", type_=message.c.state.type)
_COUNT = Query(
    "messages.count",
    select(func.count()).select_from(
        select(message.c.id).where(message.c.state == _STATE, _uncommon(message)).limit(number("most")).subquery()
    ),
)


_COUNT_WITHIN = Query(
    "messages.count_within",
    select(func.count()).select_from(
        select(message.c.id)
        .where(among(message.c.place_id, "within"), message.c.state == _STATE, _uncommon(message))
        .limit(number("most"))
        .subquery()
    ),
    sets={"within": ["bigint"]},
)


def listed(
    tx: Tx,
    wanted: MessageFilter | None = None,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = 50,
) -> list[MessageRow]:
    """Messages, newest first; with ``after`` those next newer than that id. At most 500 at a time."""
    given = _given(wanted or MessageFilter())
    within = given.pop("place_ids")
    if given["control_id"] == "":
        given["control_id"] = None
    if given["direction"] not in (None, "in"):
        given["outward"] = True
    if given["state"] not in (None, "accepted"):
        given["uncommon"] = True
    return LISTING.rows(tx, given, within=within, before=before, after=after, limit=limit)


def neighbours(tx: Tx, message_id: int, wanted: MessageFilter | None = None) -> tuple[int | None, int | None]:
    """The ids of the next newer and the next older message of a list."""
    newer = listed(tx, wanted, after=message_id, limit=1)
    older = listed(tx, wanted, before=message_id, limit=1)
    return newer[0].id if newer else None, older[0].id if older else None


def get(tx: Tx, message_id: int) -> MessageRow | None:
    row = tx.one(_GET, id=message_id)
    return MessageRow(*row) if row else None


def by_ids(tx: Tx, message_ids: Collection[int]) -> list[MessageRow]:
    """Several messages at once, in no order."""
    return [MessageRow(*row) for row in tx.all(_BY_IDS, ids=list(message_ids))] if message_ids else []


def trace(tx: Tx, message_id: int) -> EventRow | None:
    """The first event that a message caused: what is known of one that is no longer kept."""
    row = tx.one(_TRACE, id=message_id)
    return EventRow(*row) if row else None


def body(tx: Tx, message_id: int) -> Body | None:
    row = tx.one(_BODY, id=message_id)
    return Body(unpack(row[1]), row[2], row[3]) if row else None


def raw(tx: Tx, message_ids: Iterable[int]) -> dict[int, bytes]:
    """The raw bytes of several messages."""
    ids = list(dict.fromkeys(message_ids))
    return {row[0]: unpack(row[1]) for row in tx.all(_RAW, ids=ids)} if ids else {}


def duplicates(tx: Tx, message_id: int) -> list[MessageRow]:
    """The messages that repeated this one, oldest first, at most 100."""
    return [MessageRow(*row) for row in tx.all(_DUPLICATES, id=message_id)]


def caused(tx: Tx, message_id: int) -> Caused:
    """What a message caused, in the order it happened."""
    split = len(OrderRow._fields)
    orders = [(OrderRow(*row[:split]), VersionRow(*row[split:])) for row in tx.all(_ORDERS, id=message_id)]
    events = [EventRow(*row) for row in tx.all(_EVENTS, id=message_id)]
    deliveries = [DeliveryRow(*row) for row in tx.all(_DELIVERIES, id=message_id)]
    return Caused(orders, events, deliveries)


def counts(
    tx: Tx, states: Iterable[str], *, place_ids: frozenset[int] | None = None, most: int = 1_000
) -> dict[str, int]:
    """How many messages are in each of these states other than accepted; counting stops at ``most``, so that it never
    takes long.
    """
    if place_ids is None:
        return {state: _first(tx.one(_COUNT, state=state, most=most)) for state in states}
    within = list(place_ids)
    return {state: _first(tx.one(_COUNT_WITHIN, state=state, within=within, most=most)) for state in states}


def _first(row: tuple[Any, ...] | None) -> int:
    return int(row[0]) if row else 0


def _given(wanted: MessageFilter) -> dict[str, Any]:
    return {field.name: getattr(wanted, field.name) for field in fields(wanted)}
