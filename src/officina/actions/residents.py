"""Who lives in a facility: admitted by a nurse, with what they are allergic to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from officina.actions.notify import notify
from officina.errors import Conflict, NotFound
from officina.outbound.subscription import Subscription
from officina.store import patients, reviews
from officina.store.rows import ResidentRow

if TYPE_CHECKING:
    from officina.store import Tx


def admit(
    tx: Tx,
    patient_id: int,
    place_id: int,
    subscriptions: Sequence[Subscription],
    *,
    by: str,
    at: int,
    allergies: str = "",
) -> None:
    """Make a patient the resident of a facility. Raises NotFound, Conflict (admitted already)."""
    if patients.get(tx, patient_id) is None:
        raise NotFound("there is no such patient", place="patient_id")
    known = reviews.residents(tx, [patient_id]).get(patient_id)
    if known is not None and known.state == "admitted":
        raise Conflict("already a resident", place="patient_id", remedy="look at the order again")
    row = ResidentRow(patient_id, place_id, "admitted", _lines(allergies), at, None, at)
    reviews.put_resident(tx, row)
    _tell(tx, subscriptions, "resident.admitted", row, by, at)


def note_allergies(
    tx: Tx, patient_id: int, allergies: str, subscriptions: Sequence[Subscription], *, by: str, at: int
) -> None:
    """What a resident is allergic to, a line each. Raises NotFound."""
    known = reviews.residents(tx, [patient_id]).get(patient_id)
    if known is None:
        raise NotFound("not a resident of a facility", place="patient_id")
    row = known._replace(allergies=_lines(allergies), changed_at=at)
    reviews.put_resident(tx, row)
    _tell(tx, subscriptions, "resident.updated", row, by, at)


def _lines(text: str) -> str:
    """A line each, without blanks at the ends and without repetitions; commas part as well."""
    found = (each.strip() for line in text.splitlines() for each in line.split(","))
    return "\n".join(dict.fromkeys(filter(None, found)))


def _tell(tx: Tx, subscriptions: Sequence[Subscription], kind: str, row: ResidentRow, by: str, at: int) -> None:
    notify(
        tx,
        subscriptions,
        at=at,
        kind=kind,
        subject="patient",
        subject_id=row.patient_id,
        actor=by,
        patient_id=row.patient_id,
        place_id=row.place_id,
    )
    tx.touch("reviews")
