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


# Table 0119 (HL7 2.5.1 chapter 4.5.1.1): what each code means for an order that is being followed, and whose facts the
# message states differently.
STANDARD = {
    "changed": {
        "NW": "new order",
        "XO": "change order request",
        "XR": "changed as requested",
        "XX": "order changed, unsolicited",
        "RF": "refill order request",
        "AF": "refill request approval",
        "FU": "order refilled, unsolicited",
        "RO": "replacement order",
        "OP": "notification of order for outside dispense: an informational version of NW",
        "PY": "notification of replacement order for outside dispense: an informational version of RO",
        "PA": "parent order: child orders leave it as it is",
        "CH": "child order",
        "SN": "send order number: the filler originates the order and asks for its number",
    },
    "discontinued": {
        "DC": "discontinue order request",
        "OD": "order discontinued",
        "DR": "discontinued as requested",
        "RP": "order replace request: the replaced orders are treated as though they were canceled",
        "RU": "replaced unsolicited: the same, by the filler",
        "RQ": "replaced as requested",
    },
    "cancelled": {"CA": "cancel order request", "OC": "order canceled", "CR": "canceled as requested"},
    "on_hold": {"HD": "hold order request", "OH": "order held", "HR": "on hold as requested"},
    "active": {
        "RL": "release previous hold",
        "OE": "order released",
        "OR": "released as requested",
        "RE": "observations or performed service to follow: in RDS, a dispense",
        "NA": "number assigned",
        "OK": "order accepted",
        "OF": "order refilled as requested",
        "DF": "refill request denied: the order itself is as it was",
        "SC": "status changed: the status stands in ORC-5",
        "SR": "response to send order status request",
        "SS": "send order status request",
        "RR": "request received",
        "DE": "data errors",
        "CN": "combined result",
        "PR": "previous results with new order",
        "LI": "link to patient care problem or goal",
        "UN": "unlink from patient care problem or goal",
        "MC": "miscellaneous charge, not associated with an order",
        "UA": "unable to accept",
        "UC": "unable to cancel",
        "UD": "unable to discontinue",
        "UF": "unable to refill",
        "UH": "unable to put on hold",
        "UM": "unable to replace",
        "UR": "unable to release",
        "UX": "unable to change",
    },
}


@pytest.mark.parametrize(
    ("control", "status"), [(control, status) for status, controls in STANDARD.items() for control in controls]
)
def test_a_control_does_what_the_standard_says(control: str, status: str) -> None:
    assert control in ORDER_CONTROL
    assert after(control, "active", True) == status


def test_only_what_the_standard_gives_an_effect_has_one() -> None:
    assert set(EFFECTS) <= {control for controls in STANDARD.values() for control in controls}


@pytest.mark.parametrize("control", sorted(STANDARD["changed"]))
def test_what_asks_for_an_order_begins_it(control: str) -> None:
    assert first(control) == "active"


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
