"""Keeping one message: its state, its bytes, its answer, and whom to tell.

Works on the batch's `Book`; writes nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from officina import compact
from officina.actions.receive import answer
from officina.actions.receive.book import Book
from officina.actions.receive.enter import enter
from officina.actions.receive.reading import Reading
from officina.message import dedupe
from officina.message.finding import Finding
from officina.outbound.subscription import Subscription, deliveries, lane
from officina.store.rows import BodyRow, DeliveryRow, EventRow, MessageRow
from officina.workflow.intake import MessageState

# States worth an event of their own; an accepted message shows in the events of its orders.
_TOLD: frozenset[MessageState] = frozenset(("parked", "rejected", "failed", "unreadable"))


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
    state, reason, patient_id = reading.state, reading.reason, None
    events: list[EventRow] = []
    if state is None:
        state, reason, patient_id, events = enter(book, reading, message_id)
    if state in _TOLD:
        events = [_event(book, reading, message_id, state, reason)]
    _notify(book, events, subscriptions, reading.received_at)
    return _stored(book, reading, message_id, state, reason, patient_id)


def keep_failed(book: Book, reading: Reading, error: Exception) -> Kept:
    """A message that could not be processed now: kept with the reason, and answered so that it is sent again."""
    message_id = book.id()
    text = f"it could not be processed now ({type(error).__name__}); send it again"
    reading.findings.append(Finding("", "error", "internal", text, "207"))
    book.events.append(_event(book, reading, message_id, "failed", type(error).__name__))
    return _stored(book, reading, message_id, "failed", "internal")


def keep_again(
    book: Book, reading: Reading, row: MessageRow, subscriptions: Sequence[Subscription], actor: str
) -> Kept:
    """A message of the book goes through once more, because a person removed the cause of its state.

    Its row is brought up to date; its bytes, and what its sender was told, stay as they were. What newer messages left
    in the book stands.
    """
    told_id = book.id()  # before those of what it causes
    state, reason, patient_id = reading.state, reading.reason, row.patient_id
    events: list[EventRow] = []
    if state is None:
        state, reason, patient_id, events = enter(book, reading, row.id, row.received_at)
    detail = compact.dumps({"from": row.state, "to": state, "reason": reason})
    told = EventRow(
        id=told_id,
        at=reading.received_at,
        kind="message.processed_again",
        subject="message",
        subject_id=row.id,
        actor=actor,
        patient_id=patient_id,
        place_id=reading.routed.place_id if reading.routed else None,
        message_id=row.id,
        detail=detail,
    )
    events.insert(0, told)
    _notify(book, events, subscriptions, reading.received_at)
    again = _row(reading, row.id, state, reason, row.ack_code, patient_id)
    kept = ("received_at", "ack_outcome", "duplicate_of")
    book.changed_messages.append(again._replace(**{name: getattr(row, name) for name in kept}))
    book.changed_findings[row.id] = _findings(reading.findings)
    return Kept(row.id, state, reason, [])


def _repeated(book: Book, reading: Reading, message_id: int, first_id: int) -> Kept:
    """Nothing happens again; the sender hears what it heard the first time."""
    ack_code, stored = book.answers[first_id]
    if ack_code and not stored:
        acks = answer.anew(reading, message_id)
        ack_code, stored = acks[0].code if acks else "", answer.stored(acks)
    row = _row(reading, message_id, "duplicate", "message_repeated", ack_code)
    book.add_message(reading, row._replace(duplicate_of=first_id), _body(reading, message_id, stored))
    return Kept(message_id, "duplicate", "message_repeated", answer.payloads(stored))


def _stored(
    book: Book, reading: Reading, message_id: int, state: MessageState, reason: str, patient_id: int | None = None
) -> Kept:
    acks = answer.answers(reading, state, message_id)
    row = _row(reading, message_id, state, reason, acks[0].code if acks else "", patient_id)
    book.add_message(reading, row, _body(reading, message_id, answer.stored(acks)))
    return Kept(message_id, state, reason, [ack.payload for ack in acks])


def _row(
    reading: Reading, message_id: int, state: MessageState, reason: str, ack_code: str, patient_id: int | None = None
) -> MessageRow:
    return MessageRow(
        id=message_id,
        connector_id=reading.source.connector_id,
        direction="in",
        received_at=reading.received_at,
        control_id=reading.control_id,
        type=reading.type,
        version=reading.version,
        sender=reading.sender,
        facility_code=reading.facility_code,
        place_id=reading.routed.place_id if reading.routed else None,
        patient_id=patient_id,
        state=state,
        reason=reason,
        ack_code=ack_code,
        ack_outcome="written" if ack_code else "none",
        duplicate_of=None,
        digest=reading.digest,
        size=len(reading.raw),
        encoding=reading.encoding,
        findings=len(reading.findings),
    )


def _body(reading: Reading, message_id: int, stored: bytes) -> BodyRow:
    return BodyRow(message_id, reading.packed, stored, _findings(reading.findings))


def _findings(findings: Iterable[Finding]) -> str:
    told = [each._asdict() for each in findings]
    return compact.dumps(told) if told else "[]"


def _event(book: Book, reading: Reading, message_id: int, state: MessageState, reason: str) -> EventRow:
    return EventRow(
        id=book.id(),
        at=reading.received_at,
        kind=f"message.{state}",
        subject="message",
        subject_id=message_id,
        actor=reading.source.actor,
        patient_id=None,
        place_id=reading.routed.place_id if reading.routed else None,
        message_id=message_id,
        detail=compact.dumps({"reason": reason}),
    )


def _notify(book: Book, events: Sequence[EventRow], subscriptions: Sequence[Subscription], at: int) -> None:
    """Keep the events, and the deliveries that subscriptions make of them."""
    book.events += events
    for event, wanted in deliveries(events, subscriptions, book.order_types):
        kept_in = lane(wanted, event)
        message_id = event.message_id if wanted.whole else None
        book.deliveries.append(
            DeliveryRow(
                book.id(), event.id, wanted.id, wanted.connector_id, kept_in, "queued", at, message_id=message_id
            )
        )
