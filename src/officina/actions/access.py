"""A person or partner looked at a patient's data: the one line that says who, when and at what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from officina.store import events

if TYPE_CHECKING:
    from officina.store import Tx

SUBJECTS = frozenset({"patient", "order", "message"})


def record_access(
    tx: Tx,
    subject: str,
    subject_id: int,
    *,
    patient_id: int | None,
    place_id: int | None,
    actor: str,
    at: int,
) -> None:
    """Writes ``patient.read``, ``order.read`` or ``message.read``. To be committed before the data is handed out."""
    if subject not in SUBJECTS:
        raise ValueError(f"no access line for {subject}")
    events.record(
        tx,
        at=at,
        kind=f"{subject}.read",
        subject=subject,
        subject_id=subject_id,
        actor=actor,
        patient_id=patient_id,
        place_id=place_id,
    )
