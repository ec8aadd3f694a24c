"""Who wants to know: events matched with subscriptions. Pure, and free when nobody subscribes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol, TypeVar


class EventLike(Protocol):
    """What a subscription looks at."""

    @property
    def kind(self) -> str: ...
    @property
    def place_id(self) -> int | None: ...


class Subscription(NamedTuple):
    """``event`` is an event kind (``order.created``) or a prefix that ends in ``*``; ``place_id`` None means any place."""

    subscription_id: int
    name: str
    event: str
    place_id: int | None
    connector_id: int
    payload: str


E = TypeVar("E", bound=EventLike)


def deliveries(events: Iterable[E], subscriptions: Sequence[Subscription]) -> list[tuple[E, Subscription]]:
    """Each event with each subscription that wants it, in the order of the events."""
    if not subscriptions:
        return []
    return [(event, each) for event in events for each in subscriptions if wants(each, event)]


def wants(subscription: Subscription, event: EventLike) -> bool:
    """Whether the event is of the kind and at the place subscribed to."""
    if subscription.place_id is not None and subscription.place_id != event.place_id:
        return False
    pattern = subscription.event
    return event.kind.startswith(pattern[:-1]) if pattern.endswith("*") else event.kind == pattern
