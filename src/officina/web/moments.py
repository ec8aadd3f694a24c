"""Instants as people read them: exact in their own time zone, and how long ago."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from officina.clock import SECOND, iso, moment

MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Shown(NamedTuple):
    """``machine`` ISO 8601; ``exact`` as short as it stays exact; ``full`` with zone; ``ago`` relative."""

    machine: str
    exact: str
    full: str
    ago: str


def zone_of(name: str) -> ZoneInfo:
    """The time zone of this name; UTC when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def zone_name(at: datetime) -> str:
    """The zone an instant is written in, as short as it is clear: ``CET``; ``UTC+04`` where it has no letters."""
    name = at.tzname() or ""
    return name if name[:1].isalpha() else f"UTC{name}"


def zone_beside(text: str, place: ZoneInfo, reader: ZoneInfo) -> str:
    """The zone of a time stated at a place; "" where the reader's clock shows the same, and for a day alone."""
    try:
        stated = datetime.fromisoformat(text)
    except ValueError:
        return ""
    if stated.tzinfo is None or stated.utcoffset() == stated.astimezone(reader).utcoffset():
        return ""
    there = stated.astimezone(place)
    return zone_name(there if there.utcoffset() == stated.utcoffset() else stated)


def show(at: int, now: int, zone: ZoneInfo) -> Shown:
    """``at`` as seen at ``now``: today only the time, this year without the year."""
    local, today = moment(at).astimezone(zone), moment(now).astimezone(zone).date()
    clock = f"{local:%H:%M:%S}"
    if local.date() == today:
        exact = clock
    elif local.year == today.year:
        exact = f"{local.day} {local:%b} {clock}"
    else:
        exact = f"{local.day} {local:%b %Y} {clock}"
    full = f"{local:%A} {local.day} {local:%B %Y}, {clock}.{local.microsecond // 1000:03d} {zone_name(local)}"
    return Shown(iso(at), exact, full, ago(at, now))


def ago(at: int, now: int) -> str:
    """How long ago, or how soon, in its largest unit: "12 min ago", "in 3 h"."""
    distance = abs(now - at)
    if distance < 10 * SECOND:
        return "now"
    for unit, word in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (SECOND, "s")):
        if distance >= unit:
            text = f"{distance // unit} {word}"
            return f"{text} ago" if at <= now else f"in {text}"
    return "now"


def birth(born_on: str, now: int, zone: ZoneInfo) -> str:
    """A birth date as sent (``1953-04-28``, ``1953-04``, ``1953``) with the age: ``28 Apr 1953 (72 y)``."""
    parts = born_on.split("-")
    try:
        year, month, day = (*map(int, parts), 1, 1)[:3]
        born = date(year, month, day)
    except ValueError:
        return born_on
    text = (f"{born.year}", f"{born:%b} {born.year}", f"{born.day} {born:%b} {born.year}")[len(parts) - 1]
    if len(parts) < 3:
        return text
    today = moment(now).astimezone(zone).date()
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if years < 0:
        return text
    return f"{text} ({years} y)" if years >= 2 else f"{text} ({_months(born, today)} mo)"


def _months(born: date, today: date) -> int:
    return (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)


def local_instant(text: str, zone: ZoneInfo) -> int | None:
    """The instant of ``2026-03-04T05:06`` typed by a person in their zone; None if it is no such text."""
    try:
        typed = datetime.fromisoformat(text)
    except ValueError:
        return None
    aware = typed.replace(tzinfo=zone) if typed.tzinfo is None else typed
    return int(aware.timestamp()) * SECOND
