"""The states of a delivery, and what an attempt makes of it: one table, nowhere else."""

from __future__ import annotations

from typing import Literal, NamedTuple

DeliveryState = Literal["queued", "delivered", "failed", "deleted"]
Result = Literal["accepted", "rejected", "unsendable", "error", "unreachable", "no_answer", "bad_answer"]

# What an attempt came to → whether the receiver has the message, does not take it, or is to be asked again.
# unsendable: no frame can hold it. error: AE or CE, it could not take it now. no_answer and bad_answer: it may have
# arrived already.
_STANDS: dict[Result, DeliveryState] = {
    "accepted": "delivered",
    "rejected": "failed",
    "unsendable": "failed",
    "error": "queued",
    "unreachable": "queued",
    "no_answer": "queued",
    "bad_answer": "queued",
}
AMBIGUOUS: frozenset[Result] = frozenset(("no_answer", "bad_answer"))


class Limits(NamedTuple):
    """When a connector stops asking again. ``attempts`` and ``age`` (microseconds) count since the delivery was last
    queued; 0 means for ever; they end no wait for a receiver that is away. ``doubtful``: whether what may have
    arrived is sent again.
    """

    attempts: int = 0
    age: int = 0
    doubtful: bool = True


class Ruling(NamedTuple):
    """What becomes of the delivery, and the stable word for why it failed."""

    state: DeliveryState
    reason: str = ""


def after(result: Result, *, attempts: int, age: int, limits: Limits) -> Ruling:
    """The delivery after its ``attempts``-th attempt. Queued means: it stays first and is tried again."""
    state = _STANDS[result]
    if state != "queued":
        return Ruling(state, result if state == "failed" else "")
    if result in AMBIGUOUS and not limits.doubtful:
        return Ruling("failed", "doubtful")
    if result == "unreachable":  # the receiver is away: no message's fault, and none would fare better
        return Ruling("queued")
    if limits.attempts and attempts >= limits.attempts:
        return Ruling("failed", "too_many_attempts")
    if limits.age and age >= limits.age:
        return Ruling("failed", "too_old")
    return Ruling("queued")


def may_resubmit(state: str) -> bool:
    """Whether it is in the error queue, from which a person may send it again, changed or not, or delete it."""
    return state == "failed"


def may_set_aside(state: str) -> bool:
    """Whether it waits, so that a person may move it to the error queue."""
    return state == "queued"
