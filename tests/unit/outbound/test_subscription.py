from __future__ import annotations

from typing import NamedTuple

import pytest

from officina.outbound.subscription import Subscription, deliveries


class Event(NamedTuple):
    kind: str
    place_id: int | None


def wanting(event: str, *places: int, id: int = 1) -> Subscription:
    return Subscription(id, f"s{id}", event, frozenset(places) if places else None, 7, "hl7")


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


def test_deliveries_keep_the_order_of_events() -> None:
    first, second = Event("order.created", 1), Event("order.changed", 1)
    one, two = wanting("order.*", id=1), wanting("*", id=2)
    assert deliveries([first, second], [one, two]) == [(first, one), (first, two), (second, one), (second, two)]


def test_nobody_subscribed() -> None:
    assert deliveries([Event("order.created", 1)], []) == []
