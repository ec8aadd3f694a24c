from __future__ import annotations

from typing import get_args

from officina.workflow.intake import OUTCOMES, REPROCESSABLE, MessageState, outcome


def test_every_state_has_one_outcome() -> None:
    assert set(OUTCOMES) == set(get_args(MessageState))


def test_the_table_of_the_design() -> None:
    accepted = {state for state in OUTCOMES if outcome(state) == "accept"}
    assert accepted == {"accepted", "ignored", "duplicate", "parked"}
    assert outcome("failed") == "error"
    assert {state for state in OUTCOMES if outcome(state) == "reject"} == {"rejected", "unreadable"}


def test_what_had_its_effect_is_not_processed_again() -> None:
    assert not REPROCESSABLE & {"accepted", "duplicate"}
