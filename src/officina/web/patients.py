"""The patients that a list of orders names."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from officina.actions.access import record_listing, visible_patients
from officina.store import patients
from officina.store.rows import OrderRow, PatientRow
from officina.web.visit import Visit


def of_orders(visit: Visit, rows: Iterable[OrderRow]) -> dict[int, PatientRow]:
    """Those of the orders' patients whom the person may know, by id. That they were shown is written down."""
    found = patients.by_ids(visit.tx, (row.patient_id for row in rows))
    known = {row.id: row for row in visible_patients(visit.tx, visit.session.rights, list(found.values()))}
    visit.accesses.append(partial(record_listing, patient_ids=list(known), actor=visit.session.actor, at=visit.now))
    return known
