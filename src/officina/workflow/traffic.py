"""How messages that came and attempts that were made are counted, and what the counts say. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple

from officina.workflow.intake import OUTCOMES

MINUTE: Final = 60_000_000  # microseconds
BUCKET: Final = 5 * MINUTE  # how much time is counted together
KEPT: Final = 35 * 24 * 60 * MINUTE
HOUR: Final = 12  # buckets

_ACCEPTED: Final = frozenset(str(state) for state, told in OUTCOMES.items() if told == "accept")

Column = Literal["taken", "no_effect", "refused", "sent", "not_sent"]


class Counts(NamedTuple):
    """``taken`` changed the book; ``no_effect``: kept without effect; ``refused``: the sender was told so. ``sent``:
    taken by the receiver; ``not_sent``: attempts that came to something else.
    """

    taken: int = 0
    no_effect: int = 0
    refused: int = 0
    sent: int = 0
    not_sent: int = 0

    @property
    def received(self) -> int:
        return self.taken + self.no_effect + self.refused

    def plus(self, other: Counts) -> Counts:
        return Counts(*map(sum, zip(self, other, strict=True)))

    def minus(self, other: Counts) -> Counts:
        return Counts(*(mine - its for mine, its in zip(self, other, strict=True)))


NOTHING: Final = Counts()


class Rates(NamedTuple):
    """Messages a minute."""

    received: float
    sent: float


def of_message(state: str) -> Column:
    """Where a received message in this state counts."""
    if state == "accepted":
        return "taken"
    return "no_effect" if state in _ACCEPTED else "refused"


def of_attempt(result: str) -> Column:
    """Where an attempt that came to this counts."""
    return "sent" if result == "accepted" else "not_sent"


def bucket(at: int) -> int:
    """When the bucket of an instant begins."""
    return at - at % BUCKET


def series(counted: Mapping[int, Counts], now: int, buckets: int = HOUR) -> list[Counts]:
    """The counts of the last buckets, oldest first, up to the one that is not over yet."""
    last = bucket(now)
    return [counted.get(last - BUCKET * back, NOTHING) for back in reversed(range(buckets))]


def between(counted: Mapping[int, Counts], since: int, until: int) -> Counts:
    """All that was counted in buckets which begin at ``since`` or later and before ``until``."""
    return added([counted[at] for at in range(bucket(since + BUCKET - 1), until, BUCKET) if at in counted])


def rates(counted: Mapping[int, Counts], now: int) -> Rates:
    """Over the last whole bucket and the one that is not over yet, so that a new bucket does not begin with 0."""
    both = added(series(counted, now, 2))
    minutes = (now - bucket(now) + BUCKET) / MINUTE
    return Rates(both.received / minutes, both.sent / minutes)


def added(counts: Sequence[Counts]) -> Counts:
    """All of them together."""
    total = NOTHING
    for each in counts:
        total = total.plus(each)
    return total
