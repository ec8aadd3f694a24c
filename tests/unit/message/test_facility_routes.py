from __future__ import annotations

from zoneinfo import ZoneInfo

from officina.message.route import NoFacility, Routed, UnknownFacility, route

ROUTES = {"MH01": Routed(5, 2, ZoneInfo("America/Chicago"))}


def test_a_known_code_leads_to_its_place() -> None:
    assert route("MH01", ROUTES) == Routed(5, 2, ZoneInfo("America/Chicago"))


def test_an_unknown_code_is_named() -> None:
    assert route("mh01", ROUTES) == UnknownFacility("mh01")


def test_no_code() -> None:
    assert route("", ROUTES) == NoFacility()
