"""What a resident is given, was given and is to be given, as their nurses' decisions left it."""

from __future__ import annotations

import csv
import io
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from officina.actions.access import record_access, visible_patients
from officina.actions.export.forms import harmless
from officina.api.fields import AtInQuery, IdInPath, Instant, iso_or_none
from officina.api.fields import at as instant
from officina.api.identity import ABSENT, Caller, needs
from officina.api.services import Hub, Services, reading, writing
from officina.clock import iso
from officina.errors import NotFound
from officina.order.order import facts_of
from officina.store import Tx, patients, reviews
from officina.store.rows import MedicationRow
from officina.workflow.medication import MedicationState, state_at

router = APIRouter(prefix="/patients", tags=["patients"])

_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": {"text/csv": {"schema": {"type": "string"}}}}
}
_COLUMNS = ("id", "place_id", "order_id", "state", "drug_text", "directions", "starts_at", "ends_at", "changed_at")
AskedState = Annotated[MedicationState | None, Query(description="Only those in this state at that moment.")]


class Medication(BaseModel):
    """A medication on a resident's list."""

    id: int
    place_id: int
    patient_id: int
    order_id: int | None = Field(description="The order it came from, or that renewed it last.")
    state: MedicationState = Field(description="At the moment asked for, by its start and end.")
    drug_text: str
    directions: str = Field(description="In the pharmacy's words.")
    starts_at: Instant
    ends_at: Instant | None
    changed_at: Instant
    facts: dict[str, Any] = Field(description="What the order said when it was approved, as in an order's versions.")

    @classmethod
    def of(cls, row: MedicationRow, moment: int) -> Medication:
        facts = facts_of(row.facts)
        return cls(
            id=row.id,
            place_id=row.place_id,
            patient_id=row.patient_id,
            order_id=row.order_id,
            state=state_at(row.starts_at, row.ends_at, moment),
            drug_text=row.drug_text,
            directions=str(facts.get("directions", "")),
            starts_at=iso(row.starts_at),
            ends_at=iso_or_none(row.ends_at),
            changed_at=iso(row.changed_at),
            facts=facts,
        )


class Medications(BaseModel):
    """A resident's list of medications, the oldest first."""

    at: Instant
    items: list[Medication]


@router.get("/{patient_id:int}/medications", summary="List a resident's medications")
async def list_medications(
    patient_id: IdInPath,
    hub: Hub,
    at: AtInQuery = None,
    state: AskedState = None,
    caller: Caller = needs("medications.read"),
) -> Medications:
    """The whole list, as far as it belongs to the caller's places. Reading it is written to the audit. What a renewal
    or an undone decision changed is shown as it is now, whatever moment is asked for."""
    moment = _moment(hub, at)
    return Medications(at=iso(moment), items=await _listed(hub, patient_id, moment, state, caller))


@router.get(
    "/{patient_id:int}/medications.csv",
    summary="Take a resident's medications away as a table",
    response_class=Response,
    responses=_FILE,
)
async def download_medications(
    patient_id: IdInPath,
    hub: Hub,
    at: AtInQuery = None,
    state: AskedState = None,
    caller: Caller = needs("medications.read"),
) -> Response:
    """The same list as CSV, without the facts. Reading it is written to the audit."""
    listed = await _listed(hub, patient_id, _moment(hub, at), state, caller)
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(_COLUMNS)
    table.writerows([harmless(getattr(each, name)) for name in _COLUMNS] for each in listed)
    headers = {"Content-Disposition": 'attachment; filename="medications.csv"'}
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _moment(hub: Services, asked: AtInQuery) -> int:
    found = instant(asked)
    return hub.clock() if found is None else found


async def _listed(
    hub: Services, patient_id: int, moment: int, state: MedicationState | None, caller: Caller
) -> list[Medication]:
    """What the caller may see of the list. Raises NotFound for a patient they may not."""

    def read(tx: Tx) -> list[MedicationRow]:
        row = patients.get(tx, patient_id)
        if row is None or not visible_patients(tx, caller.rights, [row], permission="medications.read"):
            raise NotFound(ABSENT)
        rows = reviews.medications(tx, [row.id])[row.id]
        return [each for each in rows if caller.rights.may("medications.read", each.place_id)]

    rows = await reading(hub, read)
    note = partial(record_access, subject="patient", subject_id=patient_id, patient_id=patient_id, place_id=None)
    await writing(hub, partial(note, actor=caller.actor, at=hub.clock()))
    items = [Medication.of(row, moment) for row in rows]
    return [each for each in items if state in (None, each.state)]
