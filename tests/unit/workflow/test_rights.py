"""Rights are the sum of what was granted, and never more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from officina.workflow.rights import PERMISSIONS, ROLES, Grant, Rights

# organisation 1 {facility 2 {unit 3, unit 4}, facility 5 {unit 6}}, organisation 7 {facility 8}
BELOW = {1: {2, 3, 4, 5, 6}, 2: {3, 4}, 3: set(), 4: set(), 5: {6}, 6: set(), 7: {8}, 8: set()}
PLACES = sorted(BELOW)
SITE_WIDE = sorted(name for name, permission in PERMISSIONS.items() if not permission.placed)
PLACED = sorted(name for name, permission in PERMISSIONS.items() if permission.placed)

grants = st.lists(st.tuples(st.sampled_from(sorted(ROLES)), st.none() | st.sampled_from(PLACES)), max_size=6)
permissions = st.sampled_from(sorted(PERMISSIONS))


def rights_of(granted: list[tuple[str, int | None]]) -> Rights:
    return Rights.of_roles(granted, BELOW.__getitem__)


def test_a_role_at_an_organisation_holds_for_everything_below_it_and_nothing_beside_it() -> None:
    nurse = rights_of([("nurse", 1)])
    assert [place for place in PLACES if nurse.may("orders.read", place)] == [1, 2, 3, 4, 5, 6]
    assert nurse.places("orders.read") == {1, 2, 3, 4, 5, 6}


def test_a_role_at_a_facility_does_not_reach_up_to_its_organisation() -> None:
    assert not rights_of([("nurse", 2)]).may("orders.read", 1)


def test_what_belongs_to_no_place_is_seen_only_with_a_grant_everywhere() -> None:
    assert not rights_of([("analyst", 1), ("analyst", 7)]).may("messages.read", None)
    assert rights_of([("analyst", None)]).may("messages.read", None)


def test_a_grant_at_one_place_never_gives_power_over_the_whole_site() -> None:
    local = rights_of([("administrator", place) for place in PLACES])
    assert SITE_WIDE
    for permission in SITE_WIDE:
        assert not local.may(permission)
        assert local.places(permission) == frozenset()


def test_the_auditor_changes_nothing() -> None:
    assert not {name for name in ROLES["auditor"] if name.endswith((".write", ".control"))}


def test_only_the_administrator_handles_people_and_keys() -> None:
    assert {role for role, held in ROLES.items() if held & {"people.write", "keys.write"}} == {"administrator"}


def test_every_role_names_only_permissions_of_the_table_and_every_permission_is_in_a_role() -> None:
    assert frozenset().union(*ROLES.values()) == frozenset(PERMISSIONS)


def test_an_unknown_role_gives_nothing_and_an_unknown_permission_is_a_mistake() -> None:
    assert rights_of([("wizard", None)]).permissions == frozenset()
    with pytest.raises(ValueError, match=r"orders\.reed"):
        rights_of([("administrator", None)]).may("orders.reed")


def test_an_unknown_scope_of_a_key_gives_nothing() -> None:
    key = Rights.of_scopes(["orders.read", "everything"], 2, BELOW.__getitem__)
    assert key.permissions == {"orders.read"}
    assert key.places("orders.read") == {2, 3, 4}


@given(grants, permissions, st.none() | st.sampled_from(PLACES))
def test_never_more_and_never_less_than_granted(
    granted: list[tuple[str, int | None]], permission: str, place_id: int | None
) -> None:
    def gives(role: str, at: int | None) -> bool:
        if permission not in ROLES[role]:
            return False
        if at is None:
            return True
        return PERMISSIONS[permission].placed and place_id is not None and place_id in {at, *BELOW[at]}

    assert rights_of(granted).may(permission, place_id) == any(gives(role, at) for role, at in granted)


@given(grants, permissions)
def test_the_places_are_those_where_it_may_be_done(granted: list[tuple[str, int | None]], permission: str) -> None:
    rights = rights_of(granted)
    places = rights.places(permission)
    if places is None:
        assert rights.may(permission, None)
        assert all(rights.may(permission, place) for place in PLACES)
    else:
        assert not rights.may(permission, None)
        assert places == {place for place in PLACES if rights.may(permission, place)}
    assert rights.may(permission) == (places is None or bool(places))


@given(grants, grants)
def test_grants_add_up_in_any_order(one: list[tuple[str, int | None]], other: list[tuple[str, int | None]]) -> None:
    together, turned = rights_of(one + other), rights_of(other + one)
    for permission in PERMISSIONS:
        assert together.places(permission) == turned.places(permission)
        assert all(together.may(permission, at) for at in [*PLACES, None] if rights_of(one).may(permission, at))


@given(st.lists(st.builds(Grant, st.frozensets(permissions), st.none() | st.frozensets(st.sampled_from(PLACES)))))
def test_no_grant_lets_through_a_permission_it_does_not_name(held: list[Grant]) -> None:
    named = frozenset().union(*(grant.permissions for grant in held)) if held else frozenset()
    assert Rights(held).permissions <= named
