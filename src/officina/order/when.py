"""ISO texts of messages to instants: a text without an offset is local time of the place, or of the message."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

_DAY = 10  # characters of 2026-03-01
_LONGEST = 40  # no time is longer; no cache holds more
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class When(NamedTuple):
    """A time as kept among facts, and its instant (None for a month, a year, or no date at all)."""

    text: str
    at: int | None


class Zones(NamedTuple):
    """Where a message's times are local that have no offset. A day alone has no time a zone could move: it is a day of
    the place.
    """

    place: tzinfo
    times: tzinfo

    @staticmethod
    def of(place: tzinfo, offset: str) -> Zones:
        """``offset`` is the message's own (``-05:00``), "" where its times are local to the place."""
        return Zones(place, _fixed(offset) if offset else place)

    def when(self, text: str) -> When:
        return when(text, self.place if len(text) <= _DAY else self.times)


@lru_cache(maxsize=256)
def _fixed(offset: str) -> tzinfo:
    found = datetime.strptime(offset, "%z").tzinfo
    return found or UTC


def when(text: str, zone: tzinfo) -> When:
    """``2026-03-01T08:00:00`` gets the place's offset; a day alone stays a day, its instant the first moment of it."""
    return When(text, None) if len(text) > _LONGEST else _when(text, zone)


@lru_cache(maxsize=4096)
def _when(text: str, zone: tzinfo) -> When:
    moment = _moment(text)
    if moment is None:
        return When(text, None)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    try:
        at = (moment - _EPOCH) // _MICROSECOND
    except OverflowError:  # year 1 or 9999, beyond what an offset can move
        return When(text, None)
    return When(text if len(text) == _DAY else moment.isoformat(), at)


def with_zone(text: str, zone: tzinfo) -> str:
    """The text of `when`."""
    return text if len(text) <= _DAY else when(text, zone).text


def _moment(text: str) -> datetime | None:
    if len(text) < _DAY or text[4] != "-":
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
