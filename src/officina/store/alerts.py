"""Alerts, open and over, and the notices of them that wait to be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import ColumnElement, func, literal_column, select

from officina.store.listing import number
from officina.store.query import Query, among
from officina.store.rows import AlertRow, MessageRow, NoticeRow
from officina.store.schema import alert, message, notice

if TYPE_CHECKING:
    from officina.store.tx import Tx

_OPEN: ColumnElement[bool] = alert.c.closed_at.is_(None)
# Written into the text, not bound: only so does the index of those that wait serve.
_WAITING: ColumnElement[bool] = notice.c.state == literal_column("'waiting'")
_ALL_OPEN = Query("alerts.open", select(alert).where(_OPEN).order_by(alert.c.kind, alert.c.subject))
_COUNTS = Query("alerts.counts", select(alert.c.kind, func.count()).where(_OPEN).group_by(alert.c.kind))
_UNANSWERED = Query(
    "alerts.unanswered", select(func.count(), func.max(alert.c.urgent)).where(_OPEN, alert.c.acknowledged_at.is_(None))
)
_GET = Query("alerts.get", select(alert).where(alert.c.id == number("id")))
_BY_IDS = Query("alerts.by_ids", select(alert).where(among(alert.c.id, "ids")), sets={"ids": ["bigint"]})
_RECENT = Query(
    "alerts.recent",
    select(alert).where(alert.c.id < number("before")).order_by(alert.c.id.desc()).limit(number("limit")),
)
_DUE = Query(
    "alerts.due",
    select(notice).where(_WAITING, notice.c.due_at <= number("at")).order_by(notice.c.due_at, notice.c.id).limit(500),
)
_NEXT_DUE = Query(
    "alerts.next_due", select(notice.c.due_at).where(_WAITING).order_by(notice.c.due_at, notice.c.id).limit(1)
)
_NOTICE = Query("alerts.notice", select(notice).where(notice.c.id == number("id")))
_NOTICES = Query(
    "alerts.notices",
    select(notice).where(among(notice.c.alert_id, "ids")).order_by(notice.c.id),
    sets={"ids": ["bigint"]},
)
_LAST_RECEIVED = Query(
    "alerts.last_received",
    select(message)
    .where(message.c.connector_id == number("connector_id"))
    .order_by(message.c.id.desc())
    .limit(number("limit")),
)
_LATEST = 2**63 - 1


def still_open(tx: Tx) -> list[AlertRow]:
    """Every alert that is open."""
    return [AlertRow(*row) for row in tx.all(_ALL_OPEN)]


def counts(tx: Tx) -> dict[str, int]:
    """How many are open, by kind."""
    return {str(kind): int(count) for kind, count in tx.all(_COUNTS)}


class Unanswered(NamedTuple):
    """How many alerts are open that nobody has acknowledged, and whether one of them is urgent."""

    alerts: int
    urgent: bool


def unanswered(tx: Tx) -> Unanswered:
    """What waits for somebody to take it on."""
    row = tx.one(_UNANSWERED)
    return Unanswered(int(row[0]), bool(row[1])) if row else Unanswered(0, False)


def get(tx: Tx, alert_id: int) -> AlertRow | None:
    row = tx.one(_GET, id=alert_id)
    return AlertRow(*row) if row else None


def by_ids(tx: Tx, ids: Iterable[int]) -> dict[int, AlertRow]:
    wanted = list(dict.fromkeys(ids))
    rows = [AlertRow(*row) for row in tx.all(_BY_IDS, ids=wanted)] if wanted else []
    return {row.id: row for row in rows}


def recent(tx: Tx, *, before: int | None = None, limit: int = 50) -> list[AlertRow]:
    """Alerts, open or over, the newest first."""
    return [AlertRow(*row) for row in tx.all(_RECENT, before=before or _LATEST, limit=limit)]


def add(tx: Tx, rows: Sequence[AlertRow]) -> None:
    tx.insert(alert, rows)


def update(tx: Tx, rows: Sequence[Mapping[str, object]]) -> None:
    """Mappings of ``id`` and what to set."""
    tx.update(alert, rows)


def due(tx: Tx, at: int) -> list[NoticeRow]:
    """The notices that may be told at this instant."""
    return [NoticeRow(*row) for row in tx.all(_DUE, at=at)]


def next_due(tx: Tx) -> int | None:
    """When the next of the waiting notices may be told."""
    row = tx.one(_NEXT_DUE)
    return int(row[0]) if row else None


def get_notice(tx: Tx, notice_id: int) -> NoticeRow | None:
    row = tx.one(_NOTICE, id=notice_id)
    return NoticeRow(*row) if row else None


def notices(tx: Tx, alert_ids: Iterable[int]) -> list[NoticeRow]:
    """What was or will be told of these alerts, in the order in which it came up."""
    wanted = list(alert_ids)
    return [NoticeRow(*row) for row in tx.all(_NOTICES, ids=wanted)] if wanted else []


def add_notices(tx: Tx, rows: Sequence[NoticeRow]) -> None:
    tx.insert(notice, rows)


def update_notices(tx: Tx, rows: Sequence[Mapping[str, object]]) -> None:
    """Mappings of ``id`` and what to set."""
    tx.update(notice, rows)


def last_received(tx: Tx, connector_id: int) -> int | None:
    """When the last message of a connector came."""
    row = tx.one(_LAST_RECEIVED, connector_id=connector_id, limit=1)
    return MessageRow(*row).received_at if row else None
