"""What happened: the timeline, the audit line, the cause of every notification. Append-only."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from sqlalchemy import select

from officina.store.listing import Condition, Listing, equals, number
from officina.store.query import Query, among
from officina.store.rows import DeliveryRow, EventRow
from officina.store.schema import delivery, event

if TYPE_CHECKING:
    from officina.store.tx import Tx


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What events to list. None: whichever. ``subject`` goes with ``subject_id``.

    ``unprompted`` True: only what people and the hub itself did, without what messages caused: the audit trail.
    ``kind`` and ``actor`` search the audit trail, unless a subject, patient or message narrows the search.
    """

    subject: str | None = None
    subject_id: int | None = None
    patient_id: int | None = None
    message_id: int | None = None
    kind: str | None = None
    actor: str | None = None
    unprompted: bool | None = None


_CONDITIONS: dict[str, Condition] = {
    "subject": equals("subject"),
    "subject_id": equals("subject_id"),
    "patient_id": equals("patient_id"),
    "message_id": equals("message_id"),
    "kind": equals("kind"),
    "actor": equals("actor"),
    "unprompted": lambda each: each.c.message_id.is_(None),
}
LISTING = Listing("events.listed", event, EventRow, _CONDITIONS, within="patient_id")
_BY_IDS = Query("events.by_ids", select(event).where(among(event.c.id, "ids")), sets={"ids": ["bigint"]})
_DELIVERIES = Query(
    "events.deliveries",
    select(delivery).where(delivery.c.event_id == number("id")).order_by(delivery.c.id),
)


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


def listed(
    tx: Tx, wanted: EventFilter | None = None, *, before: int | None = None, after: int | None = None, limit: int = 50
) -> list[EventRow]:
    """Events, newest first; with ``after`` those next newer than that id. At most 500 at a time."""
    wanted = wanted or EventFilter()
    given = {field.name: getattr(wanted, field.name) for field in fields(wanted)}
    searching = wanted.kind is not None or wanted.actor is not None
    narrow = (wanted.subject_id, wanted.patient_id, wanted.message_id) != (None, None, None)
    given["unprompted"] = True if wanted.unprompted or (searching and not narrow) else None
    return LISTING.rows(tx, given, before=before, after=after, limit=limit)


def by_ids(tx: Tx, event_ids: Iterable[int]) -> dict[int, EventRow]:
    """Several events at once."""
    wanted = list(dict.fromkeys(event_ids))
    rows = [EventRow(*row) for row in tx.all(_BY_IDS, ids=wanted)] if wanted else []
    return {row.id: row for row in rows}


def deliveries(tx: Tx, event_id: int) -> list[DeliveryRow]:
    """Where an event went."""
    return [DeliveryRow(*row) for row in tx.all(_DELIVERIES, id=event_id)]
