"""Deliveries as their connectors send them and as people look after them: queues, the error queue, attempts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, func, literal_column, select
from sqlalchemy.sql.elements import ClauseElement

from officina.store.listing import Condition, Listing, number
from officina.store.query import Query, among, keys
from officina.store.rows import AttemptRow, DeliveryRow
from officina.store.schema import attempt, connector, delivery

if TYPE_CHECKING:
    from officina.store.tx import Tx


class Depth(NamedTuple):
    """A connector's queue: how many wait, since when the first of them does, how many are in the error queue."""

    queued: int
    oldest_at: int | None
    failed: int


# Written into the text, not bound: only so do the indexes of queued and failed deliveries serve.
_QUEUED: ColumnElement[bool] = delivery.c.state == literal_column("'queued'")
_FAILED: ColumnElement[bool] = delivery.c.state == literal_column("'failed'")
_OF_CONNECTOR = delivery.c.connector_id == number("connector_id")
# What a person put before the others is few, and has an index of its own; all else goes by its age.
_FRONT: ColumnElement[bool] = delivery.c.rank < literal_column("0")
_NOT_BESIDE = ~among(delivery.c.lane, "lanes")


def _head(name: str, *conditions: ColumnElement[bool], first: Sequence[ColumnElement[Any]], **sets: list[str]) -> Query:
    chosen = select(delivery).where(_QUEUED, _OF_CONNECTOR, *conditions)
    return Query(f"deliveries.{name}", chosen.order_by(*first).limit(number("limit")), sets=sets)


_BY_RANK, _BY_AGE = (delivery.c.rank, delivery.c.id), (delivery.c.id,)
_HEADS = (
    _head("front", _FRONT, first=_BY_RANK),
    _head("head", ~_FRONT, first=_BY_AGE),
)
_HEADS_BESIDE = (
    _head("front_beside", _FRONT, _NOT_BESIDE, first=_BY_RANK, lanes=["text"]),
    _head("head_beside", ~_FRONT, _NOT_BESIDE, first=_BY_AGE, lanes=["text"]),
)
_GET = Query("deliveries.get", select(delivery).where(delivery.c.id == number("id")))
_BY_IDS = Query("deliveries.by_ids", select(delivery).where(among(delivery.c.id, "ids")), sets={"ids": ["bigint"]})
_OF_MESSAGE = Query(
    "deliveries.of_message",
    select(delivery).where(delivery.c.message_id == number("id")).order_by(delivery.c.id).limit(100),
)
_ATTEMPTS = Query(
    "deliveries.attempts",
    select(attempt)
    .where(attempt.c.delivery_id == number("id"))
    .order_by(attempt.c.number.desc())
    .limit(number("limit")),
)
_LAST = Query(
    "deliveries.last_attempts",
    lambda dialect: _last_of_each(dialect),
    sets={"ids": ["bigint"]},
)


def _last_of_each(dialect: str) -> ClauseElement:
    source, (delivery_id,) = keys(dialect, "ids", ("bigint",))
    each = attempt.alias("each")
    newest = select(func.max(each.c.number)).where(each.c.delivery_id == delivery_id).scalar_subquery()
    joined = source.join(attempt, (attempt.c.delivery_id == delivery_id) & (attempt.c.number == newest))
    return select(attempt).select_from(joined)


def _failed(each: FromClause) -> ColumnElement[bool]:
    return each.c.state == literal_column("'failed'")


def _queued(each: FromClause) -> ColumnElement[bool]:
    return each.c.state == literal_column("'queued'")


_CONDITIONS: dict[str, Condition] = {"failed": _failed, "queued": _queued}
# Always of certain connectors: the indexes of queued and of failed deliveries begin with theirs.
LISTING = Listing("deliveries.listed", delivery, DeliveryRow, _CONDITIONS, within="connector_id")
_CONNECTORS = Query("deliveries.connectors", select(connector.c.id))


_OLDEST = Query(
    "deliveries.oldest",
    select(func.coalesce(delivery.c.requeued_at, delivery.c.created_at))
    .where(_QUEUED, _OF_CONNECTOR)
    .order_by(delivery.c.id)
    .limit(1),
)


def _count(name: str, *conditions: ColumnElement[bool]) -> Query:
    """Ordered, so that it goes along the index of these deliveries however many there are."""
    some = select(delivery.c.id).where(*conditions).order_by(delivery.c.id).limit(number("most")).subquery()
    return Query(f"deliveries.{name}", select(func.count()).select_from(some))


