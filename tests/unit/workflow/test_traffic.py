"""What counts as what, and what the counts say."""

from __future__ import annotations

import typing

import pytest

from officina.workflow import traffic
from officina.workflow.delivery import Result
from officina.workflow.intake import OUTCOMES
from officina.workflow.traffic import BUCKET, MINUTE, NOTHING, Counts, Rates

NOW = 1000 * BUCKET + 2 * MINUTE


@pytest.mark.parametrize(
    ("column", "states"),
    [
        ("taken", ["accepted"]),
        ("no_effect", ["ignored", "duplicate", "parked"]),
        ("refused", ["failed", "rejected", "unreadable"]),
    ],
)
def test_every_state_of_a_message_counts_as_its_sender_was_told(column: str, states: list[str]) -> None:
    assert [state for state in OUTCOMES if traffic.of_message(state) == column] == states


def test_an_attempt_is_sent_only_if_the_receiver_has_it() -> None:
    assert [result for result in typing.get_args(Result) if traffic.of_attempt(result) == "sent"] == ["accepted"]


def test_a_series_ends_with_the_bucket_that_is_not_over_yet() -> None:
    counted = {1000 * BUCKET: Counts(taken=1), 998 * BUCKET: Counts(sent=3), 100 * BUCKET: Counts(taken=9)}
    assert traffic.series(counted, NOW, 4) == [NOTHING, Counts(sent=3), NOTHING, Counts(taken=1)]
    assert len(traffic.series({}, NOW)) == 12


def test_a_rate_is_taken_over_this_bucket_and_the_last() -> None:
    counted = {1000 * BUCKET: Counts(taken=3, refused=1), 999 * BUCKET: Counts(taken=5, no_effect=5, sent=7)}
    assert traffic.rates(counted, NOW) == Rates(2.0, 1.0)
    assert traffic.rates(counted, NOW + 2 * BUCKET) == Rates(0, 0)


def test_what_was_counted_between_two_instants_is_that_of_the_buckets_which_begin_there() -> None:
    counted = {at * BUCKET: Counts(taken=10**at) for at in range(5)}
    assert traffic.between(counted, 1 * BUCKET, 3 * BUCKET) == Counts(taken=110)
    assert traffic.between(counted, 1 * BUCKET + 1, 3 * BUCKET + 1) == Counts(taken=1100)
    assert traffic.between({}, 0, 9 * BUCKET) == NOTHING
