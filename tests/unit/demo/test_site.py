"""The demo's site file knows the homes of the demo pharmacy."""

from __future__ import annotations

from importlib.resources import files

from officina.actions import site
from officina.demo.homes import HOMES


def test_every_home_is_mapped_to_a_facility_with_a_time_zone() -> None:
    document = site.parse(files("officina").joinpath("presets/demo.toml").read_text(encoding="utf-8"))
    places = {row.code: row for row in document.of(site.PlaceRow).values()}
    mapped = {row.code: places[row.place] for row in document.of(site.CodeMapRow).values()}
    assert set(mapped) == {home.code for home in HOMES}
    assert [mapped[home.code].name for home in HOMES] == [home.name for home in HOMES]
    assert all(place.kind == "facility" and place.time_zone != "UTC" for place in mapped.values())


def test_its_listener_speaks_the_dialect_of_long_term_care() -> None:
    document = site.parse(files("officina").joinpath("presets/demo.toml").read_text(encoding="utf-8"))
    listener, *senders = document.of(site.ConnectorRow).values()
    assert (listener.kind, listener.profile, listener.settings["port"]) == ("mllp_listener", "ltc", 6000)
    assert [(each.kind, each.settings["port"]) for each in senders] == [("mllp_sender", 6001)] * 2
    assert {row.source for row in document.of(site.CodeMapRow).values()} == {listener.name}
