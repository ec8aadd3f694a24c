"""Patients: searched by identifier or by the beginning of their name, always within organisations."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Select, and_, bindparam, or_, select

from officina.store.listing import MOST, number
from officina.store.query import Query, among, first_of_each, keys
from officina.store.rows import EventRow, IdentifierRow, PatientRow, VisitRow
from officina.store.schema import Key, event, patient, patient_identifier, place, visit

if TYPE_CHECKING:
    from officina.store.tx import Tx

# Sorts after every text that begins with what stands before it.
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class PatientFilter:
    """What patients to list. ``identifier`` is a whole identifier's value, ``name`` the beginning of a family name
    (or ``family, given``); ``organisation_ids`` are the organisations that may be seen, None: all."""

    identifier: str | None = None
    name: str | None = None
    organisation_ids: frozenset[int] | None = None


class PatientCursor(NamedTuple):
    """Where a page of patients ended: the next begins behind it."""

    name_key: str
    id: int


def name_key(family: str, given: str) -> str:
    """What a patient's name is searched by: without case and accents, family name first: ``nowak, anna``."""
    return _folded(f"{family.strip()}, {given.strip()}")


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _from_to(each: FromClause) -> ColumnElement[bool]:
    start: ColumnElement[str] = bindparam("start", type_=Key)
    return and_(
        each.c.name_key >= start,
        each.c.name_key < bindparam("end", type_=Key),
        or_(each.c.name_key > start, each.c.id > number("start_id")),
    )


def _by_name(dialect: str) -> Select[Any]:
    found = first_of_each(
        dialect,
        patient,
        "organisation_ids",
        "bigint",
        matches=lambda each, value: [each.c.organisation_id == value, _from_to(each)],
        order=lambda each: [each.c.name_key, each.c.id],
        limit=number("limit"),
    )
    return select(found).order_by(found.c.name_key, found.c.id).limit(number("limit"))


def _by_identifier(dialect: str) -> Select[Any]:
    source, (organisation_id,) = keys(dialect, "organisation_ids", ("bigint",))
    wanted: ColumnElement[str] = bindparam("identifier", type_=patient_identifier.c.value.type)
    same = and_(patient_identifier.c.organisation_id == organisation_id, patient_identifier.c.value == wanted)
    ids = select(patient_identifier.c.patient_id).select_from(source.join(patient_identifier, same))
    return (
        select(patient).where(patient.c.id.in_(ids), _from_to(patient)).order_by(patient.c.name_key, patient.c.id)
    ).limit(number("limit"))


_ORGANISATIONS = Query("patients.organisations", select(place.c.id).where(place.c.kind == "organisation"))
BY_NAME = Query("patients.by_name", _by_name, sets={"organisation_ids": ["bigint"]})
BY_IDENTIFIER = Query("patients.by_identifier", _by_identifier, sets={"organisation_ids": ["bigint"]})
_GET = Query("patients.by_ids", select(patient).where(among(patient.c.id, "ids")), sets={"ids": ["bigint"]})
_IDENTIFIERS = Query(
    "patients.identifiers",
    select(patient_identifier)
    .where(among(patient_identifier.c.patient_id, "ids"))
    .order_by(patient_identifier.c.type, patient_identifier.c.value),
    sets={"ids": ["bigint"]},
)
_VISITS_BY_IDS = Query(
    "patients.visits_by_ids", select(visit).where(among(visit.c.id, "ids")), sets={"ids": ["bigint"]}
)
_VISITS = Query(
    "patients.visits",
    select(visit).where(visit.c.patient_id == number("id")).order_by(visit.c.id.desc()).limit(number("limit")),
)
_EVENTS = Query(
    "patients.events",
    select(event).where(event.c.patient_id == number("id")).order_by(event.c.id.desc()).limit(number("limit")),
)


def listed(
    tx: Tx, wanted: PatientFilter | None = None, *, after: PatientCursor | None = None, limit: int = 50
) -> list[PatientRow]:
    """Patients by name. The next page begins ``after`` the cursor of the last patient. At most 500 at a time."""
    wanted = wanted or PatientFilter()
    within = wanted.organisation_ids
    organisations = [row[0] for row in tx.all(_ORGANISATIONS)] if within is None else list(within)
    if not organisations:
        return []
    prefix = _folded((wanted.name or "").strip())
    params: dict[str, Any] = {
        "organisation_ids": organisations,
        "start": after.name_key if after else prefix,
        "start_id": after.id if after else -1,
        "end": prefix + _LAST,
        "limit": min(limit, MOST),
    }
    if wanted.identifier:
        rows = tx.all(BY_IDENTIFIER, identifier=wanted.identifier.strip(), **params)
    else:
        rows = tx.all(BY_NAME, **params)
    return [PatientRow(*row) for row in rows]


def cursor_of(row: PatientRow) -> PatientCursor:
    return PatientCursor(row.name_key, row.id)


def by_ids(tx: Tx, patient_ids: Iterable[int]) -> dict[int, PatientRow]:
    """Several patients at once, as a list of orders or messages needs them."""
    wanted = list(dict.fromkeys(patient_ids))
    rows = [PatientRow(*row) for row in tx.all(_GET, ids=wanted)] if wanted else []
    return {row.id: row for row in rows}


def get(tx: Tx, patient_id: int) -> PatientRow | None:
    return by_ids(tx, [patient_id]).get(patient_id)


def identifiers(tx: Tx, patient_ids: Iterable[int]) -> list[IdentifierRow]:
    """What these patients are known by, by type and value."""
    wanted = list(dict.fromkeys(patient_ids))
    return [IdentifierRow(*row) for row in tx.all(_IDENTIFIERS, ids=wanted)] if wanted else []


def visits(tx: Tx, patient_id: int, *, limit: int = 50) -> list[VisitRow]:
    """The newest visits of a patient. The patient's orders are `orders.listed` with ``patient_id``."""
    return [VisitRow(*row) for row in tx.all(_VISITS, id=patient_id, limit=limit)]


def visits_by_ids(tx: Tx, visit_ids: Iterable[int]) -> dict[int, VisitRow]:
    """Several visits at once."""
    wanted = list(dict.fromkeys(visit_ids))
    rows = [VisitRow(*row) for row in tx.all(_VISITS_BY_IDS, ids=wanted)] if wanted else []
    return {row.id: row for row in rows}


def events(tx: Tx, patient_id: int, *, limit: int = 200) -> list[EventRow]:
    """What last happened that concerns a patient, newest first."""
    return [EventRow(*row) for row in tx.all(_EVENTS, id=patient_id, limit=limit)]
