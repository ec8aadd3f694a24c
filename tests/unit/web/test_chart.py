"""Bars stand on the line or hang from it in proportion, inside the drawing, and one is never drawn as none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from officina.web.chart import LEAST, TALL, TOP, Stack, chart

COUNTS = st.integers(0, 10**6)
STACKS = st.lists(st.tuples(COUNTS, COUNTS, COUNTS), min_size=1, max_size=60)


def stack(taken: int, no_effect: int, refused: int) -> Stack:
    return Stack((("taken", taken), ("no_effect", no_effect)), ("refused", refused))


def test_the_scale_is_of_round_numbers_and_has_the_highest_bar() -> None:
    drawn = chart([stack(30, 7, 0), stack(0, 0, 3)])
    assert [line.number for line in drawn.lines] == [0, 10, 20, 30, 40]
    first, second = drawn.bars
    assert [part.kind for part in first.parts] == ["taken", "no_effect"]
    unit = TALL / 43
    assert first.parts[0].height == round(30 * unit, 1)
    assert first.parts[1].y == round(first.parts[0].y - first.parts[1].height, 1)
    assert second.parts[0] == ("refused", drawn.base, round(3 * unit, 1))
    assert (first.x, first.width, second.x) == (0, 50, 50)


def test_the_scale_goes_below_the_line_where_much_was_refused() -> None:
    assert [line.number for line in chart([stack(8, 0, 9)]).lines] == [5, 0, 5, 10]


@given(STACKS)
def test_everything_but_none_is_seen_and_stays_inside(counts: list[tuple[int, int, int]]) -> None:
    drawn = chart([stack(*each) for each in counts])
    for bar, (taken, no_effect, refused) in zip(drawn.bars, counts, strict=True):
        assert [part.kind for part in bar.parts] == [
            kind for kind, count in (("taken", taken), ("no_effect", no_effect), ("refused", refused)) if count
        ]
        for part in bar.parts:
            assert part.height >= LEAST
            assert part.y >= TOP - LEAST - 0.2
            assert part.y + part.height <= drawn.height + 0.2
            assert part.y >= drawn.base if part.kind == "refused" else part.y < drawn.base
        assert bar.x <= bar.inner_x
        assert bar.inner_x + bar.inner_width <= bar.x + bar.width + 0.01
