"""Places, connectors, profiles and subscriptions are kept, changed and removed."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from tests.support.book import AT, Site, patient_row

from officina.store import Store, Tx, connectors, intake, places
from officina.store.connectors import Connector, StoredProfile, Subscription
from officina.store.places import CodeMapping, Place

REFUSALS = (sqlite3.IntegrityError, psycopg.IntegrityError)


def test_places(store: Store, site: Site) -> None:
    with store.write() as tx:
        ward = places.add(tx, kind="unit", code="oak-east", name="East", parent_id=site.oak, time_zone="Europe/Madrid")
        places.change(tx, ward, name="East wing", state="inactive")
    expected = Place(ward, "unit", site.oak, "oak-east", "East wing", "Europe/Madrid", "inactive")
    with store.read() as tx:
        every = places.every(tx)
        assert places.get(tx, ward) == places.by_code(tx, "oak-east") == expected
        assert places.get(tx, 10**9) is None
        assert places.by_code(tx, "no") is None
    assert [row.code for row in every] == ["trees", "oak", "elm", "oak-east"]
    assert places.organisations(every) == {
        site.organisation: site.organisation,
        site.oak: site.organisation,
        site.elm: site.organisation,
        ward: site.organisation,
    }
    with store.write() as tx:
        places.remove(tx, ward)
        assert places.get(tx, ward) is None


def test_the_organisation_of_places_that_belong_to_none_or_to_each_other() -> None:
    rows = [Place(i, "unit", parent, str(i), "", "UTC", "active") for i, parent in ((1, None), (2, 1), (3, 4), (4, 3))]
    assert places.organisations(rows)[1] == places.organisations(rows)[2] == 1
    assert set(places.organisations(rows)) == {1, 2, 3, 4}


def test_codes_of_places_are_unique_and_those_in_use_stay(store: Store, site: Site) -> None:
    def twice(tx: Tx) -> None:
        places.add(tx, kind="facility", code="oak", name="Another")

    def remove(tx: Tx) -> None:
        intake.insert_patients(tx, [patient_row(tx, site)])
        places.remove(tx, site.organisation)

    for attempt in (twice, remove):
        with pytest.raises(REFUSALS):
            store.writer.submit(attempt).result(30)
    with store.read() as tx:
        assert len(places.every(tx)) == 3


def test_code_mappings(store: Store, site: Site) -> None:
    with store.write() as tx:
        first = places.add_code_mapping(tx, source="*", kind="facility", code="OAK", place_id=site.oak)
        second = places.add_code_mapping(tx, source="trees-in", kind="facility", code="OAK", place_id=site.oak)
        places.change_code_mapping(tx, second, place_id=site.elm)
        assert places.code_mappings(tx) == [
            CodeMapping(first, "*", "facility", "OAK", site.oak),
            CodeMapping(second, "trees-in", "facility", "OAK", site.elm),
        ]
        places.remove_code_mapping(tx, first)
        assert [row.id for row in places.code_mappings(tx)] == [second]


def test_connectors(store: Store, site: Site) -> None:
    with store.write() as tx:
        added = connectors.add(tx, name="a-second", kind="mllp_listener", at=AT, profile="ltc", settings='{"port":1}')
        connectors.change(tx, added, at=AT + 1, state="suspended")
    expected = Connector(added, "a-second", "mllp_listener", "suspended", "ltc", '{"port":1}', AT + 1)
    with store.read() as tx:
        assert connectors.get(tx, added) == connectors.by_name(tx, "a-second") == expected
        assert connectors.get(tx, 10**9) is None
        assert connectors.by_name(tx, "no") is None
        assert [row.name for row in connectors.every(tx)] == ["a-second", "trees-in"]
    with store.write() as tx:
        connectors.remove(tx, added)
        assert [row.name for row in connectors.every(tx)] == ["trees-in"]


def test_profiles(store: Store) -> None:
    with store.write() as tx:
        added = connectors.add_profile(tx, name="oak", body='extends = "hl7"', at=AT)
        connectors.change_profile(tx, added, body='extends = "ltc"', at=AT + 1)
        assert connectors.profiles(tx) == [StoredProfile(added, "oak", 'extends = "ltc"', AT + 1)]
        connectors.remove_profile(tx, added)
        assert connectors.profiles(tx) == []


def test_subscriptions(store: Store, site: Site) -> None:
    with store.write() as tx:
        added = connectors.add_subscription(
            tx, name="b", event="order.created", connector_id=site.connector, payload="event", place_id=site.elm
        )
        connectors.change_subscription(tx, added, state="inactive", place_id=None)
        assert connectors.subscriptions(tx) == [
            Subscription(site.subscription, "all", "order.*", None, site.connector, "event", "active"),
            Subscription(added, "b", "order.created", None, site.connector, "event", "inactive"),
        ]
        connectors.remove_subscription(tx, added)
        assert [row.id for row in connectors.subscriptions(tx)] == [site.subscription]


def test_what_changes_the_site_says_so(store: Store) -> None:
    told: list[frozenset[str]] = []
    store.writer.on_commit(told.append)
    store.writer.submit(lambda tx: places.add(tx, kind="unit", code="a", name="A")).result(30)
    store.writer.submit(lambda tx: connectors.add_profile(tx, name="p", body="", at=AT)).result(30)
    store.close()
    assert told == [frozenset({"site"}), frozenset({"site", "connectors"})]
