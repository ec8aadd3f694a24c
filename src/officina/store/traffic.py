"""How much came and went, in buckets of time for each connector. A statistic: a crash may lose its last moments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ClauseElement

from officina.store.listing import number
from officina.store.query import Query
from officina.store.schema import traffic

if TYPE_CHECKING:
    from officina.store.tx import Tx


class TrafficRow(NamedTuple):
    """What was counted for a connector from ``begins_at`` on, until the next bucket begins."""

    begins_at: int
    connector_id: int
    taken: int
    no_effect: int
    refused: int
    sent: int
    not_sent: int


def _adding(dialect: str) -> ClauseElement:
    given = {column.name: bindparam(column.name, type_=column.type) for column in traffic.c}
    keys = list(traffic.primary_key.columns)
    insert = sqlite.insert(traffic) if dialect == "sqlite" else postgresql.insert(traffic)
    values = insert.values(given)
    sums = {each.name: each + values.excluded[each.name] for each in traffic.c if each not in set(keys)}
    return values.on_conflict_do_update(index_elements=keys, set_=sums)


_ADDED = Query("traffic.added", _adding)
_DROPPED = Query("traffic.dropped", delete(traffic).where(traffic.c.begins_at < number("until")))
_BETWEEN = Query(
    "traffic.between",
    select(traffic)
    .where(traffic.c.begins_at >= number("since"), traffic.c.begins_at < number("until"))
    .order_by(traffic.c.begins_at, traffic.c.connector_id),
)


def add(tx: Tx, rows: Sequence[TrafficRow]) -> None:
    """Count these in addition to what is there."""
    tx.run(_ADDED, [row._asdict() for row in rows])


def drop(tx: Tx, *, until: int) -> int:
    """Forget the buckets that began before; how many there were."""
    return tx.change(_DROPPED, until=until)


def between(tx: Tx, since: int, until: int) -> list[TrafficRow]:
    """The buckets of all connectors that begin at ``since`` or later and before ``until``, oldest first."""
    return [TrafficRow(*row) for row in tx.all(_BETWEEN, since=since, until=until)]
