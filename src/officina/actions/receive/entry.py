"""One message on its way into the book: where it belongs, when it came, and what is told about it."""

from __future__ import annotations

from collections.abc import Mapping

from officina import compact
from officina.actions.receive.book import Book
from officina.actions.receive.reading import Reading
from officina.message.finding import Finding
from officina.store.rows import EventRow

_WORDS = {
    "patient_differs": "an identifier is a known patient's, but name and birth date both differ; one of them is wrong,"
    " so ask the sender, who can send it corrected",
    "patient_uncertain": "its identifiers are other patients' or contradict each other, and the name settles nothing;"
    " ask the sender whose it is",
    "identifiers_conflict": "its identifiers belong to different patients; it was taken for the one whose number and"
    " name fit best, and nothing was merged",
    "identifier_of_other_patient": "an identifier in it is another patient's already; a patient of their own was"
    " entered, so see whether they are two",
    "number_of_other_patient": "its number is another patient's already; it was entered as an order of its own",
    "number_of_two_patients": "its number is another patient's too; this one's own order was meant, the other stays",
    "number_reused": "its number is another order's already; it was entered as an order of its own",
    "order_ambiguous": "several orders of the patient fit it equally; the newest was taken, so see which one is meant",
    "older_than_current": "newer messages about this order took effect already, so it stays as those left it",
    "order_unknown": "the book has no such order, so nothing was stopped, held or released: find the one that is meant",
    "order_revived": "it had ended and is asked for again with other facts, so it is followed again; is that meant?",
}


class Entry:
    """``events`` are what happened, in that order. ``stored_at`` is when a message came that is processed again, None
    for one that comes now: what the book learned since then it knows better.
    """

    def __init__(self, book: Book, reading: Reading, message_id: int, stored_at: int | None = None) -> None:
        if reading.assembled is None or reading.routed is None:
            raise ValueError("a message without a state has been routed and assembled")
        self.book, self.message_id, self.stored_at = book, message_id, stored_at
        self.at, self.assembled, self.routed = reading.received_at, reading.assembled, reading.routed
        self.events: list[EventRow] = []
        self._reading = reading

    def warn(self, path: str, code: str, ack_code: str) -> None:
        self._reading.findings.append(Finding(path, "warning", code, _WORDS[code], ack_code))

    def tell(
        self, kind: str, subject: str, subject_id: int, patient_id: int, detail: Mapping[str, object] | None = None
    ) -> None:
        self.events.append(
            EventRow(
                id=self.book.id(),
                at=self.at,
                kind=kind,
                subject=subject,
                subject_id=subject_id,
                actor=self._reading.source.actor,
                patient_id=patient_id,
                place_id=self.routed.place_id,
                message_id=self.message_id,
                detail=compact.dumps(detail) if detail else None,
            )
        )
