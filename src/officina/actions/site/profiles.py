"""Finding a profile by name: the site's own first, then those that ship with Officina."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from officina.errors import NotFound, OfficinaError

if TYPE_CHECKING:
    from officina.message.profile import Profile


@cache
def shipped() -> Mapping[str, str]:
    """Name → TOML of the profiles in `officina/profiles`."""
    folder = files("officina.profiles")
    found = (entry for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return {entry.name.removesuffix(".toml"): entry.read_text(encoding="utf-8") for entry in found}


def lookup(own: Mapping[str, str]) -> Callable[[str], str | None]:
    """How a profile's ``extends`` is resolved at a site whose own profiles are `own`."""
    return lambda name: own.get(name) or shipped().get(name)


def compiled(name: str, own: Mapping[str, str]) -> Profile:
    """The profile of this name, ready for use."""
    from officina.message import profile

    resolve = lookup(own)
    body = resolve(name)
    if body is None:
        raise NotFound(f"there is no profile {name}", remedy=f"known are {', '.join(sorted({*own, *shipped()}))}")
    return profile.load(name, body, resolve)


def composing(own: Mapping[str, str]) -> list[str]:
    """The profiles that compose messages, among a site's own and those that ship; by name."""
    found = []
    for name in sorted({*own, *shipped()}):
        with suppress(OfficinaError):  # one that does not compile composes nothing
            if compiled(name, own).sending.messages:
                found.append(name)
    return found
