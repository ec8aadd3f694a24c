"""Whom a message is about enters the book: the patient and the visit."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TypeVar, cast

from officina.actions.receive.entry import Entry
from officina.order import identity, patient, visit
from officina.order.patient import PatientFacts
from officina.store.rows import PatientRow, VisitRow

_T = TypeVar("_T")
_PATIENT_FIELDS = ("family", "given", "middle", "born_on", "sex", "address", "phone")
_VISIT_FIELDS = ("category", "point_of_care", "room", "bed", "attending")


def whose(entry: Entry) -> identity.Verdict:
    """Which patient of the book it is, if one; what is odd or in doubt about it is noted."""
    book, facts = entry.book, entry.assembled.patient
    owners = book.owners(entry.routed.organisation_id, facts.identifiers)
    known = {
        each: identity.Known(each, book.patients[each]._asdict(), partial(book.identifiers_of, each))
        for each in owners.values()
    }
    verdict = identity.whose(facts, owners, known)
    for code in filter(None, (verdict.remark, verdict.doubt)):
        entry.warn("PID-5" if code == "patient_differs" else "PID-3", code, "204")
    return verdict


def enter_patient(entry: Entry, known_id: int | None) -> int:
    """Made if new, brought up to date if not."""
    facts = entry.assembled.patient
    patient_id = _new_patient(entry, facts) if known_id is None else known_id
    if known_id is not None:
        _update(entry, known_id, facts)
    entry.book.identify(entry.routed.organisation_id, facts.identifiers, patient_id)
    return patient_id


def _new_patient(entry: Entry, facts: PatientFacts) -> int:
    patient_id = entry.book.id()
    fields = dict.fromkeys(_PATIENT_FIELDS, "") | patient.merge({}, facts)
    row = PatientRow(patient_id, entry.routed.organisation_id, **fields, name_key="", changed_at=entry.at)
    entry.book.put_patient(row)
    entry.tell("patient.registered", "patient", patient_id, patient_id)
    return patient_id


def _update(entry: Entry, patient_id: int, facts: PatientFacts) -> None:
    current = entry.book.patients[patient_id]._asdict()
    changed = _news(entry, current, patient.merge(current, facts))
    if changed:
        entry.book.put_patient(PatientRow(**{**current, **changed, "changed_at": entry.at}))
        entry.tell("patient.changed", "patient", patient_id, patient_id, {"fields": sorted(changed)})


def enter_visit(entry: Entry, patient_id: int) -> int | None:
    """The visit the message states, None if it states none."""
    facts, place_id = entry.assembled.visit, entry.routed.place_id
    if not facts.stated:
        return None
    row = entry.book.visit((patient_id, place_id, facts.number))
    current = row._asdict() if row else {}
    changed = _news(entry, current, visit.merge(current, facts))
    if row and not changed:
        return row.id
    own = {} if row else {"id": entry.book.id(), "patient_id": patient_id, "place_id": place_id, "number": facts.number}
    return _put_visit(entry, {**current, **own, **changed})


def _put_visit(entry: Entry, stands: Mapping[str, object]) -> int:
    nothing: dict[str, object] = {**dict.fromkeys(_VISIT_FIELDS, ""), "admitted_at": None, "discharged_at": None}
    values = {**nothing, **stands, "changed_at": entry.at}
    row = VisitRow(**values)  # type: ignore[arg-type]  # columns by name, from rows and facts of the same columns
    entry.book.put_visit(row)
    return row.id


def _news(entry: Entry, current: Mapping[str, object], changed: Mapping[str, _T]) -> dict[str, _T]:
    """A message from before the last change of a row adds only what the row does not have."""
    late = entry.stored_at is not None and entry.stored_at < cast(int, current.get("changed_at", 0))
    return {name: value for name, value in changed.items() if not (late and current.get(name))}
