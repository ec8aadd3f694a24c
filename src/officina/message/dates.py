"""HL7 dates and times to ISO 8601 text, as precise as they were sent. It applies no zone: the place knows that."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import lru_cache


class Unreadable(ValueError):
    """The text is not what the transform expects; the caller keeps it as it was sent."""


# HL7 2.5.1 chapter 2.A.22: YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ]
_STAMP = re.compile(
    r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.(\d{1,6}))?)?)?)?)?)?(?:(Z)|([+-]\d\d):?(\d\d))?",
    re.ASCII,
)
_DASHED = re.compile(
    r"\d{4}-\d\d(?:-(\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)(?:Z|[+-]\d\d:?\d\d)?)?)?", re.ASCII
)
_DAY_FIRST = re.compile(r"(\d\d?)[/.-](\d\d?)[/.-](\d{4})(?: (\d\d):?(\d\d)(?::?(\d\d))?)?", re.ASCII)


_CENTURIES = frozenset(("19", "20"))
_TWO_DIGITS = frozenset(f"{number:02}" for number in range(100))
_DAYS = frozenset((date(2001, 1, 1) + timedelta(day)).strftime("%m%d") for day in range(365))
_MINUTES = frozenset(f"{hour:02}{minute:02}" for hour in range(24) for minute in range(60))
_SECONDS = frozenset(f"{second:02}" for second in range(60))
_OFFSETS = _MINUTES - {"0000"}  # -0000 is written +00:00


def hl7_datetime(text: str) -> str:
    """``20161123113700`` → ``2016-11-23T11:37:00``; a date alone stays a date; ``+0215`` stays as ``+02:15``."""
    length = len(text)
    if length == 8:
        return _day(text)
    # Nearly all times sent are whole seconds of a usual year, and are told by a few look-ups.
    usual = text[:2] in _CENTURIES and text[2:4] in _TWO_DIGITS and text[4:8] in _DAYS
    if usual and text[8:12] in _MINUTES and text[12:14] in _SECONDS:
        moment = f"{text[:4]}-{text[4:6]}-{text[6:8]}T{text[8:10]}:{text[10:12]}:{text[12:14]}"
        if length == 14:
            return moment
        if length == 19 and text[14] in "+-" and text[15:] in _OFFSETS:
            return f"{moment}{text[14:17]}:{text[17:]}"
    return _with_care(text)


def _with_care(text: str) -> str:
    try:
        return _slowly(text)
    except Unreadable:
        raise
    except ValueError as error:
        raise Unreadable("is not a date or time HL7 knows") from error


# Orders of the same days come together, and most days are said over and over.
_day = lru_cache(maxsize=4096)(_with_care)


def _slowly(text: str) -> str:
    found = _STAMP.fullmatch(text)
    if not found:
        return _dashed(text)
    year, month, day, hour, minute, second, fraction, utc, offset_hours, offset_minutes = found.groups()
    # Some senders write an unknown part as zeros: 20160000, 20161123000000 stays midnight.
    if month in (None, "00"):
        return _year(year)
    if day in (None, "00"):
        return date(int(year), int(month), 1).isoformat()[:7]
    if hour is None:
        return date(int(year), int(month), int(day)).isoformat()
    zone = "+00:00" if utc else f"{offset_hours}:{offset_minutes}" if offset_hours else ""
    tail = f".{fraction.ljust(6, '0')}" if fraction and fraction.strip("0") else ""
    return datetime.fromisoformat(
        f"{year}-{month}-{day}T{hour}:{minute or '00'}:{second or '00'}{tail}{zone}"
    ).isoformat()


def _dashed(text: str) -> str:
    found = _DASHED.fullmatch(text)
    if not found:
        raise Unreadable("is not a date or time HL7 knows")
    day, clock_time = found.groups()
    if day is None:
        return date.fromisoformat(f"{text}-01").isoformat()[:7]
    if clock_time is None:
        return date.fromisoformat(text).isoformat()
    return datetime.fromisoformat(text).isoformat()


def _year(year: str) -> str:
    if year == "0000":
        raise Unreadable("has no year")
    return year


def hl7_date(text: str) -> str:
    """The day of a date or time: ``19530428`` → ``1953-04-28``; ``1953`` and ``195304`` stay that vague."""
    return hl7_datetime(text)[:10]


def day_first(text: str) -> str:
    """``14/09/2021 10:32:41`` → ``2021-09-14T10:32:41``; what HL7 itself writes is read as well."""
    found = _DAY_FIRST.fullmatch(text)
    if not found:
        return hl7_datetime(text)
    day, month, year, hour, minute, second = found.groups()
    try:
        if hour is None:
            return date(int(year), int(month), int(day)).isoformat()
        return datetime.fromisoformat(f"{year}-{month:0>2}-{day:0>2}T{hour}:{minute}:{second or '00'}").isoformat()
    except ValueError as error:
        raise Unreadable("is not a day-first date or time") from error
