"""What stands around every screen: the workspaces a person may enter and the places they may look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from officina.store import places as places_in_the_book

if TYPE_CHECKING:
    from officina.store.places import Place
    from officina.web.visit import Visit


class Workspace(NamedTuple):
    """A tab of the top bar. ``permission`` is what one needs at some place to enter."""

    name: str
    title: str
    path: str
    permission: str
    icon: str
    key: str


WORKSPACES = (
    Workspace("orders", "Orders", "/orders", "orders.read", "tablets", "g o"),
    Workspace("exchange", "Exchange", "/messages", "messages.read", "waypoints", "g m"),
)


class Choice(NamedTuple):
    """A place one may look at; ``depth`` 0 for the outermost."""

    id: int
    name: str
    code: str
    depth: int


def frame_of(visit: Visit) -> dict[str, object]:
    """What the frame's template needs beyond the screen's own values."""
    places = places_of(visit)
    place_id = chosen_place(visit)
    return {
        "person": visit.session,
        "initials": "".join(word[0] for word in visit.session.name.split()[:2]).upper() or "?",
        "csrf": visit.session.csrf,
        "workspaces": [space for space in WORKSPACES if visit.session.rights.may(space.permission)],
        "workspace": "",
        "places": places,
        "place": next((place for place in places if place.id == place_id), None),
        "place_base": None,
    }


def places_of(visit: Visit) -> list[Choice]:
    """The places whose messages or orders the person may see, each under the one it belongs to."""
    allowed = [visit.places(permission) for permission in ("messages.read", "orders.read")]
    everywhere = any(places is None for places in allowed)
    ids = frozenset().union(*(places for places in allowed if places is not None))
    rows = [row for row in places_in_the_book.every(visit.tx) if row.state == "active" and (everywhere or row.id in ids)]
    return list(_nested(rows))


def _nested(rows: Sequence[Place]) -> Iterable[Choice]:
    known = {row.id for row in rows}

    def below(parent_id: int | None, depth: int) -> Iterable[Choice]:
        for row in rows:
            parent = row.parent_id if row.parent_id in known else None
            if parent == parent_id:
                yield Choice(row.id, row.name, row.code, depth)
                yield from below(row.id, depth + 1)

    return below(None, 0)


def chosen_place(visit: Visit) -> int | None:
    """The place the address names, if it names one."""
    text = visit.query.get("place", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
