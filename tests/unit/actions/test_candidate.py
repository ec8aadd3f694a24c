"""A profile that was tried becomes its connector's: under which name, with what else, and with one audit event."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.hub import SITE, site_store

from officina.actions import profiles, site
from officina.actions.receive import Candidate
from officina.errors import Conflict, Invalid, NotFound
from officina.store import Store, events

OWN = 'extends = "ltc"\ntitle = "Own"\n'
TWO = SITE + (
    f"[[profile]]\nname = \"own\"\nbody = '''\n{OWN}'''\n"
    '[[connector]]\nname = "second"\nkind = "mllp_listener"\nprofile = "own"\nsettings = { port = 0 }\n'
    '[[connector]]\nname = "third"\nkind = "mllp_listener"\nprofile = "own"\nsettings = { port = 0 }\n'
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with site_store(f"sqlite:///{tmp_path / 'officina.db'}", TWO) as made:
        yield made


def standing(store: Store, connector: str) -> site.Standing:
    with store.read() as tx:
        return site.standing(site.stored_document(tx), connector)


def adopt(store: Store, connector: str, candidate: Candidate, began_with: str | None = None) -> site.Changes:
    began = standing(store, connector).body if began_with is None else began_with
    with store.write() as tx:
        return profiles.adopt(tx, connector, candidate, began_with=began, actor="person:ann", at=2)


def test_a_shipped_profile_gets_an_heir(store: Store) -> None:
    stands = standing(store, "pharmacy")
    assert (stands.profile, stands.saved_as, stands.others) == ("hl7", "pharmacy", ())
    changed = stands.body + '[control]\nDC = "ignore"\n'
    assert adopt(store, "pharmacy", Candidate(changed)).summary() == "1 added, 1 changed"
    with store.read() as tx:
        loaded = site.load_site(tx).connectors["pharmacy"].profile
        told = [each for each in events.listed(tx, events.EventFilter(kind="site.applied")) if each.at == 2]
    assert (loaded.name, loaded.control["DC"], loaded.control["NW"]) == ("pharmacy", "ignore", "accept")
    assert [each.actor for each in told] == ["person:ann"]


def test_a_profile_of_the_site_is_changed_for_all_that_read_by_it(store: Store) -> None:
    stands = standing(store, "second")
    assert (stands.saved_as, stands.body, stands.others) == ("own", OWN, ("third",))
    adopt(store, "second", Candidate(OWN.replace("Own", "New")))
    with store.read() as tx:
        found = site.load_site(tx).connectors
    assert [found[name].profile.title for name in ("second", "third")] == ["New", "New"]


def test_codes_are_mapped_with_it_for_this_connector_alone(store: Store) -> None:
    adopt(store, "pharmacy", Candidate('extends = "hl7"\n', {"NEW": "OAK"}))
    with store.read() as tx:
        found = site.load_site(tx).connectors
    assert "NEW" in found["pharmacy"].routes
    assert "NEW" not in found["second"].routes


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(store: Store) -> None:
    adopt(store, "second", Candidate(OWN + "# theirs\n"))
    with pytest.raises(Conflict, match="changed meanwhile"):
        adopt(store, "second", Candidate(OWN + "# ours\n"), began_with=OWN)
    assert standing(store, "second").body == OWN + "# theirs\n"


def test_a_profile_that_does_not_hold_together_changes_nothing(store: Store) -> None:
    for candidate in (Candidate('extends = "nothing"'), Candidate(OWN, {"NEW": "NOWHERE"})):
        with pytest.raises(Invalid):
            adopt(store, "second", candidate)
    assert standing(store, "second").body == OWN
    with pytest.raises(NotFound):
        standing(store, "nobody")
