"""The search box: one number or name, looked for everywhere the person may look.

It is posted, so that what is known of a patient never stands in an address. What is found has an address of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.responses import RedirectResponse, Response

from officina.actions.access import record_search, searchable_organisations, visible_patients
from officina.store import messages, orders, patients
from officina.store.messages import MessageFilter
from officina.store.orders import OrderFilter
from officina.store.patients import PatientFilter
from officina.store.rows import IdentifierRow, MessageRow, OrderRow, PatientRow
from officina.web import labels
from officina.web.patients import of_orders
from officina.web.visit import Visit

MOST = 20
LONGEST = 200
LEAST_OF_NAME = 2


@dataclass(frozen=True, slots=True)
class Found:
    """What carries the number, or bears the name."""

    messages: list[MessageRow] = field(default_factory=list)
    orders: list[OrderRow] = field(default_factory=list)
    patients: list[PatientRow] = field(default_factory=list)

    @property
    def only(self) -> str:
        """The address of the one thing found; "" if there are several, or none."""
        if len(self.messages) + len(self.orders) + len(self.patients) != 1:
            return ""
        for row in self.messages:
            return f"/messages/{row.id}"
        for order in self.orders:
            return f"/orders/{order.id}"
        return f"/orders?patient={self.patients[0].id}"


def find(visit: Visit) -> Response:
    """Straight to the one thing found, else a page of all that was."""
    text = visit.form.get("number", "").strip()[:LONGEST]
    only_patients = visit.form.get("among") == "patients"
    sought = [] if only_patients else _orders(visit, text)
    found = Found(
        [] if only_patients else _messages(visit, text, known=bool(sought)),
        sought,
        _patients(visit, text),
    )
    if found.only:
        return RedirectResponse(found.only, 303)
    known = {row.id: row for row in found.patients}
    known |= of_orders(visit, found.orders)
    return visit.page(
        "find.html",
        text=text,
        least=LEAST_OF_NAME,
        found=found,
        known=known,
        identifiers=_by_patient(visit, found.patients),
        workspace="orders" if only_patients else "",
    )


def _messages(visit: Visit, text: str, *, known: bool) -> list[MessageRow]:
    """By control id, else by an order number that no order is ``known`` by: what came of it tells its messages."""
    if not text or not visit.session.rights.may("messages.read"):
        return []
    within = visit.places("messages.read")
    rows = messages.listed(visit.tx, MessageFilter(control_id=text, place_ids=within), limit=MOST)
    if rows or known:
        return rows
    return messages.listed(visit.tx, MessageFilter(order_number=text, place_ids=within), limit=MOST)


def _orders(visit: Visit, text: str) -> list[OrderRow]:
    if not text or not visit.session.rights.may("orders.read"):
        return []
    wanted = OrderFilter(number=text, place_ids=visit.places("orders.read"))
    return orders.listed(visit.tx, wanted, limit=MOST)


def _patients(visit: Visit, text: str) -> list[PatientRow]:
    """By identifier, else by the beginning of the name. That someone searched is written to the access log."""
    rights = visit.session.rights
    if not text or not rights.may("patients.read"):
        return []
    actor, at = visit.session.actor, visit.now
    visit.accesses.append(lambda tx: record_search(tx, actor=actor, at=at))
    within = searchable_organisations(visit.tx, rights)
    rows = patients.listed(visit.tx, PatientFilter(identifier=text, organisation_ids=within), limit=MOST)
    if not rows and len(text) >= LEAST_OF_NAME and not any(character.isdigit() for character in text):
        rows = patients.listed(visit.tx, PatientFilter(name=text, organisation_ids=within), limit=MOST * 5)
    return visible_patients(visit.tx, rights, rows)[:MOST]


def _by_patient(visit: Visit, rows: list[PatientRow]) -> dict[int, list[IdentifierRow]]:
    grouped: dict[int, list[IdentifierRow]] = {}
    for row in labels.shown_identifiers(patients.identifiers(visit.tx, [row.id for row in rows])):
        grouped.setdefault(row.patient_id, []).append(row)
    return grouped
