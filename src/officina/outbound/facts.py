"""What can be told of an event, put together from what the book knows of it. Pure; names are those of a profile."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple, cast

from officina.message.facts import SINGLE, Fact, Facts
from officina.order.timing import DAYS, names_days

Row = Mapping[str, object]
_NOTHING: Row = {}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CODES = re.compile(r"[A-Z0-9,]+( [A-Z0-9,]+)+", re.ASCII)  # repeat patterns that came as repetitions
_LETTERS = ("D", "W", "M")  # codes of long-term care that mean nothing without the days beside them


class Subject(NamedTuple):
    """An event with what it is about, as the book has it; empty where it is about none. ``order`` are the facts of the
    version the event made, beside the order's id, version and status.
    """

    event: Row
    place: Row = _NOTHING
    organisation: Row = _NOTHING
    patient: Row = _NOTHING
    identifiers: Sequence[Row] = ()
    visit: Row = _NOTHING
    order: Row = _NOTHING


def facts(subject: Subject, *, connector: str, control_id: str, at: int, zone: tzinfo) -> Facts:
    """Everything that may be said; times are those of ``zone``, the place's."""
    single: dict[str, Row] = {
        "message": {"control_id": control_id, "at": at},
        "event": subject.event,
        "connector": {"name": connector},
        "place": subject.place,
        "organisation": subject.organisation,
        "patient": {**subject.patient, "identifier": _first(subject.identifiers)},
        "visit": {**subject.visit, **_person("attending", subject.visit.get("attending", ""))},
        "order": {**subject.order, **_person("prescriber", subject.order.get("prescriber", ""))},
    }
    known = {root: {name: _text(rows.get(name), name, zone) for name in SINGLE[root]} for root, rows in single.items()}
    order = subject.order
    repeated: dict[str, Sequence[Mapping[str, Fact]]] = {
        "identifier": _numbered(_texts(each) for each in subject.identifiers),
        "timing": _numbered(_timing(each, order) for each in _timings(order)),
        "note": _numbered({"text": str(note)} for note in cast("list[str]", order.get("notes", ()))),
        "component": _numbered(_texts(each) for each in _rows(order, "components")),
    }
    return {**known, **repeated}


def _rows(order: Row, name: str) -> Sequence[Row]:
    return cast("Sequence[Row]", order.get(name, ()))


def _numbered(each: Iterable[Mapping[str, Fact]]) -> list[Mapping[str, Fact]]:
    return [{"number": str(number), **one} for number, one in enumerate(each, 1)]


def _texts(row: Row) -> dict[str, Fact]:
    return {name: str(value) for name, value in row.items()}


def _text(value: object, name: str, zone: tzinfo) -> str:
    if value is None:
        return ""
    if isinstance(value, int) and (name == "at" or name.endswith("_at")):
        return (_EPOCH + timedelta(microseconds=value)).astimezone(zone).isoformat(timespec="seconds")
    return str(value)


def _first(identifiers: Sequence[Row]) -> object:
    """The one number for those who take only one: that of the medical record, else whichever comes first."""
    ranked = sorted(identifiers, key=lambda each: each["type"] != "MR")
    return ranked[0]["value"] if ranked else ""


def _person(role: str, name: object) -> dict[str, str]:
    family, _, given = str(name or "").partition(", ")
    return {f"{role}_family": family, f"{role}_given": given}


# --- timings ---------------------------------------------------------------------------------------------------


def _timings(order: Row) -> Sequence[Row]:
    """An order that only says when it begins or ends says so in a schedule of its own."""
    found = _rows(order, "timings")
    return found or ([_NOTHING] if order.get("start_at") or order.get("stop_at") else [])


def _timing(timing: Row, order: Row) -> dict[str, Fact]:
    """As TQ1 has it: all that a schedule says is in its pattern, its times and its words."""
    duration, _, units = str(timing.get("duration", "")).partition(" ")
    plain = ("code", "dose", "dose_units", "occurrences", "text")
    return {
        **{name: str(timing.get(name, "")) for name in plain},
        "pattern": _pattern(timing),
        "times": [time.replace(":", "") for time in cast("list[str]", timing.get("times", ()))],
        "duration": duration,
        "duration_units": units,
        "priority": _priority(timing),
        "start_at": str(order.get("start_at", "")),
        "stop_at": str(order.get("stop_at", "")),
    }


def _pattern(timing: Row) -> list[str]:
    """TQ1-3: the codes, and the days as table 0335 names them where no code does."""
    code, days = str(timing.get("code", "")), _days(timing)
    codes = code.split(" ") if _CODES.fullmatch(code) else [code] if code else []
    if days and not any(map(names_days, codes)):
        codes = [each for each in codes if each.upper() not in _LETTERS] + [days]
    return codes


def _days(timing: Row) -> str:
    """``QJ135``, ``Q2J1``, ``QL1,15``, ``Q2D``; "" where the days are every day's or nobody's."""
    if weekdays := cast("list[str]", timing.get("weekdays", ())):
        weeks = cast(int, timing.get("every_weeks", 1))
        return f"Q{weeks if weeks > 1 else ''}J{''.join(str(DAYS.index(day) + 1) for day in weekdays)}"
    if month_days := cast("list[int]", timing.get("month_days", ())):
        return f"QL{','.join(map(str, month_days))}"
    if every := cast(int, timing.get("every_days", 0)):
        return f"Q{every}D"
    return ""


def _priority(timing: Row) -> list[str]:
    """TQ1-9; that a dose is given only as needed is said where the codes do not say it (table 0485)."""
    said = [str(timing["priority"])] if timing.get("priority") else []
    named = re.search(r"\bP\.?R\.?N", f"{timing.get('code', '')} {timing.get('priority', '')}", re.IGNORECASE)
    return [*said, "PRN"] if timing.get("prn") and not named else said
