"""Where the patient is and for which stay, as one message states it, and what that changes in the book."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from officina.order.patient import CLEAR, changes

_NOTHING: Mapping[str, Any] = {}


class VisitFacts(NamedTuple):
    """``number`` is the visit number, "" where the sender has none; ``fields`` some of point_of_care, room, bed,
    category, attending; ``instants`` some of admitted_at, discharged_at, None where HL7 null clears it.
    """

    number: str = ""
    fields: Mapping[str, str] = _NOTHING
    instants: Mapping[str, int | None] = _NOTHING

    @property
    def stated(self) -> bool:
        """Whether the message says anything of a visit."""
        return bool(self.number or self.instants or any(value != CLEAR for value in self.fields.values()))


def merge(current: Mapping[str, object], facts: VisitFacts) -> dict[str, str | int | None]:
    """Only what changes: "" or None where HL7 null clears."""
    changed: dict[str, str | int | None] = {**changes(current, facts.fields)}
    for key, value in facts.instants.items():
        if current.get(key) != value:
            changed[key] = value
    return changed
