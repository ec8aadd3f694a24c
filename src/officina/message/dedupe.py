"""Has this message been here before? Pure verdict over the rows the book has of the same sender."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Literal, NamedTuple


def digest(raw: bytes) -> bytes:
    """blake2b-128 of the bytes as received."""
    return blake2b(raw, digest_size=16).digest()


class Known(NamedTuple):
    """A stored message of the same sender with the same control id (or, without one, the same digest)."""

    message_id: int
    control_id: str
    digest: bytes
    state: str


class Repetition(NamedTuple):
    """``repeat``: answer as stored, no effect. ``changed``: same control id, other content: process and flag it,
    because losing an order is worse. ``new``: process.
    """

    kind: Literal["new", "repeat", "changed"]
    message_id: int | None = None


# What a repetition of these would do is done, or waits for a person. Any other message had no effect, and may have one
# this time: the fault may be over, the profile may take its type now.
_STANDS = frozenset(("accepted", "duplicate", "parked"))


def verdict(control_id: str, content: bytes, known: Iterable[Known]) -> Repetition:
    """``content`` is the `digest` of the message; the newest fitting row decides."""
    changed: int | None = None
    for row in sorted(known, reverse=True):
        if row.state not in _STANDS:
            continue
        if row.digest == content and row.control_id == control_id:
            return Repetition("repeat", row.message_id)
        if control_id and row.control_id == control_id and changed is None:
            changed = row.message_id
    return Repetition("changed", changed) if changed is not None else Repetition("new")
