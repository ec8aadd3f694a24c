"""Access to patients' data: who may see which patient, and the one line that says who looked, when and at what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from officina.store import events, places, presence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from officina.store import Tx
    from officina.store.rows import PatientRow
    from officina.workflow.rights import Rights

Subject = Literal["patient", "order", "message"]


def visible_patients(tx: Tx, rights: Rights, rows: Sequence[PatientRow]) -> list[PatientRow]:
    """Those who may be seen: all of an organisation where the right is held there; at a place below it only those the
    place has met."""
    held = rights.places("patients.read")
    if held is None:
        return list(rows)
    met = presence.met(tx, [row.id for row in rows if row.organisation_id not in held], held)
    return [row for row in rows if row.organisation_id in held or row.id in met]


def searchable_organisations(tx: Tx, rights: Rights) -> frozenset[int] | None:
    """The organisations among whose patients `visible_patients` may find some; None: all."""
    held = rights.places("patients.read")
    if held is None:
        return None
    above = places.organisations(places.every(tx))
    return frozenset(above[place_id] for place_id in held if place_id in above)


def record_access(
    tx: Tx,
    subject: Subject,
    subject_id: int,
    *,
    patient_id: int | None,
    place_id: int | None,
    actor: str,
    at: int,
) -> None:
    """Writes ``patient.read``, ``order.read`` or ``message.read``; to be committed before the data is handed out.

    The event's subject is the patient where one is known, not the order: it belongs to the patient's access log, and
    a partner that polls an order does not lengthen the order's timeline.
    """
    known = patient_id is not None and subject != "patient"
    events.record(
        tx,
        at=at,
        kind=f"{subject}.read",
        subject="patient" if known else subject,
        subject_id=patient_id if known and patient_id is not None else subject_id,
        actor=actor,
        patient_id=patient_id,
        place_id=place_id,
        detail={subject: subject_id} if known else None,
    )


def record_listing(tx: Tx, patient_ids: Iterable[int], *, actor: str, at: int) -> None:
    """Writes ``order.listed``: one line for a page of orders, with whose they are. Nothing for an empty page.

    Orders of one patient alone are a line in that patient's access log.
    """
    ids = sorted(set(patient_ids))
    if not ids:
        return
    only = ids[0] if len(ids) == 1 else None
    detail = {"patients": ids} if only is None else None
    events.record(
        tx,
        at=at,
        kind="order.listed",
        subject="patient",
        subject_id=only or 0,
        actor=actor,
        patient_id=only,
        detail=detail,
    )


def record_export(tx: Tx, *, filters: Iterable[str], actor: str, at: int) -> None:
    """Writes ``message.exported``: the list of messages was taken away as a file. Names filters, not their values."""
    detail = {"filters": sorted(filters)}
    events.record(tx, at=at, kind="message.exported", subject="site", subject_id=0, actor=actor, detail=detail)


def record_search(tx: Tx, *, actor: str, at: int) -> None:
    """Writes ``patient.searched``, without what was searched for."""
    events.record(tx, at=at, kind="patient.searched", subject="patient", subject_id=0, actor=actor)
