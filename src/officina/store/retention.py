"""What pruning reads and removes: messages of one connector, the oldest first, a page at a time.

Which of them may go is decided above. Patients, orders, their versions, events, deliveries and attempts stay.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Select, delete, func, literal_column, select, union_all

from officina.store.listing import number
from officina.store.query import Query, among
from officina.store.schema import attempt, delivery, event, kept_back, message, message_body, message_number, retention

if TYPE_CHECKING:
    from officina.store.tx import Tx


class OldMessage(NamedTuple):
    """A message as pruning sees it."""

    id: int
    received_at: int
    state: str


_COLUMNS = [message.c[name] for name in OldMessage._fields]
_IDS = {"ids": ["bigint"]}
_AFTER = Query(
    "retention.after",
    select(*_COLUMNS)
    .where(message.c.connector_id == number("connector_id"), message.c.id > number("after"))
    .order_by(message.c.id)
    .limit(number("limit")),
)
_KEPT_BACK = Query(
    "retention.kept_back",
    select(*_COLUMNS)
    .join_from(kept_back, message, message.c.id == kept_back.c.message_id)
    .where(kept_back.c.connector_id == number("connector_id"), kept_back.c.message_id > number("after"))
    .order_by(kept_back.c.message_id)
    .limit(number("limit")),
)
_THROUGH = Query(
    "retention.through",
    select(retention.c.bodies_through).where(retention.c.connector_id == number("connector_id")),
)
_NEWEST = Query(
    "retention.newest",
    select(message.c.id).where(message.c.connector_id == number("connector_id")).order_by(message.c.id.desc()).limit(1),
)


def _owed() -> Select[tuple[int, str]]:
    """By the delivery that sends it, by the event it caused, and by what was sent before a person changed it."""
    waits = delivery.c.state.in_([literal_column("'queued'"), literal_column("'failed'")])
    sent = select(delivery.c.message_id, delivery.c.state).where(among(delivery.c.message_id, "ids"), waits)
    told = (
        select(event.c.message_id, delivery.c.state)
        .join_from(event, delivery, delivery.c.event_id == event.c.id)
        .where(among(event.c.message_id, "ids"), waits)
    )
    tried = (
        select(attempt.c.message_id, delivery.c.state)
        .join_from(attempt, delivery, delivery.c.id == attempt.c.delivery_id)
        .where(among(attempt.c.message_id, "ids"), waits)
    )
    every = union_all(sent, told, tried).subquery("every")
    return select(every.c.message_id, func.max(every.c.state)).group_by(every.c.message_id)


_OWED = Query("retention.owed", _owed(), sets=_IDS)
_WITH_BODY = Query(
    "retention.with_body", select(message_body.c.message_id).where(among(message_body.c.message_id, "ids")), sets=_IDS
)
_DROP_BODIES = Query(
    "retention.drop_bodies", delete(message_body).where(among(message_body.c.message_id, "ids")), sets=_IDS
)
_DROP_NUMBERS = Query(
    "retention.drop_numbers", delete(message_number).where(among(message_number.c.message_id, "ids")), sets=_IDS
)
_DROP_KEPT_BACK = Query(
    "retention.drop_kept_back", delete(kept_back).where(among(kept_back.c.message_id, "ids")), sets=_IDS
)
_DROP_MESSAGES = Query("retention.drop_messages", delete(message).where(among(message.c.id, "ids")), sets=_IDS)


def after(tx: Tx, connector_id: int, *, after: int, limit: int) -> list[OldMessage]:
    """The messages of a connector that come after this id, in the order in which they came."""
    return [OldMessage(*row) for row in tx.all(_AFTER, connector_id=connector_id, after=after, limit=limit)]


def left(tx: Tx, connector_id: int, *, after: int, limit: int) -> list[OldMessage]:
    """The same of those whose bodies were kept back."""
    return [OldMessage(*row) for row in tx.all(_KEPT_BACK, connector_id=connector_id, after=after, limit=limit)]


def newest(tx: Tx, connector_id: int) -> int | None:
    """The last message of a connector."""
    row = tx.one(_NEWEST, connector_id=connector_id)
    return int(row[0]) if row else None


def owed(tx: Tx, message_ids: Collection[int]) -> dict[int, str]:
    """Those of these messages that a delivery still needs, and whether it is ``queued`` or, if none is, ``failed``."""
    return {int(row[0]): str(row[1]) for row in tx.all(_OWED, ids=list(message_ids))} if message_ids else {}


def with_body(tx: Tx, message_ids: Collection[int]) -> set[int]:
    """Those of these messages whose bodies are still there."""
    return {int(row[0]) for row in tx.all(_WITH_BODY, ids=list(message_ids))} if message_ids else set()


def through(tx: Tx, connector_id: int) -> int:
    """Up to which message the bodies of a connector have been gone through."""
    row = tx.one(_THROUGH, connector_id=connector_id)
    return int(row[0]) if row else 0


def set_through(tx: Tx, connector_id: int, message_id: int) -> None:
    row = {"connector_id": connector_id, "bodies_through": message_id}
    if tx.one(_THROUGH, connector_id=connector_id) is None:
        tx.insert(retention, [row])
    else:
        tx.update(retention, [row])


def keep_back(tx: Tx, connector_id: int, message_ids: Sequence[int]) -> None:
    """Remember that the bodies of these could not go yet."""
    tx.insert(kept_back, [{"connector_id": connector_id, "message_id": each} for each in message_ids])


def drop_bodies(tx: Tx, message_ids: Collection[int]) -> int:
    """Remove what these messages said; how many had said something."""
    if not message_ids:
        return 0
    ids = list(message_ids)
    tx.change(_DROP_KEPT_BACK, ids=ids)
    return tx.change(_DROP_BODIES, ids=ids)


def drop_messages(tx: Tx, message_ids: Collection[int]) -> int:
    """Remove these messages with all that is kept of them alone; how many there were."""
    if not message_ids:
        return 0
    ids = list(message_ids)
    drop_bodies(tx, ids)
    tx.change(_DROP_NUMBERS, ids=ids)
    return tx.change(_DROP_MESSAGES, ids=ids)
