"""Reading stored messages once more, as their connector reads now and through a changed profile, without any effect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from officina.actions.receive.difference import Difference, Kind, difference, gains_an_effect
from officina.actions.receive.reading import Reading, Source, read
from officina.actions.receive.release import NOTHING, Released
from officina.actions.receive.stated import stated
from officina.store.rows import MessageRow


@dataclass(frozen=True, slots=True)
class Candidate:
    """A profile on trial: its TOML, and facility codes that would be mapped with it (code → code of the place)."""

    body: str
    codes: Mapping[str, str] = field(default_factory=dict)


class Tried(NamedTuple):
    """One message of the book and what would be different; ``would`` is the state it would come to now, "" where it
    had its effect already or would have none.
    """

    row: MessageRow
    difference: Difference
    would: str = ""

    @property
    def gains(self) -> bool:
        """Whether it had no effect, and would have one."""
        return gains_an_effect(self.difference)


class Group(NamedTuple):
    """The messages that differ in the same way."""

    kind: Kind
    messages: int


class Rehearsal(NamedTuple):
    """``missing``: how many bodies are no longer there; ``effect``: what all that gain one would do to the book."""

    tried: tuple[Tried, ...]
    missing: int = 0
    effect: Released = NOTHING

    @property
    def same(self) -> int:
        return sum(not each.difference for each in self.tried)

    @property
    def different(self) -> tuple[Tried, ...]:
        return tuple(each for each in self.tried if each.difference)

    @property
    def groups(self) -> list[Group]:
        """By kind of difference, the largest first; a message with several is in several."""
        counted = Counter(kind for each in self.tried for kind in each.difference.kinds)
        return [Group(kind, count) for kind, count in counted.most_common()]

    @property
    def gaining(self) -> list[int]:
        """The ids of messages that had no effect and would have one, in the order they came."""
        return sorted(each.row.id for each in self.tried if each.gains)


def compare(raw: bytes, row: MessageRow, now: Source, then: Source) -> tuple[Tried, Reading]:
    """One message read both ways, and its reading through the candidate."""
    before, after = (read(raw, source, at=row.received_at) for source in (now, then))
    return Tried(row, difference(stated(before), stated(after))), after


def with_outcomes(tried: Sequence[Tried], would: Mapping[int, str]) -> tuple[Tried, ...]:
    """The same with what the book would make of those that gain an effect."""
    return tuple(each._replace(would=would.get(each.row.id, "")) for each in tried)
