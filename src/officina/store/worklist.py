"""What waits for a person among the messages, by its cause: how many, since when, and which they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import ColumnElement, bindparam, func, literal_column, select

from officina.store.listing import number
from officina.store.query import Query
from officina.store.rows import MessageRow
from officina.store.schema import message

if TYPE_CHECKING:
    from officina.store.tx import Tx

MOST_GROUPS = 500


class Cause(NamedTuple):
    """Why messages wait: what they have in common."""

    state: str
    reason: str
    facility_code: str
    connector_id: int


class Group(NamedTuple):
    """The messages of one cause."""

    cause: Cause
    messages: int
    oldest_at: int
    newest_at: int


def _bound(name: str) -> ColumnElement[str]:
    return bindparam(name, type_=message.c.state.type)


# The literals let the index of these states serve.
_WAITS = message.c.state.in_([literal_column("'parked'"), literal_column("'failed'")])
_UNCOMMON = message.c.state != literal_column("'accepted'")
_CAUSE = (message.c.state, message.c.reason, message.c.facility_code, message.c.connector_id)
_GROUPS = Query(
    "worklist.groups",
    select(*_CAUSE, func.count(), func.min(message.c.received_at), func.max(message.c.received_at))
    .where(_UNCOMMON, _WAITS, message.c.direction == literal_column("'in'"))
    .group_by(*_CAUSE)
    .order_by(func.count().desc())
    .limit(MOST_GROUPS),
)
_MEMBERS = Query(
    "worklist.members",
    select(message)
    .where(
        _UNCOMMON,
        message.c.state == _bound("state"),
        message.c.id > number("after"),
        message.c.reason == _bound("reason"),
        message.c.facility_code == _bound("facility_code"),
        message.c.connector_id == number("connector_id"),
    )
    .order_by(message.c.id)
    .limit(number("limit")),
)


def groups(tx: Tx) -> list[Group]:
    """Parked and failed messages by cause, the largest group first."""
    return [Group(Cause(*row[:4]), row[4], row[5], row[6]) for row in tx.all(_GROUPS)]


def members(tx: Tx, cause: Cause, *, after: int = 0, limit: int = 200) -> list[MessageRow]:
    """The messages of a cause in the order in which they came; ``after`` an id, the next ones."""
    return [MessageRow(*row) for row in tx.all(_MEMBERS, **cause._asdict(), after=after, limit=limit)]
