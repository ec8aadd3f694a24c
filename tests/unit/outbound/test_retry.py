from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from officina.outbound.retry import Pace, wait_s

paces = st.builds(Pace, st.floats(0.001, 86_400), st.floats(1, 10), st.floats(0.001, 86_400))
chances = st.floats(0, 1)


@pytest.mark.parametrize(
    ("pace", "waits"),
    [
        (Pace(30), [30, 30, 30, 30]),
        (Pace(30, 2, 100), [30, 60, 100, 100]),
        (Pace(30, 1.5, 600), [30, 45, 67.5, 101.25]),
        (Pace(30, 2, 10), [30, 30, 30, 30]),  # the interval is never shortened
        (Pace(1, 10, 1000), [1, 10, 100, 1000]),
    ],
)
def test_each_further_wait_is_longer_up_to_the_longest(pace: Pace, waits: list[float]) -> None:
    assert [wait_s(failures, pace, 0.5) for failures in range(1, 5)] == pytest.approx(waits)


def test_chance_spreads_by_a_fifth_either_way() -> None:
    assert [wait_s(1, Pace(100), chance) for chance in (0, 0.25, 0.5, 1)] == pytest.approx([80, 90, 100, 120])


@given(st.integers(1, 50), paces, chances)
def test_a_wait_is_about_the_interval_at_least_and_the_longest_at_most(
    failures: int, pace: Pace, chance: float
) -> None:
    wait = wait_s(failures, pace, chance)
    most = max(pace.most_s, pace.interval_s)
    assert pace.interval_s * 0.799 <= wait <= most * 1.201


@given(st.integers(1, 50), paces, chances)
def test_no_wait_is_shorter_than_the_one_before(failures: int, pace: Pace, chance: float) -> None:
    assert wait_s(failures + 1, pace, chance) >= wait_s(failures, pace, chance)


def test_a_receiver_that_was_away_for_years_is_no_arithmetic_problem() -> None:
    assert wait_s(10_000_000, Pace(30, 10, 600), 0.5) == 600
