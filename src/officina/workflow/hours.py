"""Hours of the day in a time zone: quiet hours, and the hours in which traffic is expected. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from officina import clock

_FORM = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_DAY = 86_400 * clock.SECOND
_MOST_DAYS = 60  # silence is not counted further back


class Hours(NamedTuple):
    """From ``start`` to ``end``, minutes of the day as the clock on the wall shows them; over midnight where ``end``
    is not after ``start``."""

    start: int
    end: int
    zone: ZoneInfo


def parse(text: str, zone: str) -> Hours | None:
    """``22:00-06:00`` in a zone; None for no text. Raises ValueError in words."""
    if not text:
        return None
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(f"{text} are no hours; write them like 22:00-06:00")
    first, second, third, fourth = map(int, found.groups())
    return Hours(first * 60 + second, third * 60 + fourth, ZoneInfo(zone))


def until(hours: Hours, at: int) -> int:
    """When the hours end that ``at`` falls into; ``at`` itself where it falls into none."""
    day = clock.moment(at).astimezone(hours.zone).date()
    ends = [end for begin, end in _windows(hours, day - timedelta(days=1), 2) if begin <= at < end]
    return max(ends, default=at)


def spent(hours: Hours | None, since: int, at: int) -> int:
    """Microseconds between two instants, counting these hours alone."""
    if hours is None:
        return max(at - since, 0)
    since = max(since, at - _MOST_DAYS * _DAY)
    first = clock.moment(since).astimezone(hours.zone).date() - timedelta(days=1)
    days = (at - since) // _DAY + 3
    return sum(max(min(end, at) - max(begin, since), 0) for begin, end in _windows(hours, first, days))


def _windows(hours: Hours, first: date, days: int) -> Iterator[tuple[int, int]]:
    for number in range(days):
        day = first + timedelta(days=number)
        end = day if hours.end > hours.start else day + timedelta(days=1)
        yield _instant(day, hours.start, hours.zone), _instant(end, hours.end, hours.zone)


def _instant(day: date, minute: int, zone: ZoneInfo) -> int:
    return clock.instant(datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone))
