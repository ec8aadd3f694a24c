from __future__ import annotations

import pytest
from tests.support.profiles import FOLDER, shipped

from officina.message.tables import ORDER_CONTROL
from officina.workflow.order_status import EFFECTS, STATUSES, after, first


@pytest.mark.parametrize(
    ("control", "status"),
    [
        ("NW", "active"),
        ("XO", "active"),
        ("RE", "active"),
        ("DC", "discontinued"),
        ("CA", "cancelled"),
        ("HD", "on_hold"),
    ],
)
def test_first_status(control: str, status: str) -> None:
    assert first(control) == status


@pytest.mark.parametrize(
    ("control", "current", "changed", "status"),
    [
        ("XO", "active", True, "changed"),
        ("XO", "active", False, "active"),
        ("NW", "changed", False, "changed"),
        ("HD", "active", False, "on_hold"),
        ("XO", "on_hold", True, "on_hold"),
        ("RL", "on_hold", False, "active"),
        ("RL", "changed", False, "changed"),
        ("DC", "on_hold", False, "discontinued"),
        ("DC", "cancelled", False, "cancelled"),
        ("CA", "active", True, "cancelled"),
        ("HD", "discontinued", False, "discontinued"),
        ("NW", "discontinued", False, "discontinued"),
        ("NW", "discontinued", True, "changed"),
        ("RE", "active", True, "active"),
        ("SC", "active", True, "active"),
    ],
)
def test_next_status(control: str, current: str, changed: bool, status: str) -> None:
    assert after(control, current, changed) == status


def test_the_table_is_closed() -> None:
    assert set(EFFECTS) <= ORDER_CONTROL
    for control in (*EFFECTS, "SC"):
        assert first(control) in STATUSES
        for current in STATUSES:
            for changed in (True, False):
                status = after(control, current, changed)
                assert status in STATUSES
                assert after(control, status, False) == status, "the same once more changes nothing"


def test_an_unknown_status_is_an_error() -> None:
    with pytest.raises(ValueError, match="no order status"):
        after("NW", "sleeping", True)


@pytest.mark.parametrize("name", sorted(each.stem for each in FOLDER.glob("*.toml")))
def test_what_a_profile_accepts_has_an_effect(name: str) -> None:
    accepted = {control for control, rule in shipped(name).control.items() if rule == "accept"}
    assert accepted <= set(EFFECTS)
