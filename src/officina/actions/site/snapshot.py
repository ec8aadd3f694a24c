"""The site as the running hub uses it: looked up by id and name, profiles compiled, settings checked. Frozen."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from officina.actions.site.checks import alert_rule, channel, settings_of
from officina.actions.site.profiles import compiled
from officina.errors import OfficinaError
from officina.message.route import Routed
from officina.outbound.notify import Channel
from officina.outbound.subscription import SOURCE, Lanes, Subscription
from officina.store import site as stored
from officina.workflow.alert import Rules

if TYPE_CHECKING:
    from pydantic import BaseModel

    from officina.message.profile import Profile
    from officina.message.route import Routes
    from officina.store import Tx


@dataclass(frozen=True, slots=True)
class Place:
    """``organisation_id`` is its own id for an organisation, None where no organisation is above."""

    id: int
    kind: str
    code: str
    name: str
    parent_id: int | None
    organisation_id: int | None
    zone: ZoneInfo
    state: str


@dataclass(frozen=True, slots=True)
class Connector:
    """``settings`` is an instance of its kind's settings model; ``routes`` knows its partner's facility codes."""

    id: int
    name: str
    kind: str
    state: str
    profile: Profile
    settings: BaseModel
    routes: Routes


@dataclass(frozen=True, slots=True)
class Site:
    """``connectors`` by name, active ``subscriptions``; ``faults``: connectors that cannot be used, and why.

    ``payloads``: the profiles that compose what subscriptions send, by the subscription's id; inactive ones too, for
    what was queued is still sent. ``alert_rules`` where they differ from the defaults; ``channels``: how alerts are
    told.
    """

    places: Mapping[int, Place]
    connectors: Mapping[str, Connector]
    subscriptions: tuple[Subscription, ...]
    faults: Mapping[str, OfficinaError]
    payloads: Mapping[int, Profile] = field(default_factory=dict)
    alert_rules: Rules = field(default_factory=dict)
    channels: tuple[Channel, ...] = ()


def load_site(tx: Tx) -> Site:
    """The site as it stands in the book. A connector that is not in order does not keep the others from working."""
    rows = stored.read(tx)
    places = _places(rows.places)
    own = {one.name: one.body for one in rows.profiles}
    profiles: dict[str, Profile] = {}
    connectors: dict[str, Connector] = {}
    faults: dict[str, OfficinaError] = {}
    for row in rows.connectors:
        try:
            if row.profile not in profiles:
                profiles[row.profile] = compiled(row.profile, own)
            connectors[row.name] = Connector(
                id=row.id,
                name=row.name,
                kind=row.kind,
                state=row.state,
                profile=profiles[row.profile],
                settings=settings_of(row.kind, json.loads(row.settings)),
                routes=_routes(row.name, rows.code_maps, places),
            )
        except OfficinaError as fault:
            faults[row.name] = fault
    lanes: dict[int, Lanes] = {each.id: getattr(each.settings, "lanes", "none") for each in connectors.values()}
    payloads = _payloads(rows.subscriptions, own)
    subscriptions = _subscriptions(rows.subscriptions, places, lanes, payloads)
    return Site(places, connectors, subscriptions, faults, payloads, *_alerts(rows))


def _payloads(rows: Sequence[stored.SubscriptionRow], own: Mapping[str, str]) -> dict[int, Profile]:
    """One that does not compile any more is left out: its deliveries go to the error queue and say so."""
    profiles: dict[str, Profile] = {}
    for name in {row.payload for row in rows} - {SOURCE}:
        with suppress(OfficinaError):
            profiles[name] = compiled(name, own)
    return {row.id: profiles[row.payload] for row in rows if row.payload in profiles}


def _places(rows: Sequence[stored.PlaceRow]) -> dict[int, Place]:
    by_id = {row.id: row for row in rows}
    return {
        row.id: Place(
            id=row.id,
            kind=row.kind,
            code=row.code,
            name=row.name,
            parent_id=row.parent_id,
            organisation_id=_organisation(row, by_id),
            zone=ZoneInfo(row.time_zone),
            state=row.state,
        )
        for row in rows
    }


def _organisation(row: stored.PlaceRow, by_id: Mapping[int, stored.PlaceRow]) -> int | None:
    above: stored.PlaceRow | None = row
    while above is not None and above.kind != "organisation":
        above = by_id.get(above.parent_id) if above.parent_id is not None else None
    return above.id if above else None


def _routes(connector: str, rows: Sequence[stored.CodeMapRow], places: Mapping[int, Place]) -> dict[str, Routed]:
    """Facility code → place; what is mapped for this connector alone goes before what is mapped for all."""
    routes: dict[str, Routed] = {}
    for source in ("*", connector):
        for row in rows:
            place = places[row.place_id]
            if row.source != source or row.kind != "facility" or place.state != "active":
                continue
            if place.organisation_id is not None:
                routes[row.code] = Routed(place.id, place.organisation_id, place.zone)
    return routes


def _subscriptions(
    rows: Sequence[stored.SubscriptionRow],
    places: Mapping[int, Place],
    lanes: Mapping[int, Lanes],
    payloads: Mapping[int, Profile],
) -> tuple[Subscription, ...]:
    return tuple(
        Subscription(
            id=row.id,
            name=row.name,
            event=row.event,
            places=None if row.place_id is None else _with_below(row.place_id, places),
            connector_id=row.connector_id,
            payload=row.payload,
            lanes=lanes.get(row.connector_id, "none"),
            order_type=row.order_type,
            tells=payloads[row.id].sending.tells if row.id in payloads else None,
        )
        for row in rows
        if row.state == "active"
    )


def _with_below(place_id: int, places: Mapping[int, Place]) -> frozenset[int]:
    found = {place_id}
    grown = True
    while grown:
        below = {place.id for place in places.values() if place.parent_id in found} - found
        found |= below
        grown = bool(below)
    return frozenset(found)


def _alerts(rows: stored.SiteRows) -> tuple[Rules, tuple[Channel, ...]]:
    rules = {
        (row.kind, row.subject): alert_rule(row.kind, json.loads(row.settings)) if row.state == "active" else None
        for row in rows.alert_rules
    }
    told = (row for row in rows.notifies if row.state == "active")
    return rules, tuple(channel(row.name, row.kind, json.loads(row.settings)) for row in told)
