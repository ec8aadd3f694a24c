"""How long messages are kept: when one may go, and what keeps it all the same. One table, nowhere else. Pure."""

from __future__ import annotations

from typing import Final, Literal

from officina.clock import SECOND

Need = Literal["parked", "failed", "queued", "error_queue", "future", "newest"]

DAY: Final = 86_400 * SECOND
MOST_DAYS: Final = 36_500
NEEDS: Final[dict[Need, str]] = {
    "parked": "parked: a person has yet to remove the cause",
    "failed": "failed: its sender or a person has yet to repeat it",
    "queued": "waits to be sent",
    "error_queue": "in an error queue: a person has yet to send it again or give it up",
    "future": "dated in the future by a wrong clock",
    "newest": "the newest of its connector, by which silence is told",
}


def need(state: str, owed: str | None) -> Need | None:
    """What a message of this state is still needed for; ``owed`` is the state of a delivery that is not settled."""
    if state in ("parked", "failed"):
        return "parked" if state == "parked" else "failed"
    if owed is None:
        return None
    return "queued" if owed == "queued" else "error_queue"


def until(days: int, now: int) -> int:
    """What came before this instant is older than so many days."""
    return now - days * DAY


def contradiction(bodies: int | None, metadata: int | None) -> str:
    """Why these two cannot go together; "" if they can. None is for ever."""
    if metadata is None:
        return ""
    if bodies is None:
        return "what a message said cannot be kept for ever where the message itself is not"
    return "a message cannot go before what it said" if metadata < bodies else ""
