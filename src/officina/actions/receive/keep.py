"""Keeping one message: its state, what it does to patient, visit and orders, the events of that, and its answer.

Works on the batch's `Book`; writes nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from officina import compact
from officina.actions.receive import answer
from officina.actions.receive.book import Book
from officina.actions.receive.reading import Reading
from officina.message import dedupe
from officina.message.finding import Finding
from officina.message.route import Routed
from officina.order import match, patient, visit
from officina.order.assemble import Assembled
from officina.order.order import Order
from officina.outbound.subscription import Subscription, deliveries
from officina.store.rows import BodyRow, DeliveryRow, EventRow, MessageRow, OrderRow, PatientRow, VersionRow, VisitRow
from officina.workflow import order_status
from officina.workflow.intake import MessageState

# States worth an event of their own; an accepted message shows in the events of its orders.
_TOLD: frozenset[MessageState] = frozenset(("parked", "rejected", "failed", "unreadable"))
_PATIENT_FIELDS = ("family", "given", "middle", "born_on", "sex", "address", "phone")
_VISIT_FIELDS = ("category", "point_of_care", "room", "bed", "attending")


class Kept(NamedTuple):
    """What became of one message. ``answers`` are unframed payloads, none to two."""

    message_id: int
    state: MessageState
    reason: str
    answers: list[bytes]


def keep(book: Book, reading: Reading, subscriptions: Sequence[Subscription]) -> Kept:
    """Decide one message and add what follows from it to the book."""
    message_id = book.id()
    repetition = dedupe.verdict(reading.control_id, reading.digest, book.known_of(reading))
    if repetition.kind == "repeat" and repetition.message_id is not None:
        return _repeated(book, reading, message_id, repetition.message_id)
    if repetition.kind == "changed":
        text = "this control id came before with other content; both messages were processed"
        reading.findings.append(Finding("MSH-10", "warning", "control_id_reused", text, "205"))
    if reading.state is None:
        return _processed(book, reading, message_id, subscriptions)
    state, reason = reading.state, reading.reason
    events = []
    if state in _TOLD:
        events.append(_event(book, reading, message_id, f"message.{state}", "message", message_id, {"reason": reason}))
    _notify(book, reading, events, subscriptions)
    return _stored(book, reading, message_id, state, reason, None)


def kept_failed(book: Book, reading: Reading, error: Exception) -> Kept:
    """A message that could not be processed now: kept with the reason, and answered so that it is sent again."""
    message_id = book.id()
    text = f"it could not be processed now ({type(error).__name__}); send it again"
    reading.findings.append(Finding("", "error", "internal", text, "207"))
    book.events.append(
        _event(book, reading, message_id, "message.failed", "message", message_id, {"reason": type(error).__name__})
    )
    return _stored(book, reading, message_id, "failed", "internal", None)


# --- the message itself ----------------------------------------------------------------------------------------


def _repeated(book: Book, reading: Reading, message_id: int, first_id: int) -> Kept:
    """Nothing happens again; the sender hears what it heard the first time."""
    ack_code, stored = book.answers[first_id]
    _add(book, reading, message_id, ("duplicate", "message_repeated"), (ack_code, stored), None, first_id)
    return Kept(message_id, "duplicate", "message_repeated", answer.payloads(stored))


def _stored(
    book: Book, reading: Reading, message_id: int, state: MessageState, reason: str, patient_id: int | None
) -> Kept:
    acks = answer.answers(reading, state, message_id)
    code = acks[0].code if acks else ""
    _add(book, reading, message_id, (state, reason), (code, answer.stored(acks)), patient_id, None)
    return Kept(message_id, state, reason, [ack.payload for ack in acks])


def _add(
    book: Book,
    reading: Reading,
    message_id: int,
    state: tuple[MessageState, str],
    answered: tuple[str, bytes],
    patient_id: int | None,
    duplicate_of: int | None,
) -> None:
    stated, routed = reading.extract, reading.routed
    row = MessageRow(
        id=message_id,
        connector_id=reading.source.connector_id,
        direction="in",
        received_at=reading.received_at,
        control_id=stated.control_id if stated else "",
        type=stated.type if stated else "",
        version=stated.version if stated else "",
        sender=stated.sender if stated else "",
        facility_code=stated.facility_code if stated else "",
        place_id=routed.place_id if routed else None,
        patient_id=patient_id,
        state=state[0],
        reason=state[1],
        ack_code=answered[0],
        ack_outcome="written" if answered[1] else "none",
        duplicate_of=duplicate_of,
        digest=reading.digest,
        size=len(reading.raw),
        encoding=reading.encoding,
        findings=len(reading.findings),
    )
    book.add_message(reading, row, BodyRow(message_id, reading.raw, answered[1], _findings(reading.findings)))


def _findings(findings: Iterable[Finding]) -> str:
    told = [{"path": each.path, "severity": each.severity, "code": each.code, "text": each.text} for each in findings]
    return compact.dumps(told) if told else "[]"


# --- what it says ----------------------------------------------------------------------------------------------


def _processed(book: Book, reading: Reading, message_id: int, subscriptions: Sequence[Subscription]) -> Kept:
    assembled, routed = reading.assembled, reading.routed
    if assembled is None or routed is None:
        raise ValueError("a message without a state has been routed and assembled")
    events: list[EventRow] = []
    patient_id = _patient(book, reading, assembled, routed, message_id, events)
    visit_id = _visit(book, reading, assembled, routed, patient_id)
    before = len(events)
    for position, order in enumerate(assembled.orders, start=1):
        place = "ORC" if len(assembled.orders) == 1 else f"ORC[{position}]"
        events.append(_order(book, reading, order, place, (message_id, patient_id, visit_id)))
    fresh = any(event.kind != "order.repeated" for event in events[before:])
    _notify(book, reading, [each._replace(patient_id=patient_id) for each in events], subscriptions)
    if not fresh:
        return _stored(book, reading, message_id, "duplicate", "order_repeated", patient_id)
    return _stored(book, reading, message_id, "accepted", "", patient_id)


def _patient(
    book: Book, reading: Reading, assembled: Assembled, routed: Routed, message_id: int, events: list[EventRow]
) -> int:
    """The patient the identifiers name, made if new, brought up to date if not."""
    facts = assembled.patient
    found = book.patient_ids(routed.organisation_id, facts.identifiers)
    if len(found) > 1:
        text = "its identifiers belong to different patients; the first one was taken and nothing was merged"
        reading.findings.append(Finding("PID-3", "warning", "identifiers_conflict", text, "204"))
    if not found:
        patient_id = book.id()
        fields = dict.fromkeys(_PATIENT_FIELDS, "") | patient.merge({}, facts)
        at = reading.received_at
        book.put_patient(PatientRow(patient_id, routed.organisation_id, **fields, name_key="", changed_at=at))
        events.append(_event(book, reading, message_id, "patient.registered", "patient", patient_id))
    else:
        patient_id = found[0]
        current = book.patients[patient_id]._asdict()
        changed = patient.merge(current, facts)
        if changed:
            if _another_person(current, changed):
                text = "name and date of birth both differ from what the book has for this identifier; check who it is"
                reading.findings.append(Finding("PID-5", "warning", "patient_differs", text, "204"))
            book.put_patient(PatientRow(**{**current, **changed, "changed_at": reading.received_at}))
            detail = {"fields": sorted(changed)}
            events.append(_event(book, reading, message_id, "patient.changed", "patient", patient_id, detail))
    book.identify(routed.organisation_id, facts.identifiers, patient_id)
    return patient_id


def _another_person(current: Mapping[str, object], changed: Mapping[str, str]) -> bool:
    return all(current[name] and changed.get(name) for name in ("family", "born_on"))


def _visit(book: Book, reading: Reading, assembled: Assembled, routed: Routed, patient_id: int) -> int | None:
    facts = assembled.visit
    if not facts.stated:
        return None
    row = book.visit((patient_id, routed.place_id, facts.number))
    current = row._asdict() if row else {}
    changed = visit.merge(current, facts)
    if row and not changed:
        return row.id
    values: dict[str, object] = {**dict.fromkeys(_VISIT_FIELDS, ""), "admitted_at": None, "discharged_at": None}
    values |= current | changed
    values |= {"changed_at": reading.received_at}
    if row is None:
        values |= {"id": book.id(), "patient_id": patient_id, "place_id": routed.place_id, "number": facts.number}
    new = VisitRow(**values)  # type: ignore[arg-type]  # columns by name, from rows and facts of the same columns
    book.put_visit(new)
    return new.id


# --- its orders ------------------------------------------------------------------------------------------------


def _order(book: Book, reading: Reading, order: Order, place: str, ids: tuple[int, int, int | None]) -> EventRow:
    """Enter one order into the book; the event that says what that did."""
    message_id, patient_id, visit_id = ids
    routed = reading.routed
    if routed is None:
        raise ValueError("an order is entered at a place")

    def next_status(current: str, changed: bool) -> str:
        return order_status.after(order.control, current, changed)

    candidates = book.candidates(routed.organisation_id, patient_id, order)
    verdict = match.match(order, patient_id, candidates, next_status)
    reading.findings += [_match_finding(code, place) for code in verdict.findings]
    known = book.orders[verdict.order_id] if verdict.order_id is not None else None
    if known is not None and verdict.kind == "duplicate":
        return _event(book, reading, message_id, "order.repeated", "order", known.id)
    row = _order_row(order, verdict, known, routed, reading.received_at, book.id() if known is None else known.id)
    row = row._replace(patient_id=patient_id, visit_id=visit_id or row.visit_id, message_id=message_id)
    book.put_order(row, verdict.facts)
    facts = compact.dumps(verdict.facts)
    book.versions.append(VersionRow(book.id(), row.id, row.version, message_id, reading.received_at, facts))
    kind = "order.created" if known is None else "order.changed"
    detail = {"control": order.control, "status": row.status} if known is not None else None
    return _event(book, reading, message_id, kind, "order", row.id, detail)


def _order_row(
    order: Order, verdict: match.Verdict, known: OrderRow | None, routed: Routed, at: int, order_id: int
) -> OrderRow:
    """The order as it stands after this message; what an incomplete order does not say stays as it was."""
    changed = known is None or verdict.digest != known.digest
    status = order_status.first(order.control) if known is None else ""
    if known is not None:
        status = order_status.after(order.control, known.status, changed)
    facts = verdict.facts

    def text(name: str) -> str:
        return str(facts.get(name, ""))

    return OrderRow(
        id=order_id,
        place_id=routed.place_id,
        organisation_id=routed.organisation_id,
        patient_id=0,
        visit_id=known.visit_id if known else None,
        placer_number=text("placer_number"),
        filler_number=text("filler_number"),
        prescription_number=text("prescription_number"),
        status=status,
        control=order.control,
        drug_code=text("drug_code"),
        drug_text=text("drug_text"),
        directions=text("directions"),
        prescriber=text("prescriber"),
        start_at=order.starts_at if order.complete or known is None else known.start_at,
        stop_at=order.stops_at if order.complete or known is None else known.stop_at,
        digest=verdict.digest,
        version=known.version + 1 if known else 1,
        message_id=0,
        created_at=known.created_at if known else at,
        changed_at=at,
    )


_MATCH_FINDINGS = {
    "number_of_other_patient": "its number is another patient's already; it was entered as an order of its own",
    "number_reused": "its number is another drug's already; it was entered as an order of its own",
}


def _match_finding(code: str, place: str) -> Finding:
    return Finding(place, "warning", code, _MATCH_FINDINGS[code], "205")


# --- events ----------------------------------------------------------------------------------------------------


def _event(
    book: Book,
    reading: Reading,
    message_id: int,
    kind: str,
    subject: str,
    subject_id: int,
    detail: Mapping[str, object] | None = None,
) -> EventRow:
    routed = reading.routed
    return EventRow(
        id=book.id(),
        at=reading.received_at,
        kind=kind,
        subject=subject,
        subject_id=subject_id,
        actor=f"connector:{reading.source.name}",
        patient_id=subject_id if subject == "patient" else None,
        place_id=routed.place_id if routed else None,
        message_id=message_id,
        detail=compact.dumps(detail) if detail else None,
    )


def _notify(book: Book, reading: Reading, events: Sequence[EventRow], subscriptions: Sequence[Subscription]) -> None:
    """Keep the events, and the deliveries that subscriptions make of them."""
    book.events += events
    for event, wanted in deliveries(events, subscriptions):
        book.deliveries.append(
            DeliveryRow(book.id(), event.id, wanted.id, wanted.connector_id, "", "queued", reading.received_at)
        )
