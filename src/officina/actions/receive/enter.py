"""What a message says enters the book: its patient, its visit and its orders, and the events of that.

Works on the batch's `Book`; writes nothing itself.
"""

from __future__ import annotations

from typing import NamedTuple

from officina.actions.receive.book import Book
from officina.actions.receive.entry import Entry
from officina.actions.receive.orders import Orders
from officina.actions.receive.reading import Reading
from officina.actions.receive.whom import enter_patient, enter_visit, whose
from officina.store.rows import EventRow
from officina.workflow.intake import MessageState


class Entered(NamedTuple):
    """What became of a message; ``reason`` says why it had no effect, "" if it had one. ``patient_id`` is whom it
    concerns, None where nobody can say.
    """

    state: MessageState
    reason: str
    patient_id: int | None
    events: list[EventRow]


def enter(book: Book, reading: Reading, message_id: int, stored_at: int | None = None) -> Entered:
    """``stored_at``: when a message came that is processed again, None for one that comes now."""
    entry = Entry(book, reading, message_id, stored_at)
    verdict = whose(entry)
    if verdict.doubt:
        return Entered("parked", verdict.doubt, None, [])
    patient_id = enter_patient(entry, verdict.patient_id)
    orders = Orders(entry, patient_id, enter_visit(entry, patient_id))
    several = len(entry.assembled.orders) > 1
    for position, order in enumerate(entry.assembled.orders, start=1):
        orders.enter(order, f"ORC[{position}]" if several else "ORC")
    return Entered(*_outcome(orders), patient_id, entry.events)


def _outcome(orders: Orders) -> tuple[MessageState, str]:
    if orders.fresh:
        return "accepted", ""
    return ("accepted", "older_than_current") if orders.passed_over else ("duplicate", "order_repeated")
