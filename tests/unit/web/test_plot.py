"""What is drawn says the same in words, and nothing small vanishes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from officina.web.plot import HEIGHT, WIDTH, sparkline

COUNTS = st.lists(st.integers(0, 10**6), min_size=1, max_size=30)


def test_the_highest_is_as_high_as_the_drawing_and_the_rest_in_proportion() -> None:
    drawn = sparkline([0, 5, 10], 15)
    assert [(bar.x, bar.y, bar.height) for bar in drawn.bars] == [(5, 10.0, 10.0), (10, 0.0, 20.0)]
    assert (drawn.width, drawn.text) == (14, "15 in the last 15 minutes, at most 10 in 5")


def test_nothing_is_said() -> None:
    drawn = sparkline([0] * 12, 60)
    assert (drawn.bars, drawn.text) == ((), "nothing in the last 60 minutes")


@given(COUNTS)
def test_every_count_but_none_is_seen_and_stays_inside(counts: list[int]) -> None:
    drawn = sparkline(counts, 5 * len(counts))
    assert [bar.x // (WIDTH + 1) for bar in drawn.bars] == [place for place, count in enumerate(counts) if count]
    assert all(1 <= bar.height <= HEIGHT and bar.y + bar.height == HEIGHT for bar in drawn.bars)
    assert all(bar.x + WIDTH <= drawn.width for bar in drawn.bars)
