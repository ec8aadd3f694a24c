"""Rows for tests: a small site, and messages with everything they cause, each with defaults to override."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from officina.packed import Like, pack
from officina.store import Tx, connectors, intake, places
from officina.store.rows import (
    BodyRow,
    DeliveryRow,
    EventRow,
    IdentifierRow,
    MessageRow,
    OrderRow,
    PatientRow,
    VersionRow,
    VisitRow,
)

AT = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z


@dataclass(frozen=True)
class Site:
    """One organisation with two facilities, a connector and a subscription."""

    organisation: int
    oak: int
    elm: int
    connector: int
    subscription: int


def add_site(tx: Tx) -> Site:
    organisation = places.add(tx, kind="organisation", code="trees", name="Trees")
    oak = places.add(tx, kind="facility", code="oak", name="Oak House", parent_id=organisation)
    elm = places.add(tx, kind="facility", code="elm", name="Elm House", parent_id=organisation)
    connector = connectors.add(tx, name="trees-in", kind="mllp_listener", at=AT)
    subscription = connectors.add_subscription(tx, name="all", event="order.*", connector_id=connector, payload="event")
    return Site(organisation, oak, elm, connector, subscription)


def digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()


def message_row(tx: Tx, site: Site, **values: Any) -> MessageRow:
    row = MessageRow(
        id=tx.id(),
        connector_id=site.connector,
        direction="in",
        received_at=AT,
        control_id="",
        type="RDE^O11",
        version="2.5",
        sender="EHR|TREES",
        facility_code="OAK",
        place_id=site.oak,
        patient_id=None,
        state="accepted",
        reason="",
        ack_code="AA",
        ack_outcome="written",
        duplicate_of=None,
        digest=b"",
        size=700,
        encoding="utf-8",
        findings=0,
    )
    row = row._replace(**values)
    return row._replace(digest=row.digest or digest(str(row.id)))


def patient_row(tx: Tx, site: Site, **values: Any) -> PatientRow:
    row = PatientRow(
        id=tx.id(),
        organisation_id=site.organisation,
        family="NOWAK",
        given="ANNA",
        middle="",
        born_on="1940-02-03",
        sex="F",
        address="1 Oak Street",
        phone="",
        name_key="",
        changed_at=AT,
    )
    return row._replace(**values)


def identifier_row(site: Site, patient_id: int, value: str, type: str = "MR", authority: str = "OAK") -> IdentifierRow:
    return IdentifierRow(site.organisation, value, type, authority, patient_id)


def visit_row(tx: Tx, site: Site, patient_id: int, **values: Any) -> VisitRow:
    row = VisitRow(
        id=tx.id(),
        patient_id=patient_id,
        place_id=site.oak,
        number="V1",
        category="I",
        point_of_care="EAST",
        room="12",
        bed="B",
        attending="",
        admitted_at=AT,
        discharged_at=None,
        changed_at=AT,
    )
    return row._replace(**values)


def order_row(tx: Tx, site: Site, patient_id: int, message_id: int, **values: Any) -> OrderRow:
    row = OrderRow(
        id=tx.id(),
        place_id=site.oak,
        organisation_id=site.organisation,
        patient_id=patient_id,
        visit_id=None,
        placer_number="",
        filler_number="",
        prescription_number="",
        status="active",
        control="NW",
        drug_code="00071015523",
        drug_text="Atorvastatin 10 mg tablet",
        directions="1 tablet at bedtime",
        prescriber="Grey, M",
        start_at=AT,
        stop_at=None,
        digest=b"",
        version=1,
        message_id=message_id,
        created_at=AT,
        changed_at=AT,
    )
    row = row._replace(**values)
    return row._replace(digest=row.digest or digest(f"order {row.id}"))


@dataclass(frozen=True)
class Chain:
    """A message and all it caused."""

    message: MessageRow
    patient: PatientRow
    order: OrderRow
    version: VersionRow
    event: EventRow
    delivery: DeliveryRow


def add_chain(tx: Tx, site: Site, *, raw: bytes = b"MSH|", patient: PatientRow | None = None, **message: Any) -> Chain:
    """A message that made an order of a patient, with its event and delivery; the control id is also the numbers'."""
    if patient is None:
        patient = patient_row(tx, site)
        intake.insert_patients(tx, [patient])
    received = message_row(tx, site, patient_id=patient.id, **message)
    number = received.control_id
    order = order_row(tx, site, patient.id, received.id, placer_number=number and f"P{number}")
    order = order._replace(place_id=received.place_id or site.oak, filler_number=number and f"F{number}")
    version = VersionRow(tx.id(), order.id, 1, received.id, AT, pack(b"{}", Like.FACTS))
    event = EventRow(
        tx.id(), AT, "order.created", "order", order.id, "connector:trees-in", patient.id, site.oak, received.id, None
    )
    delivery = DeliveryRow(tx.id(), event.id, site.subscription, site.connector, "", "queued", AT)
    intake.insert_messages(tx, [received])
    intake.insert_bodies(tx, [BodyRow(received.id, pack(raw, Like.MESSAGE), b"MSA|AA", "[]")])
    intake.insert_orders(tx, [order])
    intake.insert_versions(tx, [version])
    intake.insert_events(tx, [event])
    intake.insert_deliveries(tx, [delivery])
    return Chain(received, patient, order, version, event, delivery)
