"""Who wants to know: events matched with subscriptions. Pure, and free when nobody subscribes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple, Protocol, TypeVar


class EventLike(Protocol):
    """What a subscription looks at."""

    @property
    def kind(self) -> str: ...
    @property
    def place_id(self) -> int | None: ...
    @property
    def message_id(self) -> int | None: ...
    @property
    def patient_id(self) -> int | None: ...
    @property
    def subject(self) -> str: ...
    @property
    def subject_id(self) -> int: ...


# The payload that is the message which caused the event, byte for byte; any other is a profile that composes one.
SOURCE = "source"
Lanes = Literal["none", "patient", "order"]


class Subscription(NamedTuple):
    """``event`` is an event kind (``order.created``) or a prefix that ends in ``*``.

    ``places`` are the ids it concerns, those below its place too; None: any place. ``order_type`` is the only type of
    orders it concerns; "": any. ``tells`` says of which kinds of events its payload can tell; None: of all.
    """

    id: int
    name: str
    event: str
    places: frozenset[int] | None
    connector_id: int
    payload: str
    lanes: Lanes = "none"
    order_type: str = ""
    tells: Callable[[str], bool] | None = None

    @property
    def whole(self) -> bool:
        """It passes on the message that caused an event, so once is enough however many events that message caused."""
        return self.payload == SOURCE


_UNKNOWN: Mapping[int, str] = {}
E = TypeVar("E", bound=EventLike)


def deliveries(
    events: Iterable[E], subscriptions: Sequence[Subscription], order_types: Mapping[int, str] = _UNKNOWN
) -> list[tuple[E, Subscription]]:
    """Each event with each subscription that wants it, in the order of the events; of one message's events only the
    first for a subscription that passes on the whole message. ``order_types`` are those of the orders it is about.
    """
    if not subscriptions:
        return []
    found: list[tuple[E, Subscription]] = []
    served: set[tuple[int, int | None]] = set()
    for event in events:
        for each in subscriptions:
            if not wants(each, event, order_types) or (each.whole and (each.id, event.message_id) in served):
                continue
            served.add((each.id, event.message_id))
            found.append((event, each))
    return found


def lane(subscription: Subscription, event: EventLike) -> str:
    """What must stay in order at the receiver: '' everything, else a word for the patient or the order. What concerns
    none stays in order with its like.
    """
    if subscription.lanes == "patient":
        return "patient" if event.patient_id is None else f"patient {event.patient_id}"
    if subscription.lanes == "order":
        return f"order {event.subject_id}" if event.subject == "order" else "order"
    return ""


def lanes_of(lane: str) -> str:
    """The kind of lanes that this is one of."""
    return lane.partition(" ")[0] or "none"


def wants(subscription: Subscription, event: EventLike, order_types: Mapping[int, str] = _UNKNOWN) -> bool:
    """Whether the event is of the kind and at the place subscribed to, and its payload can tell of it."""
    if subscription.places is not None and event.place_id not in subscription.places:
        return False
    if subscription.order_type and not _of_type(subscription.order_type, event, order_types):
        return False
    if subscription.tells is not None and not subscription.tells(event.kind):
        return False
    pattern = subscription.event
    return event.kind.startswith(pattern[:-1]) if pattern.endswith("*") else event.kind == pattern


def _of_type(wanted: str, event: EventLike, order_types: Mapping[int, str]) -> bool:
    return event.subject == "order" and order_types.get(event.subject_id, "").casefold() == wanted.casefold()


def overlap(one: str, other: str) -> bool:
    """Whether two patterns of event kinds have a kind in common."""
    if one.endswith("*") and other.endswith("*"):
        return one.startswith(other[:-1]) or other.startswith(one[:-1])
    pattern, kind = (one, other) if one.endswith("*") else (other, one)
    return kind.startswith(pattern[:-1]) if pattern.endswith("*") else kind == pattern
