"""Pruning: what messages said goes first, later that they were there. Whatever is still needed stays.

A step is one transaction over a page of one connector's messages, so that nobody waits for it. Trying it out is the
same step without its writing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from officina.store import events, retention
from officina.store.retention import OldMessage
from officina.workflow.retention import Need, need

if TYPE_CHECKING:
    from officina.store import Tx

PAGE = 200


class Walk(NamedTuple):
    """Through the messages of a connector that came before ``until``. ``trial``: nothing is removed."""

    connector_id: int
    until: int
    now: int
    trial: bool = False


class Step(NamedTuple):
    """How many went (or would), what the others are needed for, and after which id to go on; None at the end."""

    gone: int
    kept: Counter[Need]
    after: int | None


def bodies_step(tx: Tx, walk: Walk, after: int | None = None) -> Step:
    """The next page of bodies: from where the last run ended, or after the id that the step before said."""
    start = retention.through(tx, walk.connector_id) if after is None else after
    page = retention.after(tx, walk.connector_id, after=start, limit=PAGE)
    old = _old(page, walk)
    needed = _needed(tx, old, walk)
    free = [row.id for row in old if row.id not in needed]
    if old and not walk.trial:
        retention.drop_bodies(tx, free)
        retention.keep_back(tx, walk.connector_id, list(needed))
        retention.set_through(tx, walk.connector_id, old[-1].id)
    return Step(len(free), Counter(needed.values()), _further(page, old))


def left_step(tx: Tx, walk: Walk, after: int = 0) -> Step:
    """The next page of bodies that earlier runs kept back."""
    page = retention.left(tx, walk.connector_id, after=after, limit=PAGE)
    old = [row for row in page if row.received_at < walk.until]  # since they were kept back, more days may be wanted
    needed = _needed(tx, old, walk)
    free = [row.id for row in old if row.id not in needed]
    if not walk.trial:
        retention.drop_bodies(tx, free)
    return Step(len(free), Counter(needed.values()), _further(page, page))


def messages_step(tx: Tx, walk: Walk, after: int = 0) -> Step:
    """The next page of messages, with all that is kept of them alone. The newest stays: by it silence is told."""
    page = retention.after(tx, walk.connector_id, after=after, limit=PAGE)
    old = _old(page, walk)
    needed = _needed(tx, old, walk)
    if old and old[-1].id == retention.newest(tx, walk.connector_id):
        needed.setdefault(old[-1].id, "newest")
    free = [row.id for row in old if row.id not in needed]
    if not walk.trial:
        retention.drop_messages(tx, free)
    return Step(len(free), Counter(needed.values()), _further(page, old))


def conclude(tx: Tx, connector_id: int, *, bodies: int, messages: int, kept: Counter[Need], at: int) -> None:
    """One audit line for all that a run removed of a connector."""
    events.record(
        tx,
        at=at,
        kind="connector.pruned",
        subject="connector",
        subject_id=connector_id,
        actor="system",
        detail={"bodies": bodies, "messages": messages, "kept": dict(kept)},
    )


def _old(page: Sequence[OldMessage], walk: Walk) -> list[OldMessage]:
    """Ids are given in the order in which messages come, so the first that is too young ends it; unless its clock was
    wrong, and it would for years.
    """
    for position, row in enumerate(page):
        if walk.until <= row.received_at <= walk.now:
            return list(page[:position])
    return list(page)


def _needed(tx: Tx, rows: Sequence[OldMessage], walk: Walk) -> dict[int, Need]:
    owed = retention.owed(tx, [row.id for row in rows])
    found = {row.id: need(row.state, owed.get(row.id)) for row in rows}
    found |= {row.id: "future" for row in rows if row.received_at > walk.now}
    return {message_id: why for message_id, why in found.items() if why is not None}


def _further(page: Sequence[OldMessage], old: Sequence[OldMessage]) -> int | None:
    return page[-1].id if len(page) == PAGE == len(old) else None
