"""What taking messages in reads and writes, many at a time: each function is one statement for the whole batch.

Which of the rows mean the same message, patient or order is decided above.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, literal_column, or_, select, union
from sqlalchemy.sql.elements import ClauseElement

from officina.packed import Packed
from officina.store.link import Row
from officina.store.listing import number
from officina.store.patients import by_ids, name_key
from officina.store.query import EMPTY, Asked, Query, among, first_of_each, keys
from officina.store.rows import (
    BodyRow,
    DeliveryRow,
    EventRow,
    IdentifierRow,
    MessageNumberRow,
    MessageRow,
    OrderRow,
    PatientRow,
    VersionRow,
    VisitRow,
)
from officina.store.schema import (
    delivery,
    event,
    message,
    message_body,
    message_number,
    order,
    order_version,
    patient,
    patient_identifier,
    visit,
)

if TYPE_CHECKING:
    from officina.store.tx import Tx

# Careless senders give every message the same control id; a repetition is sought among the newest of them only.
NEWEST_WITH_CONTROL_ID = 8
# Nor do all of them number their orders. So many orders that share numbers with a batch are looked at; then those of
# its patients only.
SHARED_NUMBERS = 64


class KnownMessage(NamedTuple):
    """A message that came before: what tells a repetition, and what was answered, empty where it is no longer kept."""

    id: int
    connector_id: int
    sender: str
    control_id: str
    digest: bytes
    state: str
    ack_code: str
    duplicate_of: int | None
    answer: bytes


class IdentifiedPatient(NamedTuple):
    """A patient as found by one identifier."""

    identifier: IdentifierRow
    patient: PatientRow


def _by_control_id(dialect: str) -> ClauseElement:
    found = first_of_each(
        dialect,
        message,
        "control_ids",
        "text",
        matches=lambda each, value: [each.c.control_id != EMPTY, each.c.control_id == value, each.c.direction == "in"],
        order=lambda each: [each.c.id.desc()],
        limit=literal_column(str(NEWEST_WITH_CONTROL_ID)),
    )
    columns = [found.c[name] for name in KnownMessage._fields[:-1]]
    body = message_body.c.message_id == found.c.id
    return select(*columns, message_body.c.answer).join_from(found, message_body, body, isouter=True)


def _by_identifier(dialect: str) -> ClauseElement:
    source, (organisation_id, type_, authority, value) = keys(
        dialect, "identifiers", ("bigint", "text", "text", "text")
    )
    same = and_(
        patient_identifier.c.organisation_id == organisation_id,
        patient_identifier.c.value == value,
        patient_identifier.c.type == type_,
        patient_identifier.c.authority == authority,
    )
    joined = source.join(patient_identifier, same).join(patient, patient.c.id == patient_identifier.c.patient_id)
    return select(*patient_identifier.c, *patient.c).select_from(joined)


def _visits(dialect: str) -> ClauseElement:
    """Of patients who are known by an identifier: who they are is found out at the same time."""
    source, (organisation_id, type_, authority, value, place_id, number) = keys(
        dialect, "visits", ("bigint", "text", "text", "text", "bigint", "text")
    )
    same = and_(
        patient_identifier.c.organisation_id == organisation_id,
        patient_identifier.c.value == value,
        patient_identifier.c.type == type_,
        patient_identifier.c.authority == authority,
    )
    theirs = and_(
        visit.c.patient_id == patient_identifier.c.patient_id, visit.c.place_id == place_id, visit.c.number == number
    )
    return select(*visit.c).select_from(source.join(patient_identifier, same).join(visit, theirs))


def _by_number(column: str) -> Select[Any]:
    return select(order.c.id).where(order.c[column] != EMPTY, among(order.c[column], column))


_NUMBERS = ("placer_number", "filler_number", "prescription_number")
_NUMBERLESS = and_(*[order.c[column] == EMPTY for column in _NUMBERS])

KNOWN_MESSAGES = Query("intake.known_messages", _by_control_id, sets={"control_ids": ["text"]})
KNOWN_BYTES = Query(
    "intake.known_bytes",
    select(*[message.c[name] for name in KnownMessage._fields[:-1]], message_body.c.answer)
    .join_from(message, message_body, message_body.c.message_id == message.c.id, isouter=True)
    .where(
        message.c.control_id == EMPTY,
        among(message.c.digest, "digests"),
        message.c.direction == "in",
        message.c.duplicate_of.is_(None),
    ),
    sets={"digests": ["bytea"]},
)
PATIENTS_BY_IDENTIFIER = Query(
    "intake.patients_by_identifier", _by_identifier, sets={"identifiers": ["bigint", "text", "text", "text"]}
)
VISITS = Query("intake.visits", _visits, sets={"visits": ["bigint", "text", "text", "text", "bigint", "text"]})
ORDERS_BY_NUMBER = Query(
    "intake.orders_by_number",
    select(order).where(
        order.c.id.in_(union(*[_by_number(column) for column in _NUMBERS]).limit(number("most"))),
        among(order.c.organisation_id, "organisation_ids"),
    ),
    sets={"organisation_ids": ["bigint"], **{column: ["text"] for column in _NUMBERS}},
)
ORDERS_OF_PATIENTS = Query(
    "intake.orders_of_patients",
    select(order).where(
        among(order.c.patient_id, "patient_ids"), or_(*[among(order.c[column], column) for column in _NUMBERS])
    ),
    sets={"patient_ids": ["bigint"], **{column: ["text"] for column in _NUMBERS}},
)
ORDERS_BY_DIGEST = Query(
    "intake.orders_by_digest",
    select(order).where(_NUMBERLESS, among(order.c.digest, "digests")),
    sets={"digests": ["bytea"]},
)

CURRENT_FACTS = Query(
    "intake.current_facts",
    select(order_version.c.facts)
    .where(order_version.c.order_id == bindparam("order_id", type_=order_version.c.order_id.type))
    .order_by(order_version.c.number.desc())
    .limit(1),
)


@dataclass(slots=True)
class Wanted:
    """What a batch of messages asks of the book.

    ``identifiers`` are (organisation id, type, authority, value), ``visits`` the same with place id and visit number;
    the numbers are those of orders in the three roles. Empty texts name nothing and are not looked for.
    """

    control_ids: list[str] = field(default_factory=list)
    identifiers: list[tuple[int, str, str, str]] = field(default_factory=list)
    visits: list[tuple[int, str, str, str, int, str]] = field(default_factory=list)
    organisation_ids: set[int] = field(default_factory=set)
    placer_numbers: list[str] = field(default_factory=list)
    filler_numbers: list[str] = field(default_factory=list)
    prescription_numbers: list[str] = field(default_factory=list)

    def numbers(self) -> dict[str, list[str]]:
        given = (self.placer_numbers, self.filler_numbers, self.prescription_numbers)
        return {role: list(dict.fromkeys(filter(None, each))) for role, each in zip(_NUMBERS, given, strict=True)}


class Found(NamedTuple):
    """What the book has of it: patients once per identifier, orders of whichever patient."""

    messages: list[KnownMessage]
    patients: list[IdentifiedPatient]
    visits: list[VisitRow]
    orders: list[OrderRow]


def find(tx: Tx, wanted: Wanted) -> Found:
    """All of it as one exchange with the database."""
    asked: dict[str, Asked] = {}
    if control_ids := [each for each in dict.fromkeys(wanted.control_ids) if each]:
        asked["messages"] = Asked(KNOWN_MESSAGES, {"control_ids": control_ids})
    if identifiers := list(dict.fromkeys(wanted.identifiers)):
        asked["patients"] = Asked(PATIENTS_BY_IDENTIFIER, {"identifiers": identifiers})
    if visits := list(dict.fromkeys(wanted.visits)):
        asked["visits"] = Asked(VISITS, {"visits": visits})
    numbers = wanted.numbers()
    most = SHARED_NUMBERS + 4 * len(control_ids)
    if any(numbers.values()):
        organisation_ids = list(wanted.organisation_ids)
        asked["orders"] = Asked(ORDERS_BY_NUMBER, {"organisation_ids": organisation_ids, "most": most, **numbers})
    rows = dict(zip(asked, tx.gather(list(asked.values())), strict=True)) if asked else {}
    split = len(IdentifierRow._fields)
    patients = [
        IdentifiedPatient(IdentifierRow(*row[:split]), PatientRow(*row[split:])) for row in rows.get("patients", ())
    ]
    orders = [OrderRow(*row) for row in rows.get("orders", ())]
    if len(orders) >= most:
        orders += _orders_of([each.patient.id for each in patients], numbers, tx)
    return Found(
        [_known(row) for row in rows.get("messages", ())],
        patients,
        list(dict.fromkeys([VisitRow(*row) for row in rows.get("visits", ())])),
        list(dict.fromkeys(orders)),
    )


def known_bytes(tx: Tx, digests: Iterable[bytes]) -> list[KnownMessage]:
    """The first incoming message without a control id for each of these digests."""
    wanted = list(dict.fromkeys(digests))
    return [_known(row) for row in tx.all(KNOWN_BYTES, digests=wanted)] if wanted else []


def _known(row: Row) -> KnownMessage:
    """A message without its body is known all the same."""
    return KnownMessage._make((*row[:-1], row[-1] or b""))


def patients(tx: Tx, ids: Iterable[int]) -> list[PatientRow]:
    return list(by_ids(tx, ids).values())


def _orders_of(patient_ids: Iterable[int], numbers: dict[str, list[str]], tx: Tx) -> list[OrderRow]:
    """The orders of these patients with one of these numbers, however many others share it."""
    ids = list(dict.fromkeys(patient_ids))
    return [OrderRow(*row) for row in tx.all(ORDERS_OF_PATIENTS, patient_ids=ids, **numbers)] if ids else []


def orders_by_digest(tx: Tx, digests: Iterable[bytes]) -> list[OrderRow]:
    """The orders without any number whose current facts have these digests, of whichever patient."""
    wanted = list(dict.fromkeys(digests))
    return [OrderRow(*row) for row in tx.all(ORDERS_BY_DIGEST, digests=wanted)] if wanted else []


def current_facts(tx: Tx, order_id: int) -> Packed | None:
    """The facts (JSON, packed) of the newest version of an order."""
    row = tx.one(CURRENT_FACTS, order_id=order_id)
    return None if row is None else Packed(bytes(row[0]))


def insert_messages(tx: Tx, rows: Sequence[MessageRow]) -> None:
    tx.insert(message, rows)
    if rows:
        tx.touch("messages")


def insert_bodies(tx: Tx, rows: Sequence[BodyRow]) -> None:
    tx.insert(message_body, rows)


def insert_message_numbers(tx: Tx, rows: Sequence[MessageNumberRow]) -> None:
    tx.insert(message_number, rows)


def insert_patients(tx: Tx, rows: Sequence[PatientRow]) -> None:
    tx.insert(patient, _with_name_keys(rows))


def insert_identifiers(tx: Tx, rows: Sequence[IdentifierRow]) -> None:
    tx.insert(patient_identifier, rows)


def insert_visits(tx: Tx, rows: Sequence[VisitRow]) -> None:
    tx.insert(visit, rows)


def insert_orders(tx: Tx, rows: Sequence[OrderRow]) -> None:
    tx.insert(order, rows)
    if rows:
        tx.touch("orders")


def insert_versions(tx: Tx, rows: Sequence[VersionRow]) -> None:
    tx.insert(order_version, rows)


def insert_events(tx: Tx, rows: Sequence[EventRow]) -> None:
    tx.insert(event, rows)


def insert_deliveries(tx: Tx, rows: Sequence[DeliveryRow]) -> None:
    """Announces them to whoever sends for their connectors, and to whoever looks at queues."""
    tx.insert(delivery, rows)
    if rows:
        tx.touch("deliveries")
    for connector_id in {row.connector_id for row in rows}:
        tx.touch(f"deliveries:{connector_id}")
        tx.touch("deliveries")


def update_patients(tx: Tx, rows: Sequence[PatientRow]) -> None:
    tx.update(patient, _with_name_keys(rows))


def update_visits(tx: Tx, rows: Sequence[VisitRow | Mapping[str, object]]) -> None:
    """Whole rows, or mappings of ``id`` and what to set."""
    tx.update(visit, rows)


def update_orders(tx: Tx, rows: Sequence[OrderRow | Mapping[str, object]]) -> None:
    """Whole rows, or mappings of ``id`` and what to set: fewer columns touch fewer indexes."""
    tx.update(order, rows)
    if rows:
        tx.touch("orders")


def update_messages(tx: Tx, rows: Sequence[MessageRow | Mapping[str, object]]) -> None:
    """Whole rows, or mappings of ``id`` and what to set."""
    tx.update(message, rows)
    if rows:
        tx.touch("messages")


def replace_findings(tx: Tx, message_id: int, findings: str) -> None:
    """What was found when the message was processed again, as JSON."""
    tx.update(message_body, [{"message_id": message_id, "findings": findings}])


def mark_undeliverable(tx: Tx, message_ids: Iterable[int]) -> None:
    """The acknowledgements of these messages could not be handed over: their senders were gone."""
    update_messages(tx, [{"id": message_id, "ack_outcome": "undeliverable"} for message_id in message_ids])


def _with_name_keys(rows: Sequence[PatientRow]) -> list[PatientRow]:
    return [row._replace(name_key=name_key(row.family, row.given)) for row in rows]
