"""When a dose is due: the timing fields of the standard and of the dialects met in the field, read into one shape.

Read are TQ (RXE-1, ORC-7; HL7 2.5.1 chapter 4.3) and TQ1 (chapter 4.5.4), and the long-term-care layouts
``BID&08:00,20:00``, ``W^Mon,Tue,Fri``, ``M^15 ,21`` and TQ1 ``D^1``, ``QJ135``, ``Q2D``, ``QL1,15``. What is not
understood stays in ``code`` or ``text``: this reads, it does not guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

Nested = Sequence[Sequence[Sequence[str]]]  # repetitions of components of subcomponents

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"(\d\d?):?(\d\d)(?::?\d\d)?", re.ASCII)
_NUMBER = re.compile(r"\d+(\.\d+)?", re.ASCII)
_EVERY_DAYS = re.compile(r"Q(\d+)D", re.ASCII | re.IGNORECASE)
_WEEKDAYS = re.compile(r"(?:Q(\d*))?J([1-7]+)", re.ASCII | re.IGNORECASE)  # table 0335: QJ#, 1 = Monday
_MONTH_DAYS = re.compile(r"QL([\d, ]+)", re.ASCII | re.IGNORECASE)
_NULL = '""'


@dataclass(frozen=True, slots=True)
class Timing:
    """One schedule. Texts are "" and tuples empty where nothing is said.

    ``code`` repeat pattern as sent (BID, Q6H, ``every 24 hours``); ``times`` HH:MM; ``weekdays`` of `DAYS`; ``every_days``
    1 = each day; ``duration`` TQ.3 or TQ1-6 as sent (D10, ``10 days``); ``count`` occurrences; ``start`` and ``stop`` raw HL7 times.
    """

    code: str = ""
    times: tuple[str, ...] = ()
    weekdays: tuple[str, ...] = ()
    month_days: tuple[int, ...] = ()
    every_days: int = 0
    dose: str = ""
    dose_units: str = ""
    duration: str = ""
    count: str = ""
    start: str = ""
    stop: str = ""
    priority: str = ""
    prn: bool = False
    text: str = ""

    def facts(self) -> dict[str, object]:
        """Without what is empty; start and stop are facts of the order and not repeated here."""
        found: dict[str, object] = {}
        for name in _FACTS:
            value = getattr(self, name)
            if value:
                found[name] = list(value) if isinstance(value, tuple) else value
        return found


_FACTS = tuple(each.name for each in fields(Timing) if each.name not in ("start", "stop"))


def of_quantity_timing(field: Nested) -> tuple[Timing, ...]:
    """TQ as in RXE-1 and ORC-7, each repetition one schedule; the long-term-care layout is told by its first component,
    which the standard has numeric.
    """
    read = (_ltc(each) if _is_ltc(each) else _standard(each) for each in field)
    return tuple(timing for timing in read if timing != Timing())


def of_schedules(segments: Iterable[Sequence[Nested]]) -> tuple[Timing, ...]:
    """TQ1 segments, each given by its fields 0 to 14."""
    read = (_schedule(fields) for fields in segments)
    return tuple(timing for timing in read if timing != Timing())


def combine(scheduled: tuple[Timing, ...], encoded: tuple[Timing, ...]) -> tuple[Timing, ...]:
    """TQ1 says more than TQ; where each has one schedule, TQ fills what TQ1 leaves open."""
    if not scheduled:
        return encoded
    if len(scheduled) != 1 or len(encoded) != 1:
        return scheduled
    first, second = scheduled[0], encoded[0]
    gaps = {each.name: getattr(second, each.name) for each in fields(Timing) if not getattr(first, each.name)}
    if first.weekdays or first.month_days:  # another rule for the days would contradict, not complete
        for name in ("weekdays", "month_days", "every_days"):
            gaps.pop(name, None)
    return (replace(first, **gaps),)


# --- TQ --------------------------------------------------------------------------------------------------------


def _is_ltc(repetition: Sequence[Sequence[str]]) -> bool:
    quantity = _at(repetition, 0, 0)
    return bool(quantity) and not _NUMBER.fullmatch(quantity)


def _ltc(repetition: Sequence[Sequence[str]]) -> Timing:
    """``BID&08:00,20:00`` · ``W^Mon,Tue,Fri`` · ``M^15 ,21`` (long-term-care contract, RXE-1)."""
    code, clock_times, days = _at(repetition, 0, 0), _at(repetition, 0, 1), _at(repetition, 1, 0)
    timing = Timing(code=code, times=_times(clock_times), prn=_is_prn(code))
    if code.upper() == "W":
        return _with(timing, days, weekdays=_weekdays(days))
    if code.upper() == "M":
        return _with(timing, days, month_days=_month_days(days))
    return _with_pattern(replace(timing, text=days), code)


def _with(timing: Timing, days: str, **read: tuple[str, ...] | tuple[int, ...]) -> Timing:
    """The days as read, or their text where they could not be read as a whole."""
    if all(read.values()):
        return replace(timing, **read)  # type: ignore[arg-type]
    return replace(timing, text=days)


def _standard(repetition: Sequence[Sequence[str]]) -> Timing:
    """quantity&units ^ interval&times ^ duration ^ start ^ end ^ priority ^ condition ^ text ^ … ^ total occurrences."""
    code = _at(repetition, 1, 0)
    priority, condition, text = _at(repetition, 5, 0), _at(repetition, 6, 0), _at(repetition, 7, 0)
    timing = Timing(
        code=code,
        times=_times(_at(repetition, 1, 1)),
        dose=_at(repetition, 0, 0),
        dose_units=_at(repetition, 0, 1),
        duration=_at(repetition, 2, 0),
        start=_at(repetition, 3, 0),
        stop=_at(repetition, 4, 0),
        priority=priority,
        prn=any(map(_is_prn, (code, priority))),
        text="; ".join(each for each in (text, condition) if each),
        count=_at(repetition, 11, 0),
    )
    return _with_pattern(timing, code)


# --- TQ1 -------------------------------------------------------------------------------------------------------


def _schedule(segment: Sequence[Nested]) -> Timing:
    def leaf(number: int, component: int = 1, subcomponent: int = 1) -> str:
        repetitions = segment[number] if number < len(segment) else ()
        return _at(repetitions[0], component - 1, subcomponent - 1) if repetitions else ""

    code, every = leaf(3), leaf(3, 2)
    amount = leaf(6), leaf(6, 2, 1)
    priority = leaf(9)
    timing = Timing(
        code=code,
        times=tuple(dict.fromkeys((*_all_times(segment, 4), *_times(leaf(3, 4))))),
        dose=leaf(2),
        dose_units=leaf(2, 2),
        duration=" ".join(each for each in amount if each),
        start=leaf(7),
        stop=leaf(8),
        priority=priority,
        prn=_is_prn(code) or _is_prn(priority),
        text="; ".join(each for each in (leaf(11), leaf(10)) if each),
        count=leaf(14),
    )
    if code.upper() == "D" and every.isdecimal():  # long-term care: D^1 every day, D^2 every other
        return replace(timing, every_days=int(every))
    if code.upper() == "W" and every:
        return _with(timing, every, weekdays=_weekdays(every))
    if code.upper() == "M" and every:
        return _with(timing, every, month_days=_month_days(every))
    return _with_pattern(timing, code)


def _all_times(segment: Sequence[Nested], number: int) -> tuple[str, ...]:
    """TQ1-4: repetitions ``070000~150000`` or one list ``07:30, 15:00``."""
    repetitions = segment[number] if number < len(segment) else ()
    return tuple(time for each in repetitions for time in _times(_at(each, 0, 0)))


# --- pieces ----------------------------------------------------------------------------------------------------


def _at(repetition: Sequence[Sequence[str]], component: int, subcomponent: int) -> str:
    if component >= len(repetition) or subcomponent >= len(repetition[component]):
        return ""
    value = repetition[component][subcomponent]
    return "" if value == _NULL else value


def _is_prn(text: str) -> bool:
    return text.upper().startswith("PRN") or text.upper().endswith(" PRN")


def _with_pattern(timing: Timing, code: str) -> Timing:
    """QJ135 weekdays, Q2D every second day, QL1,15 days of the month."""
    if found := _WEEKDAYS.fullmatch(code):
        return replace(timing, weekdays=tuple(DAYS[int(digit) - 1] for digit in dict.fromkeys(found[2])))
    if found := _EVERY_DAYS.fullmatch(code):
        return replace(timing, every_days=int(found[1]))
    if found := _MONTH_DAYS.fullmatch(code):
        return replace(timing, month_days=_month_days(found[1]))
    return timing


def _times(text: str) -> tuple[str, ...]:
    """``08:00,20:00`` and ``0800,2000`` as HH:MM; all or none, so that no dose is lost silently."""
    if not text:
        return ()
    found = tuple(_CLOCK.fullmatch(each.strip()) for each in text.split(",") if each.strip())
    times = tuple(f"{int(each[1]):02}:{each[2]}" for each in found if each and int(each[1]) < 25 and int(each[2]) < 60)
    return times if len(times) == len(found) else ()


def _weekdays(text: str) -> tuple[str, ...]:
    return _all_read(text, lambda each: each[:3].lower() if each[:3].lower() in DAYS else None)


def _month_days(text: str) -> tuple[int, ...]:
    return _all_read(text, lambda each: int(each) if each.isdecimal() and 1 <= int(each) <= 31 else None)


_T = TypeVar("_T")


def _all_read(text: str, read: Callable[[str], _T | None]) -> tuple[_T, ...]:
    found = [read(each.strip()) for each in text.split(",") if each.strip()]
    return tuple(each for each in found if each is not None) if None not in found else ()
