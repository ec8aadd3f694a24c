"""Whether a whole site holds together: every name it uses exists, profiles compile, connector settings are right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import available_timezones

from officina.actions.site.document import (
    AlertRow,
    CodeMapRow,
    ConnectorRow,
    Document,
    NotifyRow,
    PlaceRow,
    ProfileRow,
    SubscriptionRow,
)
from officina.actions.site.profiles import compiled
from officina.errors import Invalid, NotFound, OfficinaError
from officina.outbound import notify
from officina.outbound.notify import Channel
from officina.outbound.subscription import SOURCE, overlap
from officina.workflow.alert import RuleSettings, rule_of
from officina.workflow.retention import contradiction

if TYPE_CHECKING:
    from pydantic import BaseModel

M = TypeVar("M", bound="BaseModel")
# Which kinds of place a place of each kind may belong to; an organisation stands alone or below another.
PARENTS: Mapping[str, tuple[str, ...]] = {
    "organisation": ("", "organisation"),
    "facility": ("organisation",),
    "unit": ("facility", "unit"),
    "dispensary": ("organisation", "facility"),
}


def problems(document: Document) -> list[Invalid]:
    """Everything that is wrong with a site as a whole, in the order of its tables."""
    return [
        *_places(document),
        *_code_maps(document),
        *_profiles(document),
        *_connectors(document),
        *_shared_ports(document),
        *_subscriptions(document),
        *_alerts(document),
    ]


def settings_of(kind: str, settings: Mapping[str, Any]) -> BaseModel:
    """Settings checked by the kind's model. Raises Invalid with a place below the connector: ``settings.port``."""
    return _only(_settings(kind, settings))


def settings_problems(kind: str, settings: Mapping[str, Any], where: str) -> list[Invalid]:
    """What is wrong with a connector's settings, before there is a row of it."""
    found = _settings(kind, settings)
    if not isinstance(found, list):
        return []
    return [Invalid(each.text, place=f"{where}.{each.place}", remedy=each.remedy) for each in found]


def checked(model: type[M], settings: Mapping[str, Any], remedy: str) -> M:
    """Settings checked by a model. Raises Invalid."""
    return _only(_checked(model, settings, remedy))


def _only(found: M | list[Invalid]) -> M:
    if isinstance(found, list):
        raise found[0]
    return found


def _settings(kind: str, settings: Mapping[str, Any]) -> BaseModel | list[Invalid]:
    """The settings, or everything that is wrong with them."""
    from officina.connectors import registry

    try:
        found = registry.kind(kind)
    except OfficinaError as unknown:
        return [Invalid(unknown.text, place="kind", remedy=unknown.remedy)]
    return _checked(found.settings, settings, f"docs/reference/connectors.md has the settings of {kind}")


def _checked(model: type[M], settings: Mapping[str, Any], remedy: str) -> M | list[Invalid]:
    from pydantic import ValidationError

    try:
        return model.model_validate(settings)
    except ValidationError as refused:
        return [
            Invalid(
                _plain(each["type"], each["msg"]), place=".".join(("settings", *map(str, each["loc"]))), remedy=remedy
            )
            for each in refused.errors(include_url=False, include_input=False)
        ]


def _plain(kind: str, text: str) -> str:
    words = {"missing": "is missing", "extra_forbidden": "is not a setting of this kind"}
    said = text.removeprefix("Value error, ")
    return words.get(kind) or said[:1].lower() + said[1:]


def _places(document: Document) -> Iterator[Invalid]:
    places = document.of(PlaceRow)
    zones = available_timezones()
    for row in places.values():
        if row.time_zone not in zones:
            yield document.problem(row, "time_zone", f"there is no time zone {row.time_zone}", "such as Europe/London")
        parent = places.get((row.parent,)) if row.parent else None
        if row.parent and parent is None:
            yield document.problem(row, "parent", f"there is no place {row.parent}")
            continue
        allowed = PARENTS[row.kind]
        if (parent.kind if parent else "") not in allowed:
            wanted = " or ".join(
                f"a {kind}" if kind != "organisation" else "an organisation" for kind in allowed if kind
            )
            yield document.problem(row, "parent", f"a {row.kind} belongs to {wanted}")
        elif parent and _circular(row, places):
            yield document.problem(row, "parent", f"{row.code} would be a part of itself")
        elif parent and parent.state == "inactive" and row.state == "active":
            yield document.problem(row, "state", f"its parent {parent.code} is inactive")


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeio" else f"a {kind}"


def _circular(row: PlaceRow, places: Mapping[tuple[str, ...], PlaceRow]) -> bool:
    seen: set[str] = set()
    above: PlaceRow | None = row
    while above is not None and above.code not in seen:
        seen.add(above.code)
        above = places.get((above.parent,))
    return above is not None and above.code == row.code


def _code_maps(document: Document) -> Iterator[Invalid]:
    places, connectors = document.of(PlaceRow), document.of(ConnectorRow)
    for row in document.of(CodeMapRow).values():
        place = places.get((row.place,))
        if place is None:
            yield document.problem(row, "place", f"there is no place {row.place}")
        elif place.kind != row.kind:
            yield document.problem(row, "place", f"{row.place} is {_a(place.kind)}, not {_a(row.kind)}")
        if row.source != "*" and (row.source,) not in connectors:
            yield document.problem(row, "source", f"there is no connector {row.source}", "or * for every connector")


