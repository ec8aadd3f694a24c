"""The facts of an order in words, and what changed from one version to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from officina.order.order import VOLATILE, facts_of
from officina.store.rows import VersionRow
from officina.web import moments, tall_man, words
from officina.web.codes import FORMS, PRIORITIES, ROUTES, meant

Facts = Mapping[str, Any]

# In the order a pharmacist reads them; facts of one line are joined with a blank.
TITLES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("Drug", ("drug_text",)),
    ("Drug code", ("drug_code", "drug_system")),
    ("Strength", ("strength", "strength_units")),
    ("Dose", ("dose", "dose_units")),
    ("Highest dose", ("dose_max",)),
    ("Form", ("form",)),
    ("Route", ("route",)),
    ("Directions", ("directions",)),
    ("Timing", ("timings",)),
    ("Indication", ("indication",)),
    ("Quantity", ("quantity", "quantity_units")),
    ("Refills", ("refills",)),
    ("Refills left", ("refills_remaining",)),
    ("Start", ("start_at",)),
    ("Stop", ("stop_at",)),
    ("Priority", ("priority",)),
    ("Prescriber", ("prescriber",)),
    ("Prescriber id", ("prescriber_id",)),
    ("Components", ("components",)),
    ("Notes", ("notes",)),
    ("Dispensed", ("dispensed_text", "dispensed_code")),
    ("Amount dispensed", ("dispensed_quantity", "dispensed_units")),
    ("Dispensed at", ("dispensed_at",)),
    ("Dispense number", ("dispense_number",)),
    ("Prescription number", ("prescription_number",)),
    ("Placer number", ("placer_number", "placer_namespace")),
    ("Filler number", ("filler_number", "filler_namespace")),
    ("Group number", ("group_number",)),
    ("Order type", ("order_type",)),
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = {"mon": "Mon", "tue": "Tue", "wed": "Wed", "thu": "Thu", "fri": "Fri", "sat": "Sat", "sun": "Sun"}


class Zones(NamedTuple):
    """Where times were stated, and where they are read."""

    place: ZoneInfo
    reader: ZoneInfo


class Line(NamedTuple):
    """One fact with its title."""

    title: str
    text: str


class Change(NamedTuple):
    """One fact that differs between two versions, word by word."""

    title: str
    pieces: list[words.Piece]


class Version(NamedTuple):
    """A version with what it changed; the first one changed nothing."""

    row: VersionRow
    changes: list[Change]


def lines(facts: Facts, zones: Zones) -> list[Line]:
    """What is known, in reading order; codes of the standard with their meaning, times with their zone if it is not the
    reader's.
    """
    found = [Line(title, _joined(facts, names) + _zone(facts, names, zones)) for title, names in TITLES]
    return [line for line in found if line.text]


def versions(rows: Sequence[VersionRow]) -> list[Version]:
    """The versions, each compared with the one before it."""
    found: list[Version] = []
    before: Facts | None = None
    for row in rows:
        facts = facts_of(row.facts)
        changes = _changes(before, facts) if before is not None else []
        found.append(Version(row, changes))
        before = facts
    return found


def beside(before: Facts, after: Facts) -> list[tuple[str, str, str]]:
    """Title and both texts of everything that either side says, in reading order."""
    both = ((title, _joined(before, names), _joined(after, names)) for title, names in TITLES)
    return [line for line in both if line[1] or line[2]]


def _changes(before: Facts, after: Facts) -> list[Change]:
    changed = []
    for title, names in TITLES:
        if not VOLATILE.isdisjoint(names):
            continue
        old, new = _joined(before, names), _joined(after, names)
        if old != new:
            changed.append(Change(title, words.compare(old, new)))
    return changed


def _joined(facts: Facts, names: Sequence[str]) -> str:
    return " ".join(filter(None, (_text(name, facts.get(name)) for name in names)))


def _zone(facts: Facts, names: Sequence[str], zones: Zones) -> str:
    stated = facts.get(names[0]) if names[0].endswith("_at") else None
    zone = moments.zone_beside(str(stated), *zones) if stated else ""
    return f" {zone}" if zone else ""


def _text(name: str, value: Any) -> str:
    if not value:
        return ""
    if name in _WRITERS:
        return _WRITERS[name](value)
    return str(value)


def _day_and_time(text: str) -> str:
    """``2026-03-04T08:00:00+00:00`` as ``4 Mar 2026 08:00``: the wall clock of the place, as it was stated."""
    day, _, clock = text.partition("T")
    parts = day.split("-")
    if not all(part.isdigit() for part in parts):
        return text
    year, *rest = parts
    month = _MONTHS[int(rest[0]) - 1] if rest and 1 <= int(rest[0]) <= 12 else ""
    date = " ".join(filter(None, (str(int(rest[1])) if len(rest) > 1 else "", month, year)))
    return f"{date} {clock[:5]}" if clock else date


def timing(stated: Mapping[str, Any]) -> str:
    """One schedule in words, as far as it was understood; its own text only where nothing was."""
    code = str(stated.get("code", ""))
    parts = [code if len(code) > 1 else ""]  # D, W, M only say what the days below say better
    parts.append(", ".join(_WEEKDAYS.get(day, day) for day in stated.get("weekdays", ())))
    if days := stated.get("month_days"):
        parts.append("on day " + ", ".join(map(str, days)) + " of the month")
    parts.append(_every(stated))
    parts.append(", ".join(stated.get("times", ())))
    parts.append(" ".join(str(stated.get(name, "")) for name in ("dose", "dose_units")).strip())
    parts.append(f"for {stated['duration']}" if stated.get("duration") else "")
    parts.append(f"{stated['occurrences']} times in all" if stated.get("occurrences") else "")
    parts.append("when needed" if stated.get("prn") else "")
    return " · ".join(part for part in parts if part) or str(stated.get("text", ""))


def _every(stated: Mapping[str, Any]) -> str:
    days, weeks = stated.get("every_days", 0), stated.get("every_weeks", 0)
    if weeks > 1:
        return f"every {weeks} weeks"
    if days:
        return "every day" if days == 1 else f"every {days} days"
    return ""


_WRITERS: Final[Mapping[str, Callable[[Any], str]]] = {
    "drug_text": tall_man.mark,
    "dispensed_text": tall_man.mark,
    "timings": lambda timings: "; ".join(map(timing, timings)),
    "route": partial(meant, table=ROUTES),
    "form": partial(meant, table=FORMS),
    "priority": partial(meant, table=PRIORITIES),
    "notes": " / ".join,
    "components": lambda parts: "; ".join(" ".join(map(str, part.values())) for part in parts),
    "start_at": _day_and_time,
    "stop_at": _day_and_time,
    "dispensed_at": _day_and_time,
}
