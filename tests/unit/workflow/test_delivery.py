"""What an attempt makes of a delivery: HL7 v2.5.1 section 2.9.2 and table 0008, and what a connector's limits add."""

from __future__ import annotations

from typing import get_args

import pytest

from officina.workflow.delivery import AMBIGUOUS, DeliveryState, Limits, Result, Ruling, after, may_resubmit

MINUTE = 60_000_000
RETRIED: tuple[Result, ...] = ("error", "unreachable", "no_answer", "bad_answer")


@pytest.mark.parametrize(
    ("result", "ruling"),
    [
        ("accepted", Ruling("delivered")),
        ("rejected", Ruling("failed", "rejected")),
        ("unsendable", Ruling("failed", "unsendable")),
        ("error", Ruling("queued")),
        ("unreachable", Ruling("queued")),
        ("no_answer", Ruling("queued")),
        ("bad_answer", Ruling("queued")),
    ],
)
def test_without_limits(result: Result, ruling: Ruling) -> None:
    for attempts, age in ((1, 0), (100_000, 365 * 24 * 60 * MINUTE)):
        assert after(result, attempts=attempts, age=age, limits=Limits()) == ruling


def test_every_result_is_ruled_on() -> None:
    states = {after(result, attempts=1, age=0, limits=Limits()).state for result in get_args(Result)}
    assert states == {"delivered", "failed", "queued"}


@pytest.mark.parametrize("result", [each for each in RETRIED if each != "unreachable"])
@pytest.mark.parametrize(
    ("limits", "attempts", "age", "ruling"),
    [
        (Limits(attempts=3), 2, 0, Ruling("queued")),
        (Limits(attempts=3), 3, 0, Ruling("failed", "too_many_attempts")),
        (Limits(attempts=3), 4, 0, Ruling("failed", "too_many_attempts")),
        (Limits(age=MINUTE), 9, MINUTE - 1, Ruling("queued")),
        (Limits(age=MINUTE), 1, MINUTE, Ruling("failed", "too_old")),
        (Limits(attempts=3, age=MINUTE), 3, MINUTE, Ruling("failed", "too_many_attempts")),
    ],
)
def test_a_limit_ends_what_would_be_tried_for_ever(
    result: Result, limits: Limits, attempts: int, age: int, ruling: Ruling
) -> None:
    assert after(result, attempts=attempts, age=age, limits=limits) == ruling


def test_a_receiver_that_is_away_empties_no_queue_into_the_error_queue() -> None:
    strict = Limits(attempts=1, age=1, doubtful=False)
    assert after("unreachable", attempts=9, age=9, limits=strict) == Ruling("queued")


@pytest.mark.parametrize("result", get_args(Result))
def test_what_may_have_arrived_is_not_sent_again_where_the_connector_says_so(result: Result) -> None:
    ruling = after(result, attempts=1, age=0, limits=Limits(doubtful=False))
    if result in ("no_answer", "bad_answer"):
        assert ruling == Ruling("failed", "doubtful")
    else:
        assert ruling == after(result, attempts=1, age=0, limits=Limits())


@pytest.mark.parametrize("result", ["accepted", "rejected"])
def test_what_the_receiver_decided_no_limit_changes(result: Result) -> None:
    strict = Limits(attempts=1, age=1, doubtful=False)
    assert after(result, attempts=9, age=9, limits=strict) == after(result, attempts=1, age=0, limits=Limits())


def test_only_what_was_sent_and_not_answered_well_is_ambiguous() -> None:
    assert {"no_answer", "bad_answer"} == AMBIGUOUS


def test_only_the_error_queue_is_resubmitted_from() -> None:
    assert [state for state in get_args(DeliveryState) if may_resubmit(state)] == ["failed"]
