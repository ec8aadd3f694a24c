"""What a page that is already on the screen can be told: how much is newer than it, and how much of it has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from officina.web.places import number_of

PAGE = 50
MOST = 99


class News(NamedTuple):
    """``new`` rows are above those shown, ``changed`` ones among them. One past `MOST` means: even more."""

    new: int
    changed: int

    @property
    def text(self) -> str:
        """``3 new · 1 changed``, "" if there is nothing to tell."""
        counts = ((self.new, "new"), (self.changed, "changed"))
        return " · ".join(f"{f'{MOST}+' if count > MOST else count} {word}" for count, word in counts if count)


def shown(rows: Iterable[tuple[int, object]]) -> str:
    """The rows of a page, each with the version or state it is shown in: ``812.2_811.1``."""
    return "_".join(f"{row_id}.{version}" for row_id, version in rows)


def read(text: str) -> dict[int, str]:
    """The rows `shown` tells of, as the page sends them back."""
    found: dict[int, str] = {}
    for part in text.split("_")[:PAGE]:
        number, _, version = part.partition(".")
        if (row_id := number_of(number)) is not None:
            found[row_id] = version
    return found


def changed(before: Mapping[int, str], now: Iterable[tuple[int, object]]) -> int:
    """How many rows are in another version than they are shown in."""
    return sum(str(version) != before[row_id] for row_id, version in now if row_id in before)
