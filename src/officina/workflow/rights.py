"""Who may do what, and where: one table of roles and permissions, and the rights that grants add up to.

Knows neither people nor keys nor how places are stored: it is told roles, permissions and sets of place ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final, NamedTuple


class Permission(NamedTuple):
    """One thing that can be allowed.

    ``placed``  True when it is held place by place (a ward's orders); False when it concerns the whole site, so that
    only a grant without a place can give it.
    """

    title: str
    placed: bool


PERMISSIONS: Final[Mapping[str, Permission]] = MappingProxyType(
    {
        "messages.read": Permission("See which messages came and went, their state and what they caused", True),
        "messages.raw": Permission("Read what a message says: raw bytes, segments, answer (patient data)", True),
        "messages.write": Permission("Submit messages, process parked and failed ones again", True),
        "orders.read": Permission("Read orders, their versions and their timeline (patient data)", True),
        "patients.read": Permission("Find patients and read their record (patient data)", True),
        "reviews.read": Permission("See what waits for the nurses' review (patient data)", True),
        "reviews.write": Permission("Decide about the pharmacy's orders: approve, reject, hold", True),
        "medications.read": Permission("Read what residents are given, by their reviewed list (patient data)", True),
        "places.read": Permission("See facilities, units and dispensaries", True),
        "events.read": Permission("Read the audit: what happened anywhere, when and by whom", False),
        "connectors.read": Permission("See connectors, their settings and whether they run", False),
        "connectors.control": Permission("Start, stop and reload connectors, and tend what they have to send", False),
        "alerts.read": Permission("See alerts: what is stuck, silent or about to end", False),
        "alerts.acknowledge": Permission("Acknowledge alerts, so that nobody is told again", False),
        "site.read": Permission("Read the site's configuration", False),
        "site.write": Permission("Change the site's configuration", False),
        "people.read": Permission("See who may sign in and with which roles", False),
        "people.write": Permission("Add people, set passwords, grant and withdraw roles", False),
        "keys.write": Permission("Create and revoke API keys", False),
    }
)

_CARE: Final = frozenset({"messages.read", "orders.read", "patients.read", "places.read"})
_READ: Final = frozenset(name for name in PERMISSIONS if name.endswith(".read"))

ROLES: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "nurse": _CARE | {"reviews.read", "reviews.write", "medications.read"},
        "dispenser": _CARE,
        "practice": _CARE,
        "pharmacist": _CARE | {"messages.raw", "medications.read"},
        "analyst": _CARE
        | {"messages.raw", "messages.write", "events.read", "connectors.read", "connectors.control"}
        | {"alerts.read", "alerts.acknowledge", "site.read", "site.write"},
        "auditor": _READ | {"messages.raw"},
        "administrator": frozenset(PERMISSIONS),
    }
)


class _Anywhere(Enum):
    ANYWHERE = "anywhere"


ANYWHERE: Final = _Anywhere.ANYWHERE


class Grant(NamedTuple):
    """Permissions held at ``places``: ids that already include everything below; None: everywhere."""

    permissions: frozenset[str]
    places: frozenset[int] | None


class Rights:
    """What a person or an API key may do: the sum of grants, never more.

    A grant at an organisation holds for what lies below it; the one who builds the rights passes those ids in.
    """

    __slots__ = ("_places",)

    def __init__(self, grants: Iterable[Grant] = ()) -> None:
        self._places: dict[str, frozenset[int] | None] = {}
        for grant in grants:
            for permission in grant.permissions:
                self._add(permission, grant.places)

    @classmethod
    def of_roles(cls, roles: Iterable[tuple[str, int | None]], below: Callable[[int], Iterable[int]]) -> Rights:
        """Rights of a person: pairs of role and place id (None: everywhere); ``below(place)`` gives the ids under it.

        A role this version does not know gives nothing.
        """
        return cls(Grant(ROLES.get(role, frozenset()), _with_below(place_id, below)) for role, place_id in roles)

    @classmethod
    def of_scopes(cls, scopes: Iterable[str], place_id: int | None, below: Callable[[int], Iterable[int]]) -> Rights:
        """Rights of an API key: its scopes at one place and below it, or everywhere."""
        known = frozenset(scopes) & PERMISSIONS.keys()
        return cls([Grant(known, _with_below(place_id, below))])

    def _add(self, permission: str, places: frozenset[int] | None) -> None:
        if places is not None and not PERMISSIONS[permission].placed:
            return  # a permission about the whole site is not given by a grant at one place
        held = self._places.get(permission, frozenset())
        self._places[permission] = None if held is None or places is None else held | places

    def may(self, permission: str, place_id: int | _Anywhere | None = ANYWHERE) -> bool:
        """Whether the permission is held at a place.

        Without a place: whether it is held at any place at all (is there anything to show?). With ``None``: for a
        thing that belongs to no place, such as a message of an unknown facility; only a grant everywhere covers it.
        """
        places = self.places(permission)
        if places is None:
            return True
        if place_id is ANYWHERE:
            return bool(places)
        return place_id in places

    def places(self, permission: str) -> frozenset[int] | None:
        """The ids of the places where the permission is held; None: everywhere; empty: nowhere."""
        if permission not in PERMISSIONS:
            raise ValueError(f"no such permission: {permission}")
        return self._places.get(permission, frozenset())

    @property
    def permissions(self) -> frozenset[str]:
        """The names of all permissions held somewhere."""
        return frozenset(name for name, places in self._places.items() if places is None or places)


def _with_below(place_id: int | None, below: Callable[[int], Iterable[int]]) -> frozenset[int] | None:
    return None if place_id is None else frozenset({place_id, *below(place_id)})
