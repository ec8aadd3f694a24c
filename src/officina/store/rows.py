"""Rows of the tables that the intake reads and writes, in the order of their columns.

They know names and types, not meaning. Their fields are the columns of `schema` (tests/conformance compares them).
"""

from __future__ import annotations

from typing import NamedTuple

from officina.packed import Packed


class MessageRow(NamedTuple):
    """A message as its lists show it; the bytes are in `BodyRow`."""

    id: int
    connector_id: int
    direction: str
    received_at: int
    control_id: str
    type: str
    version: str
    sender: str
    facility_code: str
    place_id: int | None
    patient_id: int | None
    state: str
    reason: str
    ack_code: str
    ack_outcome: str
    duplicate_of: int | None
    digest: bytes
    size: int
    encoding: str
    findings: int


class BodyRow(NamedTuple):
    """The raw bytes of a message (packed), the acknowledgement as sent, and its findings as JSON."""

    message_id: int
    raw: Packed
    answer: bytes
    findings: str


class MessageNumberRow(NamedTuple):
    """An order number that a message without effect names."""

    number: str
    message_id: int


class PatientRow(NamedTuple):
    """A patient of an organisation. ``name_key`` is set by the store."""

    id: int
    organisation_id: int
    family: str
    given: str
    middle: str
    born_on: str
    sex: str
    address: str
    phone: str
    name_key: str
    changed_at: int


class IdentifierRow(NamedTuple):
    """What a patient is known by within an organisation."""

    organisation_id: int
    value: str
    type: str
    authority: str
    patient_id: int


class VisitRow(NamedTuple):
    """One stay or encounter of a patient at a place."""

    id: int
    patient_id: int
    place_id: int
    number: str
    category: str
    point_of_care: str
    room: str
    bed: str
    attending: str
    admitted_at: int | None
    discharged_at: int | None
    changed_at: int


class OrderRow(NamedTuple):
    """An order as it stands."""

    id: int
    place_id: int
    organisation_id: int
    patient_id: int
    visit_id: int | None
    placer_number: str
    filler_number: str
    prescription_number: str
    status: str
    control: str
    drug_code: str
    drug_text: str
    directions: str
    prescriber: str
    start_at: int | None
    stop_at: int | None
    digest: bytes
    version: int
    message_id: int
    created_at: int
    changed_at: int


class VersionRow(NamedTuple):
    """An order as one message stated it; ``facts`` is JSON (packed)."""

    id: int
    order_id: int
    number: int
    message_id: int
    at: int
    facts: Packed


class EventRow(NamedTuple):
    """Something that happened; ``detail`` is JSON or None."""

    id: int
    at: int
    kind: str
    subject: str
    subject_id: int
    actor: str
    patient_id: int | None
    place_id: int | None
    message_id: int | None
    detail: str | None


class DeliveryRow(NamedTuple):
    """One event on its way to one receiver. ``message_id`` is what is sent, None until it has been written."""

    id: int
    event_id: int
    subscription_id: int
    connector_id: int
    lane: str
    state: str
    created_at: int
    rank: int = 0
    message_id: int | None = None
    attempts: int = 0
    reason: str = ""
    requeued_at: int | None = None
    spent: int = 0

    @property
    def queued_at(self) -> int:
        """When it was last queued."""
        return self.created_at if self.requeued_at is None else self.requeued_at


class AttemptRow(NamedTuple):
    """One sending of a delivery's message, and what was answered."""

    id: int
    delivery_id: int
    number: int
    message_id: int
    at: int
    took: int
    result: str
    code: str
    accept_code: str
    text: str
    answer: bytes
    accept_answer: bytes | None = None


class AlertRow(NamedTuple):
    """Something that is or was wrong, from when to when, and who has taken it on."""

    id: int
    kind: str
    subject: str
    text: str
    urgent: int
    opened_at: int
    closed_at: int | None = None
    acknowledged_at: int | None = None
    acknowledged_by: str = ""


class NoticeRow(NamedTuple):
    """One telling of an alert in one way; ``due_at`` is when it may be told, or tried again."""

    id: int
    alert_id: int
    notify: str
    what: str
    state: str
    due_at: int
    attempts: int = 0
    told_at: int | None = None


class ResidentRow(NamedTuple):
    """A patient who lives in a facility; ``allergies`` is a line each."""

    patient_id: int
    place_id: int
    state: str
    allergies: str
    admitted_at: int
    discharged_at: int | None
    changed_at: int


class ReviewRow(NamedTuple):
    """An order that a facility's nurses review, and how far they are."""

    order_id: int
    place_id: int
    patient_id: int
    version: int
    state: str
    opened_at: int
    assigned_to: str = ""
    first_by: str = ""
    note: str = ""
    changed_at: int = 0


class MedicationRow(NamedTuple):
    """What a resident is given, from an order that a nurse approved; ``facts`` as in `VersionRow`."""

    id: int
    place_id: int
    patient_id: int
    order_id: int | None
    drug_text: str
    facts: Packed
    starts_at: int
    ends_at: int | None
    changed_at: int


class DecisionRow(NamedTuple):
    """What a nurse decided about a version of an order; ``shown`` and ``before`` are JSON (packed)."""

    id: int
    order_id: int
    version: int
    patient_id: int
    place_id: int
    at: int
    by: str
    kind: str
    medication_id: int | None
    message_id: int
    message_digest: bytes
    reason: str
    shown: Packed
    before: Packed | None = None
    undone_at: int | None = None
