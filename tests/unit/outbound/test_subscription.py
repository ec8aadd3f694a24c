from __future__ import annotations

from typing import NamedTuple

import pytest

from officina.outbound.subscription import SOURCE, Lanes, Subscription, deliveries, lane, lanes_of


class Event(NamedTuple):
    kind: str
    place_id: int | None = None
    message_id: int | None = None
    patient_id: int | None = None
    subject: str = "order"
    subject_id: int = 1


def wanting(
    event: str, *places: int, id: int = 1, payload: str = "written by us", lanes: Lanes = "none"
) -> Subscription:
    return Subscription(id, f"s{id}", event, frozenset(places) if places else None, 7, payload, lanes)


@pytest.mark.parametrize(
    ("subscription", "event", "wanted"),
    [
        (wanting("order.created"), Event("order.created", 3), True),
        (wanting("order.created"), Event("order.created_twice", 3), False),
        (wanting("order.*"), Event("order.changed", 3), True),
        (wanting("order.*"), Event("message.parked", 3), False),
        (wanting("*"), Event("message.parked", None), True),
        (wanting("*", 3, 4), Event("message.parked", 4), True),
        (wanting("*", 3), Event("message.parked", 4), False),
        (wanting("*", 3), Event("message.parked", None), False),
    ],
)
def test_who_wants_what(subscription: Subscription, event: Event, wanted: bool) -> None:
    assert deliveries([event], [subscription]) == ([(event, subscription)] if wanted else [])


@pytest.mark.parametrize(
    ("order_type", "event", "wanted"),
    [
        ("TTO", Event("order.created", subject_id=1), True),
        ("tto", Event("order.created", subject_id=1), True),
        ("TTO", Event("order.created", subject_id=2), False),
        ("TTO", Event("order.created", subject_id=3), False),
        ("TTO", Event("patient.changed", subject="patient", subject_id=1), False),
        ("", Event("order.created", subject_id=3), True),
    ],
)
def test_a_subscription_to_orders_of_a_type(order_type: str, event: Event, wanted: bool) -> None:
    """Tracking contract: "configurable for each Prescription Type"."""
    subscription = wanting("*")._replace(order_type=order_type)
    found = deliveries([event], [subscription], {1: "TTO", 2: "Outpatient"})
    assert found == ([(event, subscription)] if wanted else [])


def test_deliveries_keep_the_order_of_events() -> None:
    first, second = Event("order.created", 1), Event("order.changed", 1)
    one, two = wanting("order.*", id=1), wanting("*", id=2)
    assert deliveries([first, second], [one, two]) == [(first, one), (first, two), (second, one), (second, two)]


def test_nobody_subscribed() -> None:
    assert deliveries([Event("order.created", 1)], []) == []


def test_a_message_is_passed_on_once_however_many_events_it_caused() -> None:
    made = [Event("order.created", message_id=1, subject_id=order) for order in (1, 2)]
    other = Event("order.changed", message_id=2)
    passing, telling = wanting("order.*", id=1, payload=SOURCE), wanting("order.*", id=2)
    assert deliveries([*made, other], [passing]) == [(made[0], passing), (other, passing)]
    assert deliveries(made, [telling]) == [(made[0], telling), (made[1], telling)]


def test_a_message_is_passed_on_to_each_who_wants_it() -> None:
    made = [Event("order.created", message_id=1, subject_id=order) for order in (1, 2)]
    one, two = (wanting("order.*", id=number, payload=SOURCE) for number in (1, 2))
    assert deliveries(made, [one, two]) == [(made[0], one), (made[0], two)]


def test_the_first_event_that_is_wanted_passes_it_on() -> None:
    elsewhere, here = Event("order.created", 4, message_id=1), Event("order.created", 3, message_id=1)
    passing = wanting("order.*", 3, payload=SOURCE)
    assert deliveries([elsewhere, here], [passing]) == [(here, passing)]


@pytest.mark.parametrize(
    ("lanes", "event", "expected"),
    [
        ("none", Event("order.created", patient_id=5), ""),
        ("patient", Event("order.created", patient_id=5), "patient 5"),
        ("patient", Event("message.parked", patient_id=None), "patient"),
        ("order", Event("order.changed", patient_id=5, subject_id=9), "order 9"),
        ("order", Event("message.parked", subject="message", subject_id=9), "order"),
    ],
)
def test_what_stays_in_order(lanes: Lanes, event: Event, expected: str) -> None:
    assert lane(wanting("*", lanes=lanes), event) == expected
    assert lanes_of(expected) == lanes
