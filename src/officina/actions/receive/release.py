"""Releasing messages that waited for the same reason: all of them, in the order they came, in few transactions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from officina.actions.receive.book import Book
from officina.actions.receive.keep import Kept, keep_again
from officina.actions.receive.reading import Reading
from officina.outbound.subscription import Subscription
from officina.store import Tx, retention
from officina.store.rows import MessageRow
from officina.workflow.intake import may_go_again


class Released(NamedTuple):
    """What became of the messages: how many are in which state now, how many orders are new or changed; ``missing``:
    of how many nobody knows any more what they said.
    """

    states: dict[str, int]
    orders_new: int
    orders_changed: int
    missing: int = 0

    @property
    def messages(self) -> int:
        """How many there were."""
        return sum(self.states.values())

    def with_more(self, other: Released, missing: int = 0) -> Released:
        """Both together, and so many more that are missing."""
        states = dict(Counter(self.states) + Counter(other.states))
        new, changed = self.orders_new + other.orders_new, self.orders_changed + other.orders_changed
        return Released(states, new, changed, self.missing + other.missing + missing)


NOTHING = Released({}, 0, 0)


def release(
    tx: Tx, waiting: Sequence[tuple[MessageRow, Reading]], subscriptions: Sequence[Subscription], *, actor: str
) -> Released:
    """Have each message take effect as it is read now, those before it first. What may not go again is left alone."""
    return _released(tx, waiting, subscriptions, actor)[0]


def _released(
    tx: Tx, waiting: Sequence[tuple[MessageRow, Reading]], subscriptions: Sequence[Subscription], actor: str
) -> tuple[Released, list[Kept]]:
    going = [(row, reading) for row, reading in waiting if may_go_again(row.state, row.reason)]
    there = retention.with_body(tx, [row.id for row, _ in going])
    gone = len(going) - len(there)  # pruned since they were read: what would be sent on is no longer there
    going = [(row, reading) for row, reading in going if row.id in there]
    book = Book(tx, [reading for _, reading in going])
    kept = [keep_again(book, reading, row, subscriptions, actor) for row, reading in going]
    book.write()
    return _summed(book, kept)._replace(missing=gone), kept


class _Undo(Exception):
    """Takes a trial back."""


def try_out(
    tx: Tx, waiting: Sequence[tuple[MessageRow, Reading]], subscriptions: Sequence[Subscription], *, actor: str
) -> Released:
    """What `release` would come to; nothing of it stays."""
    return try_each(tx, waiting, subscriptions, actor=actor)[0]


def try_each(
    tx: Tx, waiting: Sequence[tuple[MessageRow, Reading]], subscriptions: Sequence[Subscription], *, actor: str
) -> tuple[Released, list[Kept]]:
    """The same, and what would become of each one."""
    found: tuple[Released, list[Kept]] = NOTHING, []
    try:
        with tx.nested():
            found = _released(tx, waiting, subscriptions, actor)
            raise _Undo
    except _Undo:
        return found


def _summed(book: Book, kept: Sequence[Kept]) -> Released:
    kinds = Counter(event.kind for event in book.events)
    states: Counter[str] = Counter(each.state for each in kept)
    return Released(dict(states), kinds["order.created"], kinds["order.changed"])
