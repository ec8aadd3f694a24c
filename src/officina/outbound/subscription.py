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
    """``event`` is an event kind (``order.created``) or a prefix that ends in ``*``.

    ``places`` are the ids it concerns, those below its place too; None: any place.
    """

    id: int
    name: str
    event: str
    places: frozenset[int] | None
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
    if subscription.places is not None and event.place_id not in subscription.places:
        return False
    pattern = subscription.event
    return event.kind.startswith(pattern[:-1]) if pattern.endswith("*") else event.kind == pattern
