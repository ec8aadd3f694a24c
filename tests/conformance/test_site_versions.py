"""Every change of the site keeps a version that can be gone back to, and nobody overwrites what they have not seen."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.hub import SITE

from officina.actions import connectors, site
from officina.actions.site import edit
from officina.actions.site.versions import BEFORE, digest_of
from officina.errors import Conflict, NotFound
from officina.store import Store, Tx, places, site_versions
from officina.store import site as stored

AT = 1_700_000_000_000_000
ANN = {"actor": "person:ann", "at": AT}


def document(store: Store) -> site.Document:
    with store.read() as tx:
        return site.stored_document(tx)


def history(store: Store) -> list[site_versions.VersionRow]:
    with store.read() as tx:
        return site_versions.listed(tx)


def start(store: Store) -> None:
    with store.write() as tx:
        site.apply(tx, site.parse(SITE), **ANN)


def test_each_change_is_a_version_with_the_whole_site(store: Store) -> None:
    start(store)
    with store.write() as tx:
        listener = stored.read(tx).connectors[0]
        connectors.set_state(tx, listener.id, "suspended", actor="key:ofc", at=AT + 1)
        connectors.set_state(tx, listener.id, "suspended", actor="key:ofc", at=AT + 2)
        site.apply(tx, site.parse(site.export(tx)), **ANN)
    newest, first = history(store)
    assert (first.number, first.actor, first.summary) == (
        1,
        "person:ann",
        "4 added: place TREES, place OAK, code_map * facility OAKS and 1 more",
    )
    assert (newest.number, newest.actor, newest.summary) == (2, "key:ofc", "connector pharmacy: active → suspended")
    with store.read() as tx:
        assert newest.body == site.export(tx)
    assert newest.digest == digest_of(newest.body)
    assert site.parse(first.body) == site.parse(SITE)


def test_what_there_was_before_the_first_version_can_be_gone_back_to(store: Store) -> None:
    with store.write() as tx:
        places.add(tx, kind="organisation", code="OLD", name="Old")
        before = site.export(tx)
        site.apply(tx, site.parse(SITE), **ANN)
    assert [(row.summary, row.body) for row in history(store)][1] == (BEFORE, before)


def test_going_back_asks_to_have_seen_the_site_as_it_is(store: Store) -> None:
    start(store)
    with store.write() as tx:
        site.apply(tx, site.parse('[[place]]\ncode="OAK"\nkind="facility"\nname="Oaks"\nparent="TREES"\n'), **ANN)
    seen = history(store)[0].digest
    with store.write() as tx, pytest.raises(Conflict):
        edit.go_back(tx, 1, seen="another", **ANN)
    with store.write() as tx, pytest.raises(NotFound):
        edit.go_back(tx, 9, seen=seen, **ANN)
    with store.write() as tx:
        edit.go_back(tx, 1, seen=seen, **ANN)
    assert document(store) == site.parse(SITE)
    assert history(store)[0].summary == "back to version 1: 1 changed: place OAK"


def test_two_who_edit_the_same_row(store: Store) -> None:
    start(store)
    row = document(store).of(site.PlaceRow)["OAK",]
    seen = edit.fingerprint(row)

    def save(name: str, seen: str) -> None:
        def work(tx: Tx) -> None:
            edit.put(tx, dataclasses.replace(row, name=name), seen=seen, **ANN)

        store.writer.submit(work).result(30)

    save("Ann's", seen)
    with pytest.raises(edit.Overtaken) as refused:
        save("Ben's", seen)
    assert isinstance(refused.value.now, site.PlaceRow)
    assert refused.value.now.name == document(store).of(site.PlaceRow)["OAK",].name == "Ann's"
    save("Ben's", edit.fingerprint(refused.value.now))
    assert document(store).of(site.PlaceRow)["OAK",].name == "Ben's"
    with pytest.raises(edit.Overtaken):  # and what one believes to be new may be there already
        save("Cleo's", edit.ABSENT)


def test_what_is_in_use_is_not_retired(store: Store) -> None:
    start(store)

    def retire(table: str, *key: str) -> site.Changes:
        seen = edit.fingerprint(document(store).table(table)[key])
        return store.writer.submit(lambda tx: edit.retire(tx, table, key, seen=seen, **ANN)).result(30)

    with pytest.raises(Conflict, match="TREES is in use: place OAK"):
        retire("place", "TREES")
    with pytest.raises(Conflict, match="OAK is in use: code OAKS"):
        retire("place", "OAK")
    retire("code_map", "*", "facility", "OAKS")
    retire("place", "OAK")
    retire("connector", "pharmacy")
    after = document(store)
    assert after.of(site.PlaceRow)["OAK",].state == after.of(site.ConnectorRow)["pharmacy",].state == "inactive"
    assert after.of(site.CodeMapRow) == {}


NAMES = st.sampled_from(["A", "B", "C d", "ü'''", '"'])
PLACES = st.builds(site.PlaceRow, NAMES, st.just("organisation"), NAMES, state=st.sampled_from(["active", "inactive"]))
SITES = st.lists(PLACES, unique_by=lambda row: row.code)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.lists(SITES, min_size=1, max_size=4), st.integers(0, 3))
def test_a_version_comes_back_as_it_was(store: Store, steps: list[list[site.PlaceRow]], which: int) -> None:
    """Except that what was added since is inactive, for messages may point at it."""
    with store.write() as tx:
        for rows in steps:
            site.apply(tx, site.Document(rows), prune=True, **ANN)
        exported = site.export(tx)
        assert not site.apply(tx, site.parse(exported), prune=True, **ANN)
        versions = site_versions.listed(tx)
        if not versions:
            return
        chosen = versions[which % len(versions)]
        edit.go_back(tx, chosen.number, seen=digest_of(exported), **ANN)
        then, now = site.parse(chosen.body), site.stored_document(tx)
    assert {row.code: row for row in then.of(site.PlaceRow).values()}.items() <= {
        row.code: row for row in now.of(site.PlaceRow).values()
    }.items()
    since = [row for key, row in now.of(site.PlaceRow).items() if key not in then.of(site.PlaceRow)]
    assert all(row.state == "inactive" for row in since)