_COUNT_QUEUED = _count("count_queued", _QUEUED, _OF_CONNECTOR)
_COUNT_FAILED = _count("count_failed", _FAILED, _OF_CONNECTOR)
_COUNT_ALL_FAILED = Query(
    "deliveries.count_all_failed",
    select(func.count()).select_from(select(delivery.c.id).where(_FAILED).limit(number("most")).subquery()),
)


def head(tx: Tx, connector_id: int, *, beside: Collection[str] = (), limit: int = 64) -> list[DeliveryRow]:
    """What a connector sends next, in order; ``beside`` are lanes that wait."""
    lanes = {"lanes": list(beside)} if beside else {}
    found: list[DeliveryRow] = []
    for query in _HEADS_BESIDE if beside else _HEADS:
        if len(found) < limit:
            rows = tx.all(query, connector_id=connector_id, limit=limit - len(found), **lanes)
            found += [DeliveryRow(*row) for row in rows]
    return found


def get(tx: Tx, delivery_id: int) -> DeliveryRow | None:
    row = tx.one(_GET, id=delivery_id)
    return DeliveryRow(*row) if row else None


def by_ids(tx: Tx, ids: Iterable[int]) -> dict[int, DeliveryRow]:
    wanted = list(dict.fromkeys(ids))
    rows = [DeliveryRow(*row) for row in tx.all(_BY_IDS, ids=wanted)] if wanted else []
    return {row.id: row for row in rows}


def of_message(tx: Tx, message_id: int) -> list[DeliveryRow]:
    """The deliveries that send this message; at most 100."""
    return [DeliveryRow(*row) for row in tx.all(_OF_MESSAGE, id=message_id)]


def listed(
    tx: Tx,
    *,
    state: str,
    connector_id: int | None = None,
    before: int | None = None,
    after: int | None = None,
    limit: int = 50,
) -> list[DeliveryRow]:
    """Deliveries that are ``queued`` or ``failed``, newest first; with ``after`` those next newer than that id."""
    within = [row[0] for row in tx.all(_CONNECTORS)] if connector_id is None else [connector_id]
    return LISTING.rows(tx, {state: True}, within=within, before=before, after=after, limit=limit)


def attempts(tx: Tx, delivery_id: int, *, limit: int = 100) -> list[AttemptRow]:
    """The attempts of a delivery, the newest first."""
    return [AttemptRow(*row) for row in tx.all(_ATTEMPTS, id=delivery_id, limit=limit)]


def last_attempts(tx: Tx, delivery_ids: Iterable[int]) -> dict[int, AttemptRow]:
    """The newest attempt of each of these deliveries that has one, by delivery."""
    ids = list(dict.fromkeys(delivery_ids))
    rows = [AttemptRow(*row) for row in tx.all(_LAST, ids=ids)] if ids else []
    return {row.delivery_id: row for row in rows}


def depth(tx: Tx, connector_id: int, *, most: int = 10_000) -> Depth:
    """How much waits at a connector; counting stops at ``most``, so that it never takes long."""
    queued = tx.one(_COUNT_QUEUED, connector_id=connector_id, most=most)
    failed = tx.one(_COUNT_FAILED, connector_id=connector_id, most=most)
    oldest = tx.one(_OLDEST, connector_id=connector_id)
    return Depth(int(queued[0]) if queued else 0, oldest[0] if oldest else None, int(failed[0]) if failed else 0)


def count_failed(tx: Tx, *, most: int) -> int:
    """How much is in all error queues; counting stops at ``most``."""
    row = tx.one(_COUNT_ALL_FAILED, most=most)
    return int(row[0]) if row else 0


def update(tx: Tx, rows: Sequence[Mapping[str, object]]) -> None:
    """Mappings of ``id`` and what to set."""
    tx.update(delivery, rows)


def insert_attempts(tx: Tx, rows: Sequence[AttemptRow]) -> None:
    tx.insert(attempt, rows)


def again(connector_id: int) -> str:
    """The topic that tells that something was queued again, which may go before what waits."""
    return f"deliveries:{connector_id}:again"


def announce(tx: Tx, connector_ids: Iterable[int]) -> None:
    """Tell whoever sends for these connectors that something was queued again."""
    for connector_id in connector_ids:
        tx.touch(again(connector_id))
    tx.touch("deliveries")
