"""Whether a resident is given a medication at a moment: from its start until its end, and not at the end itself."""

from __future__ import annotations

from typing import Final, Literal

MedicationState = Literal["active", "to_come", "ended"]
STATES: Final[tuple[MedicationState, ...]] = ("active", "to_come", "ended")


def state_at(starts_at: int, ends_at: int | None, at: int) -> MedicationState:
    """What ended before it ever began has ended."""
    if ends_at is not None and ends_at <= max(at, starts_at):
        return "ended"
    return "active" if starts_at <= at else "to_come"
