"""What happened: the timeline, the audit line, the cause of every notification. Append-only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from officina.store.rows import EventRow
from officina.store.schema import event

if TYPE_CHECKING:
    from officina.store.tx import Tx


def record(
    tx: Tx,
    *,
    at: int,
    kind: str,
    subject: str,
    subject_id: int,
    actor: str,
    patient_id: int | None = None,
    place_id: int | None = None,
    message_id: int | None = None,
    detail: Mapping[str, object] | None = None,
) -> int:
    """Write one event and return its id.

    ``subject`` is the table of what it happened to; ``actor`` is ``connector:NAME``, ``person:LOGIN``, ``key:PREFIX``
    or ``system``; ``detail`` must hold no patient data.
    """
    event_id = tx.id()
    text = json.dumps(detail, ensure_ascii=False, separators=(",", ":")) if detail else None
    tx.insert(event, [EventRow(event_id, at, kind, subject, subject_id, actor, patient_id, place_id, message_id, text)])
    return event_id
