"""The places a person may look at, and the one they are looking at now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from officina.store import people, places

if TYPE_CHECKING:
    from officina.store.site import PlaceRow
    from officina.web.visit import Visit


class Choice(NamedTuple):
    """A place one may look at; ``depth`` 0 for the outermost."""

    id: int
    name: str
    code: str
    depth: int


def choices(visit: Visit) -> list[Choice]:
    """The places whose messages or orders the person may see, each under the one it belongs to."""
    allowed = [visit.places(permission) for permission in ("messages.read", "orders.read")]
    everywhere = any(held is None for held in allowed)
    ids = frozenset[int]().union(*(held for held in allowed if held is not None))
    rows = [row for row in places.every(visit.tx) if row.state == "active" and (everywhere or row.id in ids)]
    return list(_nested(rows))


def _nested(rows: Sequence[PlaceRow]) -> Iterator[Choice]:
    known = {row.id for row in rows}

    def below(parent_id: int | None, depth: int) -> Iterator[Choice]:
        for row in rows:
            if (row.parent_id if row.parent_id in known else None) == parent_id:
                yield Choice(row.id, row.name, row.code, depth)
                yield from below(row.id, depth + 1)

    return below(None, 0)


def chosen(visit: Visit) -> int | None:
    """The place the address names, if it names one."""
    return number_of(visit.query.get("place", ""))


def within(visit: Visit, permission: str) -> frozenset[int] | None:
    """The places to look at: those of the permission, narrowed to the chosen one and all below it. None: everywhere."""
    held, place_id = visit.places(permission), chosen(visit)
    if place_id is None:
        return held
    asked = people.places_below(visit.tx, place_id) | {place_id}
    return asked if held is None else asked & held


def name_of(visit: Visit, text: str) -> str:
    """What the place is called that an address names, if the person may look at it."""
    if not text:
        return ""
    return next((each.name for each in choices(visit) if str(each.id) == text), "Another place")


def number_of(text: str) -> int | None:
    """An id as it stands in an address; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
