"""Orders as they stand: the list, filtered by the address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from starlette.responses import Response

from officina.actions.access import visible_patients
from officina.store import orders, patients
from officina.store import places as book
from officina.store.orders import OrderFilter
from officina.store.rows import OrderRow, PatientRow
from officina.web import chips, labels, news, places
from officina.web.news import MOST, PAGE, News
from officina.web.patients import of_orders
from officina.web.visit import Visit

NAMES = ("number", "status", "place", "patient")
ADDRESS = (*NAMES, "before")  # all that says which list and which page of it


class Row(NamedTuple):
    """A line of the list. ``patient`` is None where the person may not know them."""

    order: OrderRow
    patient: PatientRow | None
    place: str


def show(visit: Visit) -> Response:
    """One page of orders, newest first."""
    before = places.number_of(visit.query.get("before", ""))
    rows = orders.listed(visit.tx, wanted_of(visit), before=before, limit=PAGE + 1)
    query, patient = visit.asked(NAMES), _patient_asked(visit)
    shown = _rows(visit, rows[:PAGE], patient)
    return visit.page(
        "orders/list.html",
        workspace="orders",
        place_path="/orders",
        place_query=query,
        rows=shown,
        query=query,
        patient=patient,
        before=before,
        older=shown[-1].order.id if len(rows) > PAGE else None,
        newest=rows[0].id if rows else 0,
        versions=news.shown((row.order.id, row.order.version) for row in shown),
        chips=_chips(visit, query),
        filtered=any(name != "place" for name in query),
        statuses_of_orders=[(name, shown.word) for name, shown in labels.ORDER_STATUSES.items()],
        may_search=visit.session.rights.may("patients.read"),
    )


def show_news(visit: Visit) -> Response:
    """How many orders of this list are newer than those shown, and how many of those shown have changed."""
    after = places.number_of(visit.query.get("after", ""))
    new = orders.listed(visit.tx, wanted_of(visit), after=after, limit=MOST + 1) if after is not None else []
    told = News(len(new), _changed(visit))
    return visit.piece("orders/news.html", told=told.text, query=visit.asked(ADDRESS))


def _changed(visit: Visit) -> int:
    before = news.read(visit.query.get("shown", ""))
    now = orders.by_ids(visit.tx, before)
    return news.changed(before, ((row.id, row.version) for row in now if visit.may("orders.read", row.place_id)))


def wanted_of(visit: Visit) -> OrderFilter:
    return OrderFilter(
        number=visit.query.get("number", "").strip() or None,
        status=visit.query.get("status") or None,
        patient_id=places.number_of(visit.query.get("patient", "")),
        place_ids=places.within(visit, "orders.read"),
    )


def _rows(visit: Visit, rows: list[OrderRow], patient: PatientRow | None) -> list[Row]:
    known = {patient.id: patient} if patient else of_orders(visit, rows)
    names = {each.id: each.name for each in book.every(visit.tx)}
    return [Row(row, known.get(row.patient_id), names.get(row.place_id, "")) for row in rows]


def _chips(visit: Visit, query: Mapping[str, str]) -> list[chips.Chip]:
    """The patient has a chip of their own, with their name."""
    texts = {
        "number": f"Number {query.get('number', '')}",
        "status": labels.label("order", query.get("status", "")).word,
        "place": places.name_of(visit, query.get("place", "")),
    }
    return chips.of("/orders", query, texts)


def _patient_asked(visit: Visit) -> PatientRow | None:
    """The patient the address names, if the person may know them."""
    patient_id = places.number_of(visit.query.get("patient", ""))
    row = patients.get(visit.tx, patient_id) if patient_id is not None else None
    if row is None or not visible_patients(visit.tx, visit.session.rights, [row]):
        return None
    visit.looked_at("patient", row.id, row.id, None)
    return row
