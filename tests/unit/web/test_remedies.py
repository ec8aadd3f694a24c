"""A message that needs someone says who, and what to do."""

from __future__ import annotations

import pytest

from officina.web import labels, remedies


@pytest.mark.parametrize("state", list(labels.MESSAGE_STATES))
def test_what_needs_someone_says_what_to_do_and_nothing_else_does(state: str) -> None:
    needs_someone = labels.MESSAGE_STATES[state].status in ("attention", "problem")
    assert bool(remedies.remedy(state, "")) == needs_someone
    assert bool(remedies.remedy(state, "brand_new")) == needs_someone


def test_the_reason_decides() -> None:
    assert "maps the code to a facility" in remedies.remedy("parked", "facility_unknown")
    assert "must send it anew, with an identifier" in remedies.remedy("rejected", "no_patient_identifier")
    assert remedies.remedy("ignored", "control_refused") == ""


def test_processing_again_is_offered_where_it_can_help() -> None:
    assert remedies.offers_again("parked", "facility_unknown")
    assert remedies.offers_again("ignored", "control_ignored")
    assert not remedies.offers_again("unreadable", "unreadable")
    assert not remedies.offers_again("rejected", "too_long")
    assert not remedies.offers_again("accepted", "")
