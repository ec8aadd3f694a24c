"""ISO texts of messages to instants: a text without an offset is local time of the place."""

from __future__ import annotations

from datetime import datetime, tzinfo

from officina import clock

_DAY = 10


def with_zone(text: str, zone: tzinfo) -> str:
    """``2026-03-01T08:00:00`` with the place's offset added; dates alone, and texts that are no time, stay as they are."""
    if len(text) <= _DAY:
        return text
    moment = _moment(text)
    if moment is None or moment.tzinfo is not None:
        return text
    return moment.replace(tzinfo=zone).isoformat()


def instant(text: str, zone: tzinfo) -> int | None:
    """The instant of an ISO text; a day is its first moment in the zone. None for a month, a year or no date at all."""
    moment = _moment(text)
    if moment is None:
        return None
    try:
        return clock.instant(moment if moment.tzinfo is not None else moment.replace(tzinfo=zone))
    except OverflowError:
        return None


def _moment(text: str) -> datetime | None:
    if len(text) < _DAY or text[4] != "-":
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
