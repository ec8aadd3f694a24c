"""Access to patients' data: who may see which patient, and the one line that says who looked, when and at what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from officina.clock import iso
from officina.store import events, places, presence
from officina.workflow.intake import OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from officina.store import Tx
    from officina.store.messages import MessageFilter
    from officina.store.rows import MessageRow, PatientRow
    from officina.workflow.rights import Rights

Subject = Literal["patient", "order", "message"]


def visible_patients(
    tx: Tx, rights: Rights, rows: Sequence[PatientRow], *, permission: str = "patients.read"
) -> list[PatientRow]:
    """Those who may be seen: all of an organisation where the right is held there; at a place below it only those the
    place has met."""
    held = rights.places(permission)
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


def record_export(
    tx: Tx, *, form: str, wanted: MessageFilter, rows: Sequence[MessageRow], read: Collection[int], actor: str, at: int
) -> None:
    """Writes ``message.exported`` for a page of messages that is taken away: how many, and by which filter.

    ``read`` are those whose content goes along: then it says whose they are, and is a line of the access log of a
    patient who is alone in it. Of what a person typed into a filter it says that it was used, not what it was.
    """
    patients = sorted({row.patient_id for row in rows if row.id in read and row.patient_id is not None})
    only = patients[0] if len(patients) == 1 else None
    detail: dict[str, object] = {"as": form, "messages": len(rows), "filters": _described(wanted)}
    if read:
        detail["content"] = len(read)
    if patients and only is None:
        detail["patients"] = patients
    events.record(
        tx,
        at=at,
        kind="message.exported",
        subject="patient" if only is not None else "site",
        subject_id=only or 0,
        actor=actor,
        patient_id=only,
        detail=detail,
    )


def _described(wanted: MessageFilter) -> dict[str, object]:
    """A filter with the values that cannot be a patient's."""
    plain = ("connector_id", "direction")
    found: dict[str, object] = {name: value for name in plain if (value := getattr(wanted, name)) is not None}
    if wanted.state is not None:
        found["state"] = wanted.state if wanted.state in OUTCOMES else True
    for name in ("since", "until"):
        if (instant := getattr(wanted, name)) is not None:
            found[name] = iso(instant)
    typed = ("type", "facility_code", "control_id", "order_number", "patient_id")
    return found | {name: True for name in typed if getattr(wanted, name)}


def record_search(tx: Tx, *, actor: str, at: int) -> None:
    """Writes ``patient.searched``, without what was searched for."""
    events.record(tx, at=at, kind="patient.searched", subject="patient", subject_id=0, actor=actor)
