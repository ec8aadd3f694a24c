"""From a sender's facility code to a place of the book. The code map is passed in; unknown codes park the message."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import NamedTuple


class Routed(NamedTuple):
    """The place that is meant, its organisation and its time zone; ``reviewed``: its nurses look at each order."""

    place_id: int
    organisation_id: int
    zone: tzinfo
    reviewed: bool = False


class UnknownFacility(NamedTuple):
    """The code is in no code map: a person adds it and releases the message."""

    code: str


class NoFacility(NamedTuple):
    """The message names no facility where its profile looks."""


Routes = Mapping[str, Routed]
Outcome = Routed | UnknownFacility | NoFacility


def route(code: str, routes: Routes) -> Outcome:
    """The place of a facility code; the letter case must fit, as codes are what the partner says they are."""
    if not code:
        return NoFacility()
    return routes.get(code) or UnknownFacility(code)