def _profiles(document: Document) -> Iterator[Invalid]:
    own = {row.name: row.body for row in document.of(ProfileRow).values()}
    for row in document.of(ProfileRow).values():
        try:
            compiled(row.name, own)
        except OfficinaError as problem:
            yield document.problem(row, f"body: {problem.place}".rstrip(": "), problem.text, problem.remedy)


def _connectors(document: Document) -> Iterator[Invalid]:
    own = {row.name: row.body for row in document.of(ProfileRow).values()}
    for row in document.of(ConnectorRow).values():
        checked = _settings(row.kind, row.settings)
        for problem in checked if isinstance(checked, list) else ():
            yield document.problem(row, problem.place, problem.text, problem.remedy)
        if text := contradiction(row.keep_bodies_days, row.keep_metadata_days):
            remedy = f"keep bodies for at most {row.keep_metadata_days} days, or messages longer"
            yield document.problem(row, "keep_metadata_days", text, remedy)
        if (row.profile,) in document.of(ProfileRow):
            continue  # whether it compiles is said there
        try:
            compiled(row.profile, own)
        except OfficinaError as fault:
            yield document.problem(row, "profile", fault.text, fault.remedy)


def _shared_ports(document: Document) -> Iterator[Invalid]:
    """Connectors that keep each other from listening. An inactive one is not there; a suspended one may be soon."""
    from officina.connectors.mllp_listener import Binding, ListenerSettings, clashes

    listening: list[Binding] = []
    for row in document.of(ConnectorRow).values():
        if row.state == "inactive":
            continue
        with suppress(OfficinaError):  # said above
            settings = settings_of(row.kind, row.settings)
            if isinstance(settings, ListenerSettings):
                listening.append(Binding(row.name, settings))
    for clash in clashes(listening):
        row = document.of(ConnectorRow)[clash.other,]
        yield document.problem(row, f"settings.{clash.setting}", clash.text, clash.remedy)


def _subscriptions(document: Document) -> Iterator[Invalid]:
    from officina.connectors import registry

    roles = {name: registry.kind(name).role for name in registry.kinds()}
    senders = [name for name, role in roles.items() if role == "sender"]
    own = {row.name: row.body for row in document.of(ProfileRow).values()}
    for row in document.of(SubscriptionRow).values():
        connector = document.of(ConnectorRow).get((row.connector,))
        if connector is None:
            yield document.problem(row, "connector", f"there is no connector {row.connector}")
        elif roles.get(connector.kind, "sender") != "sender":  # that there is no such kind is said there
            reason = f"{row.connector} receives messages and sends none"
            yield document.problem(row, "connector", reason, f"name a connector of kind {' or '.join(senders)}")
        if row.payload != SOURCE and (fault := _payload(row, own)) is not None:
            yield document.problem(row, "payload", *fault)
        if row.place and (row.place,) not in document.of(PlaceRow):
            yield document.problem(row, "place", f"there is no place {row.place}")
        if "*" in row.event.removesuffix("*"):
            yield document.problem(row, "event", "a * stands only at the end")


def _payload(row: SubscriptionRow, own: Mapping[str, str]) -> tuple[str, str] | None:
    """Why a profile cannot compose what is subscribed to, and the way out."""
    try:
        sending = compiled(row.payload, own).sending
    except NotFound:
        return f"there is no profile {row.payload}", f"name one, or {SOURCE}: the received message itself"
    except OfficinaError:
        return None  # whether it compiles is said there
    if not sending.messages:
        return f"the profile {row.payload} composes no messages", "add [send] to it, or name another"
    if not any(overlap(row.event, each) for each in sending.events):
        return f"{row.payload} composes nothing for {row.event}", f"it tells of {', '.join(sending.events)}"
    return None


_WHERE = "docs/reference/site-file.md has the settings"


def alert_rule(kind: str, settings: Mapping[str, Any]) -> RuleSettings:
    """The settings of a rule. Raises Invalid."""
    found = checked(RuleSettings, settings, _WHERE)
    try:
        rule = rule_of(kind, found)
    except ValueError as reason:
        raise Invalid(str(reason), place="settings.closes", remedy=_WHERE) from None
    if rule is None:
        raise Invalid("is missing", place="settings.opens", remedy="say after how many hours without a message")
    return found


def channel(name: str, kind: str, settings: Mapping[str, Any]) -> Channel:
    """A way to tell. Raises Invalid."""
    return Channel(name, checked(notify.KINDS[kind], settings, _WHERE))


def _alerts(document: Document) -> Iterator[Invalid]:
    for row in document.of(AlertRow).values():
        try:
            if row.state == "active":
                alert_rule(row.kind, row.settings)
        except Invalid as problem:
            yield document.problem(row, problem.place, problem.text, problem.remedy)
    for told in document.of(NotifyRow).values():
        try:
            channel(told.name, told.kind, told.settings)
        except Invalid as problem:
            yield document.problem(told, problem.place, problem.text, problem.remedy)
