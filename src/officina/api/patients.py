"""Patients. Searched by what is in the body, so that no name or number of a patient is ever part of a URL."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from officina.actions.access import record_access, record_search, searchable_organisations, visible_patients
from officina.api.fields import IdInPath, Instant, iso_or_none
from officina.api.identity import ABSENT, Caller, needs
from officina.api.page import LINKED, AskedCut, Cut, Page, linked
from officina.api.services import Hub, reading, writing
from officina.clock import iso
from officina.errors import NotFound
from officina.store import Tx, patients
from officina.store.patients import PatientFilter
from officina.store.rows import IdentifierRow, PatientRow, VisitRow

router = APIRouter(prefix="/patients", tags=["patients"])


class Identifier(BaseModel):
    """What a patient is known by."""

    type: str = Field(description="HL7 table 0203: `MR`, `NH` …")
    authority: str = Field(description="Who assigned it.")
    value: str


class Visit(BaseModel):
    """A stay or an encounter at a place."""

    id: int
    place_id: int
    number: str
    category: str = Field(description="PV1-2: `I` inpatient, `O` outpatient …")
    point_of_care: str
    room: str
    bed: str
    attending: str
    admitted_at: Instant | None
    discharged_at: Instant | None


class Patient(BaseModel):
    """A patient of an organisation."""

    id: int
    organisation_id: int
    family: str
    given: str
    middle: str
    born_on: str = Field(description="`YYYY-MM-DD`, `YYYY-MM` or `YYYY`, as far as it is known.")
    sex: str = Field(description="HL7 table 0001.")
    address: str
    phone: str
    changed_at: Instant

    @classmethod
    def of(cls, row: PatientRow) -> Patient:
        kept = {name: value for name, value in row._asdict().items() if name != "name_key"}
        return cls(**{**kept, "changed_at": iso(row.changed_at)})


class PatientInFull(Patient):
    """A patient with identifiers and visits."""

    identifiers: list[Identifier]
    visits: list[Visit]


class PatientSearch(BaseModel):
    """What is known of the patient looked for; with nothing given, all are listed."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(
        default=None, min_length=2, max_length=200, description="Beginning of the family name, or `family, given`."
    )
    identifier: str | None = Field(
        default=None, min_length=1, max_length=200, description="The whole value of an identifier, of whatever type."
    )


# Rows looked at for one page at most, when most patients of an organisation were never at the caller's places.
_MOST_SEEN = 5_000
_AT_ONCE = 500


@router.post("/search", summary="Find patients", responses=LINKED)
async def search_patients(
    request: Request,
    response: Response,
    hub: Hub,
    cut: AskedCut,
    wanted: PatientSearch,
    caller: Caller = needs("patients.read"),
) -> Page[Patient]:
    """By name, those whom the caller may see. For the next page, send the same body to `next`. It is a POST so that
    what is known of a patient stays out of URLs. Written to the audit, without what was searched for."""
    found, last = await reading(hub, partial(_found, wanted=wanted, cut=cut, caller=caller))
    await writing(hub, partial(record_search, actor=caller.actor, at=hub.clock()))
    return linked(request, response, cut, [Patient.of(row) for row in found], last)


@router.get("/{patient_id:int}", summary="Get a patient with identifiers and visits")
async def get_patient(patient_id: IdInPath, hub: Hub, caller: Caller = needs("patients.read")) -> PatientInFull:
    """With the visits at the caller's places, latest first. Reading it is written to the audit. The patient's orders
    are at `/orders?patient_id=`."""

    def read(tx: Tx) -> tuple[PatientRow, list[IdentifierRow], list[VisitRow]]:
        row = patients.get(tx, patient_id)
        if row is None or not visible_patients(tx, caller.rights, [row]):
            raise NotFound(ABSENT)
        return row, patients.identifiers(tx, [row.id]), patients.visits(tx, row.id)

    row, identifiers, visits = await reading(hub, read)
    note = partial(record_access, subject="patient", subject_id=row.id, patient_id=row.id, place_id=None)
    await writing(hub, partial(note, actor=caller.actor, at=hub.clock()))
    return PatientInFull(
        **Patient.of(row).model_dump(),
        identifiers=[Identifier(type=each.type, authority=each.authority, value=each.value) for each in identifiers],
        visits=[_visit(each) for each in visits if caller.rights.may("patients.read", each.place_id)],
    )


def _found(tx: Tx, wanted: PatientSearch, cut: Cut, caller: Caller) -> tuple[list[PatientRow], int | None]:
    """One page, and the id of the patient behind whom the next one begins."""
    search = PatientFilter(wanted.identifier, wanted.name, searchable_organisations(tx, caller.rights))
    before = patients.get(tx, cut.before) if cut.before is not None else None
    after = patients.cursor_of(before) if before else None
    visible: list[PatientRow] = []
    for _ in range(_MOST_SEEN // _AT_ONCE):
        rows = patients.listed(tx, search, after=after, limit=_AT_ONCE)
        visible += visible_patients(tx, caller.rights, rows)
        if len(visible) > cut.limit:
            return visible[: cut.limit], visible[cut.limit - 1].id
        if len(rows) < _AT_ONCE:
            return visible, None
        after = patients.cursor_of(rows[-1])
    return visible, after.id if after else None


def _visit(row: VisitRow) -> Visit:
    kept = {name: value for name, value in row._asdict().items() if name not in ("patient_id", "changed_at")}
    times = {name: iso_or_none(kept[name]) for name in ("admitted_at", "discharged_at")}
    return Visit(**{**kept, **times})
