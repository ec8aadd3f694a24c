"""Events of the book as lines of a timeline: a status, a sentence, who and when."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from officina.store.rows import EventRow
from officina.web import labels
from officina.web.facts import Change


class Line(NamedTuple):
    """One line of a timeline; ``href`` and ``link`` lead to where the fact comes from.

    ``version`` is the version of the order that came of it, with ``changes`` from the one before.
    """

    status: str
    text: str
    at: int
    by: str = ""
    href: str = ""
    link: str = ""
    version: int = 0
    changes: Sequence[Change] = ()


_KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "order.created": ("working", "Order entered"),
    "order.changed": ("attention", "Order changed"),
    "order.repeated": ("inactive", "Repeated without change"),
    "order.passed_over": ("inactive", "Passed over"),
    "connector.pruned": ("inactive", "Old messages pruned"),
    "connector.set_aside": ("problem", "Moved to the error queue"),
    "message.processed_again": ("working", "Processed again"),
    "delivery.resubmitted": ("working", "Queued again"),
    "delivery.not_composed": ("problem", "Not composed"),
    "delivery.deleted": ("inactive", "Given up"),
    "delivery.set_aside": ("attention", "Set aside"),
    "alert.opened": ("problem", "Alert opened"),
    "alert.closed": ("done", "Alert over"),
    "alert.acknowledged": ("working", "Alert acknowledged"),
    "message.parked": ("attention", "Message parked"),
    "message.rejected": ("problem", "Message rejected"),
    "message.failed": ("problem", "Message failed"),
    "message.unreadable": ("problem", "Bytes unreadable"),
}


def shown(events: Iterable[EventRow], *, link_to: Collection[str] = ()) -> list[Line]:
    """Events as lines. Those that only say who looked are left to the access log.

    ``link_to`` names what the lines lead to: ``message``, which caused them, or ``order``, which they happened to.
    """
    return [line(event, link_to) for event in events if not event.kind.endswith(".read")]


def line(event: EventRow, link_to: Collection[str] = ()) -> Line:
    status, text = _KINDS.get(event.kind, ("inactive", labels.spoken(event.kind.replace(".", " "))))
    detail = json.loads(event.detail) if event.detail else {}
    if control := detail.get("control"):
        meaning = labels.ORDER_CONTROLS.get(str(control))
        text = f"{labels.spoken(meaning)} ({control})" if meaning else f"{text} ({control})"
    if reason := detail.get("reason"):
        text += f": {detail['place']} " if detail.get("place") else ": "
        text += labels.reason(str(reason))
    if new := detail.get("status"):
        status = labels.label("order", str(new)).status
    return Line(status, text, event.at, actor(event.actor), *_link(event, link_to))


def _link(event: EventRow, link_to: Collection[str]) -> tuple[str, str]:
    """The address, and what stands there."""
    if "message" in link_to and event.message_id is not None:
        return f"/messages/{event.message_id}", f"message {event.message_id}"
    if "order" in link_to and event.subject == "order":
        return f"/orders/{event.subject_id}", f"order {event.subject_id}"
    return "", ""


def actor(name: str) -> str:
    """``connector:ltc`` as people say it."""
    kind, _, rest = name.partition(":")
    return f"{rest} ({kind})" if rest else "the hub itself"
