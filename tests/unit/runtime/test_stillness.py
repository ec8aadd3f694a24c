"""A file is ready once it has been the same for long enough."""

from __future__ import annotations

from officina.connectors.port import Item
from officina.runtime.stillness import Stillness


def test_two_looks_far_enough_apart_must_find_it_the_same() -> None:
    still = Stillness(2.0)
    small, grown = Item("a", "1", settled=False), Item("a", "2", settled=False)
    assert still.ready([small], 10.0) == []
    assert still.moving
    assert still.ready([small], 11.0) == []
    assert still.ready([grown], 12.5) == []
    assert still.ready([grown], 14.0) == []
    assert still.ready([grown], 14.5) == [grown]
    assert not still.moving
    assert still.since(grown, 20.0) == 7.5


def test_one_that_went_and_came_back_begins_anew() -> None:
    still, item = Stillness(2.0), Item("a", "1", settled=False)
    still.ready([item], 0.0)
    still.ready([], 1.0)
    assert still.ready([item], 5.0) == []


def test_what_was_complete_when_it_appeared_is_ready_at_once() -> None:
    item = Item("17", "7")
    assert Stillness(2.0).ready([item], 0.0) == [item]
