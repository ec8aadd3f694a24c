"""What can be said of an event in a message that is composed: a closed list of names, all of them texts.

The names are those a profile reads by, so that one dialect reads and writes the same facts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

PLACE = ("code", "name", "partner_code")
# Facts that there are once. Names that end in _at and _on are times and dates, as ISO 8601.
SINGLE: Mapping[str, Sequence[str]] = {
    "message": ("control_id", "at"),
    "event": ("id", "kind", "at"),
    "connector": ("name",),
    "place": PLACE,
    "organisation": PLACE,
    "patient": ("id", "identifier", "family", "given", "middle", "born_on", "sex", "address", "phone"),
    "visit": (
        *("number", "category", "point_of_care", "room", "bed", "attending", "admitted_at", "discharged_at"),
        *("attending_family", "attending_given"),
    ),
    "order": (
        *("id", "version", "control", "status", "order_status", "order_type"),
        *("placer_number", "placer_namespace", "filler_number", "filler_namespace", "prescription_number"),
        *("group_number", "drug_code", "drug_system", "drug_text", "strength", "strength_units", "dose", "dose_max"),
        *("dose_units", "form", "route", "directions", "indication", "quantity", "quantity_units", "refills"),
        *("refills_remaining", "start_at", "stop_at", "prescriber_id", "prescriber", "prescriber_family"),
        *("prescriber_given", "entered_at", "effective_at", "priority", "dispensed_code", "dispensed_text"),
        *("dispensed_quantity", "dispensed_units", "dispensed_at", "dispense_number"),
    ),
}
# Facts that there are as often as the patient has identifiers, the order timings, notes or components.
REPEATED: Mapping[str, Sequence[str]] = {
    "identifier": ("number", "type", "authority", "value"),
    "timing": (
        *("number", "code", "pattern", "times", "dose", "dose_units", "duration", "duration_units", "occurrences"),
        *("priority", "text", "start_at", "stop_at"),
    ),
    "note": ("number", "text"),
    "component": ("number", "type", "code", "text", "amount", "units"),
}
NAMES = tuple(f"{root}.{name}" for roots in (SINGLE, REPEATED) for root, names in roots.items() for name in names)

# A fact that says several things at once (the times of a timing) is a list of texts.
Fact = str | Sequence[str]
Facts = Mapping[str, Mapping[str, Fact] | Sequence[Mapping[str, Fact]]]


class Name(NamedTuple):
    """The name of a fact, taken apart; ``timed`` where it is a time or a date."""

    root: str
    key: str
    timed: bool

    @classmethod
    def of(cls, name: str) -> Name:
        root, _, key = name.partition(".")
        return cls(root, key, key == "at" or key.endswith(("_at", "_on")))


def said(facts: Facts, name: Name, index: int | None = None) -> list[str]:
    """What there is to a name; of a repeated one all, or only that of ``index``, "" where one of them says nothing."""
    found = facts.get(name.root)
    if found is None:
        return []
    if isinstance(found, Mapping):
        return _texts(found.get(name.key, ""))
    if index is not None:
        return _texts(found[index].get(name.key, ""))
    return [",".join(_texts(each.get(name.key, ""))) for each in found]


def _texts(fact: Fact) -> list[str]:
    return [fact] if isinstance(fact, str) else list(fact)
