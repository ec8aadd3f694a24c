"""Places, connectors, profiles and subscriptions are kept, replaced and removed."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from tests.support.book import AT, Site, patient_row

from officina.store import Store, Tx, connectors, intake, places
from officina.store import site as rows
from officina.store.site import CodeMapRow, ConnectorRow, PlaceRow, ProfileRow

REFUSALS = (sqlite3.IntegrityError, psycopg.IntegrityError)


def test_the_organisation_of_places_that_belong_to_none_or_to_each_other() -> None:
    rows = [
        PlaceRow(i, "unit", parent, str(i), "", "UTC", "active") for i, parent in ((1, None), (2, 1), (3, 4), (4, 3))
    ]
    assert places.organisations(rows)[1] == places.organisations(rows)[2] == 1
    assert set(places.organisations(rows)) == {1, 2, 3, 4}


def test_codes_of_places_are_unique_and_those_in_use_stay(store: Store, site: Site) -> None:
    def twice(tx: Tx) -> None:
        places.add(tx, kind="facility", code="oak", name="Another")

    def remove(tx: Tx) -> None:
        intake.insert_patients(tx, [patient_row(tx, site)])
        rows.remove(tx, rows.PlaceRow, [site.organisation])

    for attempt in (twice, remove):
        with pytest.raises(REFUSALS):
            store.writer.submit(attempt).result(30)
    with store.read() as tx:
        assert len(places.every(tx)) == 3


def test_places(store: Store, site: Site) -> None:
    with store.write() as tx:
        ward = places.add(tx, kind="unit", code="oak-east", name="East", parent_id=site.oak, time_zone="Europe/Madrid")
    with store.read() as tx:
        every = places.every(tx)
        assert places.get(tx, ward) == PlaceRow(ward, "unit", site.oak, "oak-east", "East", "Europe/Madrid", "active")
        assert places.get(tx, 10**9) is None
    assert [row.code for row in every] == ["trees", "oak", "elm", "oak-east"]
    assert places.organisations(every) == {
        site.organisation: site.organisation,
        site.oak: site.organisation,
        site.elm: site.organisation,
        ward: site.organisation,
    }


def test_code_mappings(store: Store, site: Site) -> None:
    with store.write() as tx:
        first = places.add_code_mapping(tx, source="*", kind="facility", code="OAK", place_id=site.oak)
        second = places.add_code_mapping(tx, source="trees-in", kind="facility", code="OAK", place_id=site.elm)
        assert places.code_mappings(tx) == [
            CodeMapRow(first, "*", "facility", "OAK", site.oak),
            CodeMapRow(second, "trees-in", "facility", "OAK", site.elm),
        ]


def test_connectors(store: Store, site: Site) -> None:
    with store.write() as tx:
        added = connectors.add(tx, name="a-second", kind="mllp_listener", at=AT, profile="ltc", settings='{"port":1}')
    expected = ConnectorRow(added, "a-second", "mllp_listener", "active", "ltc", '{"port":1}', AT)
    with store.read() as tx:
        assert connectors.get(tx, added) == connectors.by_name(tx, "a-second") == expected
        assert connectors.get(tx, 10**9) is None
        assert connectors.by_name(tx, "no") is None
        assert [row.name for row in connectors.every(tx)] == ["a-second", "trees-in"]


def test_the_configuration_as_whole_tables(store: Store, site: Site) -> None:
    profile = ProfileRow(10**6, "oak", 'extends = "hl7"', AT)
    with store.write() as tx:
        rows.add(tx, profile)
        before = rows.stamp(tx)
        rows.replace(tx, profile._replace(body='extends = "ltc"'))
        connector = rows.read(tx).connectors[0]
        rows.replace(tx, connector._replace(state="suspended", changed_at=AT + 1))
        assert rows.stamp(tx) > before
    with store.read() as tx:
        found = rows.read(tx)
    assert found.profiles == [profile._replace(body='extends = "ltc"')]
    assert [(row.name, row.state) for row in found.connectors] == [("trees-in", "suspended")]
    assert [row.code for row in found.places] == ["trees", "oak", "elm"]
    assert [(row.id, row.event) for row in found.subscriptions] == [(site.subscription, "order.*")]
    assert found.code_maps == []
    with store.write() as tx:
        rows.remove(tx, ProfileRow, [profile.id])
        assert rows.read(tx).profiles == []


def test_what_changes_the_site_says_so(store: Store) -> None:
    told: list[frozenset[str]] = []
    store.writer.on_commit(told.append)
    with store.write() as tx:
        unit = places.add(tx, kind="unit", code="a", name="A")
    with store.write() as tx:
        connectors.add(tx, name="b", kind="mllp_listener", at=AT)
        places.add_code_mapping(tx, source="*", kind="facility", code="A", place_id=unit)
    assert told == [frozenset({"site"}), frozenset({"site", "connectors"})]
