"""Whether a resident is given a medication at a moment."""

from __future__ import annotations

import pytest

from officina.workflow.medication import MedicationState, state_at


@pytest.mark.parametrize(
    ("ends_at", "at", "state"),
    [
        (None, 9, "to_come"),
        (None, 10, "active"),
        (20, 9, "to_come"),
        (20, 19, "active"),
        (20, 20, "ended"),
        (10, 5, "ended"),
        (5, 1, "ended"),
    ],
)
def test_it_is_given_from_its_start_until_its_end(ends_at: int | None, at: int, state: MedicationState) -> None:
    assert state_at(10, ends_at, at) == state
