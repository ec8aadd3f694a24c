"""A profile on trial for one connector: what it would be called, whom it concerns, and making it the connector's."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from officina.actions.site.document import CodeMapRow, ConnectorRow, Document, PlaceRow, ProfileRow
from officina.actions.site.profiles import lookup
from officina.errors import Invalid, NotFound

if TYPE_CHECKING:
    from officina.message.profile import Profile


class Standing(NamedTuple):
    """What a connector reads by now. ``body`` is the text to begin with; ``saved_as`` the name a changed one gets;
    ``others``: the connectors that would read by it as well.
    """

    connector: str
    profile: str
    body: str
    saved_as: str
    others: tuple[str, ...]


def standing(site: Document, connector: str) -> Standing:
    """A profile of the site's own is changed in place; one that ships with Officina gets an heir for this connector."""
    row = _connector(site, connector)
    own = site.of(ProfileRow).get((row.profile,))
    if own is not None:
        sharing = [each.name for each in site.of(ConnectorRow).values() if each.profile == row.profile]
        heirs = [each.name for each in site.of(ConnectorRow).values() if _extends(site, each.profile, row.profile)]
        others = tuple(name for name in dict.fromkeys((*sharing, *heirs)) if name != connector)
        return Standing(connector, row.profile, own.body, row.profile, others)
    name = re.sub(r"[^a-z0-9]+", "-", connector.lower()).strip("-") or "own"
    taken = {each.name for each in site.of(ProfileRow).values()}
    while name in taken or lookup({})(name):
        name += "-own"
    return Standing(connector, row.profile, f'title = "{_quoted(connector)}"\nextends = "{row.profile}"\n', name, ())


def compiled_candidate(site: Document, connector: str, body: str) -> Profile:
    """The profile on trial, ready for use. Raises `Invalid` with the TOML key as its place."""
    from officina.message import profile

    own = {each.name: each.body for each in site.of(ProfileRow).values()}
    return profile.load(standing(site, connector).saved_as, body, lookup(own))


def adopted(site: Document, connector: str, body: str, codes: Mapping[str, str]) -> Document:
    """The rows that make it the connector's: the profile, the connector that names it, and the codes mapped with it."""
    row = _connector(site, connector)
    name = standing(site, connector).saved_as
    places = site.of(PlaceRow)
    for code, place in codes.items():
        if (place,) not in places:
            raise Invalid(f"there is no place {place}", place=f"codes.{code}", remedy="name a facility of the site")
    maps = [CodeMapRow(code, place, connector) for code, place in codes.items()]
    return Document([*maps, ProfileRow(name, body), dataclasses.replace(row, profile=name)])


def _connector(site: Document, name: str) -> ConnectorRow:
    row = site.of(ConnectorRow).get((name,))
    if row is None:
        raise NotFound(f"there is no connector {name}", place="connector", remedy="see the connectors of the site")
    return row


def _extends(site: Document, name: str, ancestor: str) -> bool:
    """Whether a profile is made from another, by however many steps."""
    seen: set[str] = set()
    while (row := site.of(ProfileRow).get((name,))) is not None and name not in seen:
        seen.add(name)
        try:
            name = str(tomllib.loads(row.body).get("extends", ""))
        except tomllib.TOMLDecodeError:
            return False
        if name == ancestor:
            return True
    return False


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
