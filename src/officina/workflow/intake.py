"""The states of a received message, and the acknowledgement each of them calls for: one table, nowhere else."""

from __future__ import annotations

from typing import Literal

MessageState = Literal["accepted", "ignored", "duplicate", "parked", "rejected", "failed", "unreadable"]
Outcome = Literal["accept", "error", "reject"]

# accept: AA/CA, nothing is left for the sender to do; error: AE/CE, nothing was kept from being sent again;
# reject: AR/CR, sending it again as it is would not help.
OUTCOMES: dict[MessageState, Outcome] = {
    "accepted": "accept",  # its orders stand in the book
    "ignored": "accept",  # kept, and by the profile without effect
    "duplicate": "accept",  # kept, and its content is in the book already
    "parked": "accept",  # kept until a person removes the cause (an unknown facility)
    "failed": "error",  # it could not be processed now
    "rejected": "reject",  # not for us, or not acceptable
    "unreadable": "reject",  # no usable MSH
}

# A parked or failed message may be released, an unreadable or rejected one processed again (with another profile, say).
REPROCESSABLE: frozenset[MessageState] = frozenset(("parked", "failed", "rejected", "unreadable", "ignored"))

# Reasons of what is no whole message: the start of one that was too long, bytes around messages.
_NOT_WHOLE = frozenset(("too_long", "outside_frame", "end_missing", "empty_frame", "batch_envelope", "empty_batch"))


def may_go_again(state: str, reason: str) -> bool:
    """Whether a person may have a stored message processed again."""
    return state in REPROCESSABLE and reason not in _NOT_WHOLE


def outcome(state: MessageState) -> Outcome:
    """What the sender is told."""
    return OUTCOMES[state]
