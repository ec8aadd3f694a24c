"""What stands around every screen: the workspaces a person may enter, with what waits there, and their places."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from officina.store import alerts, deliveries, messages
from officina.store.alerts import Unanswered
from officina.web import places

if TYPE_CHECKING:
    from officina.web.visit import Visit

MOST_COUNTED = 99


class Workspace(NamedTuple):
    """A tab of the top bar. ``permission`` is what one needs at some place to enter."""

    name: str
    title: str
    path: str
    permission: str
    icon: str
    key: str


WORKSPACES = (
    Workspace("review", "Review", "/review", "reviews.read", "inbox", "g v"),
    Workspace("orders", "Orders", "/orders", "orders.read", "tablets", "g o"),
    Workspace("exchange", "Exchange", "/messages", "messages.read", "waypoints", "g m"),
    Workspace("settings", "Settings", "/settings", "site.read", "list-filter", "g s"),
)


def frame_of(visit: Visit) -> dict[str, object]:
    """What the frame's template needs beyond the screen's own values."""
    offered, chosen = places.choices(visit), places.chosen(visit)
    entered = [space for space in WORKSPACES if offered_to(visit, space)]
    return {
        "person": visit.session,
        "initials": "".join(word[0] for word in visit.session.name.split()[:2]).upper() or "?",
        "csrf": visit.session.csrf,
        "workspaces": entered,
        "workspace": "",
        "parked": _parked(visit),
        "may_see_connectors": visit.session.rights.may("connectors.read"),
        "may_see_alerts": visit.session.rights.may("alerts.read"),
        "open_alerts": _open_alerts(visit),
        "may_try_profiles": visit.session.rights.may("site.write") and visit.session.rights.may("messages.raw"),
        "in_error_queues": _in_error_queues(visit),
        "places": offered,
        "place": next((place for place in offered if place.id == chosen), None),
        "place_path": entered[0].path if entered else "/",
        "place_query": {},
    }


def offered_to(visit: Visit, space: Workspace) -> bool:
    """Whether the person may enter a workspace, and the site has use for it."""
    if space.name == "review" and not any(place.review for place in visit.services.supervisor.site().places.values()):
        return False
    return visit.session.rights.may(space.permission)


def _open_alerts(visit: Visit) -> Unanswered:
    """The alerts that nobody has acknowledged."""
    if not visit.session.rights.may("alerts.read"):
        return Unanswered(0, False)
    return alerts.unanswered(visit.tx)


def _in_error_queues(visit: Visit) -> int:
    """How much is in all error queues, counted no further than one past `MOST_COUNTED`."""
    if not visit.session.rights.may("connectors.read"):
        return 0
    return deliveries.count_failed(visit.tx, most=MOST_COUNTED + 1)


def _parked(visit: Visit) -> int:
    """How many messages wait for a person, counted no further than one past `MOST_COUNTED`."""
    if not visit.session.rights.may("messages.read"):
        return 0
    held = visit.places("messages.read")
    return messages.counts(visit.tx, ["parked"], place_ids=held, most=MOST_COUNTED + 1)["parked"]
