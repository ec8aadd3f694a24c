"""Events of the book as lines of a timeline: a status, a sentence, who and when."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from officina.store.rows import EventRow
from officina.web import labels


class Line(NamedTuple):
    """One line of a timeline; ``href`` and ``link`` lead to where the fact comes from."""

    status: str
    text: str
    at: int
    by: str = ""
    href: str = ""
    link: str = ""


_KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "order.created": ("working", "Order entered"),
    "order.changed": ("attention", "Order changed"),
    "order.repeated": ("inactive", "Repeated without change"),
    "message.processed_again": ("working", "Processed again"),
    "message.parked": ("attention", "Message parked"),
    "message.rejected": ("problem", "Message rejected"),
    "message.failed": ("problem", "Message failed"),
    "message.unreadable": ("problem", "Bytes unreadable"),
}


def shown(events: Iterable[EventRow], *, link_messages: bool = False) -> list[Line]:
    """Events as lines. Those that only say who looked are left to the access log."""
    return [line(event, link_messages=link_messages) for event in events if not event.kind.endswith(".read")]


def line(event: EventRow, *, link_messages: bool = False) -> Line:
    status, text = _KINDS.get(event.kind, ("inactive", labels.spoken(event.kind.replace(".", " "))))
    detail = json.loads(event.detail) if event.detail else {}
    if control := detail.get("control"):
        meaning = labels.ORDER_CONTROLS.get(str(control))
        text = f"{labels.spoken(meaning)} ({control})" if meaning else f"{text} ({control})"
    if reason := detail.get("reason"):
        text += f": {labels.reason(str(reason))}"
    if new := detail.get("status"):
        status = labels.label("order", str(new)).status
    linked = link_messages and event.message_id is not None
    return Line(
        status,
        text,
        event.at,
        actor(event.actor),
        f"/messages/{event.message_id}" if linked else "",
        f"message {event.message_id}" if linked else "",
    )


def actor(name: str) -> str:
    """``connector:ltc`` as people say it."""
    kind, _, rest = name.partition(":")
    return f"{rest} ({kind})" if rest else "the hub itself"
