"""What a facility's nurses review: the open reviews, the residents' medications, and what was decided."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, bindparam, func, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ClauseElement

from officina.store.care import decision, medication, resident, review
from officina.store.listing import number
from officina.store.query import Query, among
from officina.store.rows import DecisionRow, MedicationRow, ResidentRow, ReviewRow

if TYPE_CHECKING:
    from officina.store.tx import Tx

_PENDING: ColumnElement[bool] = review.c.state != literal_column("'done'")
_OPEN = Query(
    "reviews.pending",
    select(review)
    .where(_PENDING, among(review.c.place_id, "place_ids"))
    .order_by(review.c.place_id, review.c.opened_at, review.c.order_id)
    .limit(number("limit")),
    sets={"place_ids": ["bigint"]},
)
_OLDEST = Query(
    "reviews.oldest",
    select(review.c.place_id, func.min(review.c.opened_at))
    .where(_PENDING, among(review.c.place_id, "place_ids"))
    .group_by(review.c.place_id),
    sets={"place_ids": ["bigint"]},
)
_GET = Query("reviews.get", select(review).where(review.c.order_id == number("id")))
_OF_PATIENT = Query("reviews.of_patient", select(review).where(review.c.patient_id == number("id")))
_MEDICATIONS = Query(
    "reviews.medications",
    select(medication).where(among(medication.c.patient_id, "ids")).order_by(medication.c.patient_id, medication.c.id),
    sets={"ids": ["bigint"]},
)
_MEDICATION = Query("reviews.medication", select(medication).where(medication.c.id == number("id")))
_DECISIONS = Query(
    "reviews.decisions",
    select(decision).where(decision.c.order_id == number("id")).order_by(decision.c.id.desc()).limit(number("limit")),
)
_RESIDENTS = Query(
    "reviews.residents", select(resident).where(among(resident.c.patient_id, "ids")), sets={"ids": ["bigint"]}
)


def _opening(dialect: str) -> ClauseElement:
    """Whoever had it assigned keeps it; what was approved or held of the earlier version is so no more."""
    given = {column.name: bindparam(column.name, type_=column.type) for column in review.c}
    insert = sqlite.insert(review) if dialect == "sqlite" else postgresql.insert(review)
    values = insert.values(given)
    renewed = [name for name in given if name not in ("order_id", "assigned_to")]
    return values.on_conflict_do_update(
        index_elements=["order_id"], set_={name: values.excluded[name] for name in renewed}
    )


_OPENING = Query("reviews.opening", _opening)


def pending(tx: Tx, place_ids: Collection[int], *, limit: int = 500) -> list[ReviewRow]:
    """What waits for the nurses of these facilities, the oldest first in each."""
    rows = tx.all(_OPEN, place_ids=list(place_ids), limit=limit) if place_ids else []
    return [ReviewRow(*row) for row in rows]


def oldest(tx: Tx, place_ids: Collection[int]) -> dict[int, int]:
    """Since when the first order waits for a nurse, by facility; those where none waits are left out."""
    rows = tx.all(_OLDEST, place_ids=list(place_ids)) if place_ids else []
    return {place_id: opened_at for place_id, opened_at in rows}


def get(tx: Tx, order_id: int) -> ReviewRow | None:
    row = tx.one(_GET, id=order_id)
    return ReviewRow(*row) if row else None


def of_patient(tx: Tx, patient_id: int) -> list[ReviewRow]:
    return [ReviewRow(*row) for row in tx.all(_OF_PATIENT, id=patient_id)]


def medications(tx: Tx, patient_ids: Iterable[int]) -> dict[int, list[MedicationRow]]:
    """What these residents are or were given, the oldest first, by patient."""
    found: dict[int, list[MedicationRow]] = {each: [] for each in patient_ids}
    for row in tx.all(_MEDICATIONS, ids=list(found)) if found else []:
        each = MedicationRow(*row)
        found[each.patient_id].append(each)
    return found


def medication_of(tx: Tx, medication_id: int) -> MedicationRow | None:
    row = tx.one(_MEDICATION, id=medication_id)
    return MedicationRow(*row) if row else None


def decisions(tx: Tx, order_id: int, *, limit: int = 50) -> list[DecisionRow]:
    """What was decided about an order, the newest first."""
    return [DecisionRow(*row) for row in tx.all(_DECISIONS, id=order_id, limit=limit)]


def residents(tx: Tx, patient_ids: Iterable[int]) -> dict[int, ResidentRow]:
    """Those of these patients who are residents of a facility."""
    wanted = list(dict.fromkeys(patient_ids))
    rows = [ResidentRow(*row) for row in tx.all(_RESIDENTS, ids=wanted)] if wanted else []
    return {row.patient_id: row for row in rows}


def put_resident(tx: Tx, row: ResidentRow) -> None:
    """Add a resident, or overwrite what was known of them as one."""
    if row.patient_id in residents(tx, [row.patient_id]):
        tx.update(resident, [row])
    else:
        tx.insert(resident, [row])


def open_again(tx: Tx, rows: Sequence[ReviewRow]) -> None:
    """Each of these orders is to be reviewed, whatever was decided about an earlier version."""
    if rows:
        tx.run(_OPENING, [row._asdict() for row in rows])
        tx.touch("reviews")


def update(tx: Tx, rows: Sequence[Mapping[str, object]]) -> None:
    """Mappings of ``order_id`` and what to set."""
    tx.update(review, rows)
    tx.touch("reviews")


def add_medication(tx: Tx, row: MedicationRow) -> None:
    tx.insert(medication, [row])


def change_medication(tx: Tx, row: Mapping[str, object]) -> None:
    """A mapping of ``id`` and what to set."""
    tx.update(medication, [row])


def record(tx: Tx, row: DecisionRow) -> None:
    tx.insert(decision, [row])


def mark_undone(tx: Tx, decision_id: int, at: int) -> None:
    tx.update(decision, [{"id": decision_id, "undone_at": at}])
