"""Time at the edge of the system. The pure stages receive instants; only shells and actions ask for one.

An *instant* is an integer: microseconds since 1970-01-01T00:00:00Z. It is what the book stores in every
column that ends in ``_at``: eight bytes on both databases, exact, and ordered.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000


def now() -> int:
    """The present instant."""
    return time.time_ns() // 1000


def instant(moment: datetime) -> int:
    """The instant of an aware datetime; a naive one is refused because its zone would be a guess."""
    if moment.tzinfo is None:
        raise ValueError("a datetime without a zone has no instant")
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(at: int) -> datetime:
    """The aware UTC datetime of an instant."""
    return _EPOCH + timedelta(microseconds=at)


def iso(at: int) -> str:
    """An instant as ISO 8601 with milliseconds, as the API and exports write it: ``2026-03-04T05:06:07.089Z``."""
    return moment(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")
