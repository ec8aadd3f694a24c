"""When a dose is due: the timing fields of the standard and of the dialects met in the field, read into one shape.

Read are TQ (RXE-1, ORC-7; HL7 2.5.1 chapter 4.3) and TQ1 (chapter 4.5.4), and the long-term-care layouts
``BID&08:00,20:00``, ``W^Mon,Tue,Fri``, ``M^15 ,21`` and TQ1 ``D^1``, ``QJ135``, ``Q2D``, ``QL1,15``. What is not
understood stays in ``code`` or ``text``: this reads, it does not guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple, TypeVar

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"(\d\d?):?(\d\d)(?::?\d\d)?", re.ASCII)
_NUMBER = re.compile(r"\d*\.?\d+", re.ASCII)
_EVERY_DAYS = re.compile(r"Q(\d{1,3})D", re.ASCII | re.IGNORECASE)
_WEEKDAYS = re.compile(r"Q(\d{0,2})J([1-7]+)", re.ASCII | re.IGNORECASE)  # table 0335: QJ#, 1 = Monday
_MONTH_DAYS = re.compile(r"QL([\d, ]+)", re.ASCII | re.IGNORECASE)
_DAYS_OF_MONTH = frozenset((*map(str, range(1, 32)), *(f"0{day}" for day in range(1, 10))))
_PRN = re.compile(r"\bP\.?R\.?N", re.ASCII | re.IGNORECASE)
_LONGEST = 200  # what is longer is no timing code; it is not looked at, and no cache holds it
_T = TypeVar("_T")

Words = Mapping[str, str]


class Timing(NamedTuple):
    """One schedule. Texts are "" and tuples empty where nothing is said.

    ``code``       repeat pattern as sent (BID, Q6H, ``every 24 hours``);
    ``times``      HH:MM; ``weekdays`` of `DAYS`; ``month_days`` 1 to 31; ``every_days`` 1 = each day; ``every_weeks``;
    ``duration``   TQ.3 or TQ1-6 as sent (D10, ``10 days``); ``occurrences`` in all; ``text`` what is left in words;
    ``start``, ``stop`` HL7 times as sent.
    """

    code: str = ""
    times: tuple[str, ...] = ()
    weekdays: tuple[str, ...] = ()
    month_days: tuple[int, ...] = ()
    every_days: int = 0
    every_weeks: int = 0
    dose: str = ""
    dose_units: str = ""
    duration: str = ""
    occurrences: str = ""
    priority: str = ""
    prn: bool = False
    text: str = ""
    start: str = ""
    stop: str = ""

    def facts(self) -> dict[str, object]:
        """Without what is empty; start and stop are facts of the order and not repeated here."""
        found: dict[str, object] = {}
        for name, value in zip(_FACTS, self, strict=False):
            if value:
                found[name] = list(value) if isinstance(value, tuple) else value
        return found


_FACTS = Timing._fields[:-2]
_NOTHING = Timing()


class _Days(NamedTuple):
    """Which days a repeat pattern names."""

    weekdays: tuple[str, ...] = ()
    month_days: tuple[int, ...] = ()
    every_days: int = 0
    every_weeks: int = 0


_NO_DAYS_READ = _Days()
_NO_DAYS = tuple(_NO_DAYS_READ)


def of_quantity_timing(repetitions: Iterable[Words]) -> tuple[Timing, ...]:
    """TQ as in RXE-1 and ORC-7, each repetition one schedule; the long-term-care layout is told by its first component,
    which the standard has numeric.
    """
    read = [_ltc(each) if _is_ltc(each) else _standard(each) for each in repetitions]
    return tuple([timing for timing in read if timing != _NOTHING])


def of_schedules(segments: Iterable[Words]) -> tuple[Timing, ...]:
    """TQ1 segments."""
    return tuple([timing for timing in map(_schedule, segments) if timing != _NOTHING])


def combine(scheduled: tuple[Timing, ...], encoded: tuple[Timing, ...]) -> tuple[Timing, ...]:
    """TQ1 says more than TQ; where each has one schedule, TQ fills what TQ1 leaves open."""
    if not scheduled:
        return encoded
    if len(scheduled) != 1 or len(encoded) != 1:
        return scheduled
    first, second = scheduled[0], encoded[0]
    days_only = first.code.upper() in ("D", "W", "M")  # the other one says how often on such a day
    merged = [mine or other for mine, other in zip(first, second, strict=True)]
    if days_only and second.code:
        merged[0] = second.code
    if first[2:6] != _NO_DAYS:  # another rule for the days would contradict, not complete
        merged[2:6] = first[2:6]
    return (Timing._make(merged),)


def names_days(code: str) -> bool:
    """Whether a repeat pattern says on which days: QJ135, Q2D, QL1,15."""
    return _days(code, "") != _NO_DAYS_READ


# --- TQ --------------------------------------------------------------------------------------------------------


def _is_ltc(words: Words) -> bool:
    quantity = words.get("quantity", "")
    return bool(quantity) and not _NUMBER.fullmatch(quantity)


def _ltc(words: Words) -> Timing:
    """``BID&08:00,20:00`` · ``W^Mon,Tue,Fri`` · ``M^15 ,21`` (long-term-care contract, RXE-1)."""
    code, listed = words["quantity"], words.get("interval", "")
    days = _days(code, listed)
    read = days != _NO_DAYS_READ
    text = words.get("text", "") if read or not listed else "; ".join(filter(None, (listed, words.get("text", ""))))
    start, stop = words.get("start", ""), words.get("stop", "")
    clock = words.get("quantity_units", "")
    times = _times(clock)
    if clock and not times:
        text = "; ".join(filter(None, (clock, text)))
    return Timing(code, times, *days, prn=_is_prn(code), text=text, start=start, stop=stop)


def _standard(words: Words) -> Timing:
    """quantity&units ^ interval&times ^ duration ^ start ^ end ^ priority ^ condition ^ text ^ … ^ occurrences."""
    get = words.get
    code, priority, condition = get("interval", ""), get("priority", ""), get("condition", "")
    return Timing(
        code,
        _times(get("times", "")),
        *_days(code, ""),
        get("quantity", ""),
        get("quantity_units", ""),
        get("duration", ""),
        get("occurrences", ""),
        priority,
        any(map(_is_prn, (code, priority, condition))),
        _joined(get("text", ""), condition),
        get("start", ""),
        get("stop", ""),
    )


# --- TQ1 -------------------------------------------------------------------------------------------------------


def _schedule(words: Words) -> Timing:
    get = words.get
    code, every, priority, condition = (get(key, "") for key in ("pattern", "every", "priority", "condition"))
    days = _days_of_patterns(code, every)
    duration, units = get("duration", ""), get("duration_units", "")
    clock = get("times") or get("times_of_pattern", "")
    times = _times(clock)
    unread = clock if clock and not times else ""
    return Timing(
        code,
        times,
        *days,
        get("dose", ""),
        get("dose_units", ""),
        f"{duration} {units}" if units else duration,
        get("occurrences", ""),
        priority,
        any(map(_is_prn, (code, priority, condition))),
        _joined(get("text", ""), condition, unread),
        get("start", ""),
        get("stop", ""),
    )


# --- pieces ----------------------------------------------------------------------------------------------------


def _joined(*texts: str) -> str:
    return "; ".join(text for text in texts if text)


def _is_prn(text: str) -> bool:
    """PRN as a word, and PRNxxx of table 0335 (PRNQ6H: as needed over the frequency period)."""
    return bool(text) and _PRN.search(text[:_LONGEST]) is not None


def _days_of_patterns(codes: str, listed: str) -> _Days:
    """What several patterns together say of the days, if one of them does: BID QJ135."""
    if " " not in codes or len(codes) > _LONGEST:
        return _days(codes, listed)
    read = {days for code in codes.split() if (days := _days(code, listed)) != _NO_DAYS_READ}
    return read.pop() if len(read) == 1 else _NO_DAYS_READ


def _days(code: str, listed: str) -> _Days:
    return _NO_DAYS_READ if len(code) + len(listed) > _LONGEST else _days_read(code, listed)


@lru_cache(maxsize=1024)
def _days_read(code: str, listed: str) -> _Days:
    """``D^1`` every day, ``W^Mon,Tue,Fri``, ``M^15 ,21``; else what the code alone says.

    A list counts only if all of it can be read.
    """
    letter = code.upper()
    if letter == "D" and listed.isdecimal() and len(listed) < 4:
        return _Days(every_days=int(listed))
    if letter == "W" and listed:
        weekdays = _all_read(listed, lambda each: each[:3].lower() if each[:3].lower() in DAYS else None)
        return _Days(weekdays=weekdays, every_weeks=1 if weekdays else 0)
    if letter == "M" and listed:
        return _Days(month_days=_month_days(listed))
    return _days_of_code(code)


def _days_of_code(code: str) -> _Days:
    """QJ135 weekdays, Q2J1 Monday of every second week, Q2D every second day, QL1,15 days of the month."""
    if found := _WEEKDAYS.fullmatch(code):
        days = tuple(DAYS[int(digit) - 1] for digit in dict.fromkeys(found[2]))
        return _Days(weekdays=days, every_weeks=int(found[1] or 1))
    if found := _EVERY_DAYS.fullmatch(code):
        return _Days(every_days=int(found[1]))
    if found := _MONTH_DAYS.fullmatch(code):
        return _Days(month_days=_month_days(found[1]))
    return _NO_DAYS_READ


def _times(text: str) -> tuple[str, ...]:
    return () if not text or len(text) > _LONGEST else _times_read(text)


@lru_cache(maxsize=4096)
def _times_read(text: str) -> tuple[str, ...]:
    """``08:00,20:00`` and ``0800,2000`` as HH:MM; all or none, so that no dose is lost silently."""
    return tuple(dict.fromkeys(_all_read(text, _time)))


def _time(text: str) -> str | None:
    found = _CLOCK.fullmatch(text)
    if not found or int(found[1]) > 24 or int(found[2]) > 59:
        return None
    return f"{int(found[1]):02}:{found[2]}"


def _month_days(text: str) -> tuple[int, ...]:
    return _all_read(text, lambda each: int(each) if each in _DAYS_OF_MONTH else None)


def _all_read(text: str, read: Callable[[str], _T | None]) -> tuple[_T, ...]:
    found = [read(each.strip()) for each in text.split(",") if each.strip()]
    return tuple(each for each in found if each is not None) if None not in found else ()
