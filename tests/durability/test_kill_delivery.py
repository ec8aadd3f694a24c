"""Kill -9 while messages go out: each reaches the partner, in order, and twice only what it answered just before.

The hub takes messages in and passes them on at the same time; the partner outlives it and notes what comes. Each life
of the hub is one connection to the partner.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import pytest
from benchmarks.hub import Hub, free_port
from benchmarks.receiver import Receiver
from tests.durability.book import Book
from tests.durability.generator import KILLS, drained, grown, load

from officina.runtime.courier import AHEAD

pytestmark = pytest.mark.timeout(240 + 30 * KILLS)


@pytest.mark.parametrize("payload", ["source", "hl7"])
def test_everything_acknowledged_reaches_the_partner_in_order(url: str, tmp_path: Path, payload: str) -> None:
    """``source`` passes on what came; ``hl7`` composes a message of each order, with a control id of its own."""
    dice = random.Random()
    partner = free_port()
    hub = Hub(url, tmp_path, [partner], payload)
    book = Book(url)
    try:
        with Receiver([partner], tmp_path / "received.tsv") as receiver:
            hub.start()
            with load(hub, tmp_path) as generator:
                for _ in range(KILLS):
                    grown(book, dice.choice((1, 50, 400, 2000)))
                    hub.kill()
                    assert book.broken() == {}
                    hub.start()
                grown(book, 1)
                acknowledged = {control_id for control_id, _ in generator.stop()}
            drained(book)
            hub.stop()
            received = receiver.stop()
        lives = [[each.control_id for each in life] for _, life in groupby(received, lambda each: each.connection)]
        assert acknowledged
        assert acknowledged - {control_id for control_id, _ in book.accepted()} == set()
        assert book.broken() == {}
        _check_order(book.outgoing(), lives)
    finally:
        hub.kill()
        book.close()


def _check_order(outgoing: Sequence[str], lives: Sequence[Sequence[str]]) -> None:
    """Each life goes on where the one before it ended, or a few messages before."""
    places = {control_id: place for place, control_id in enumerate(outgoing)}
    assert len(places) == len(outgoing)
    next_place = 0
    for life in lives:
        first = places[life[0]]
        assert [places[control_id] for control_id in life] == list(range(first, first + len(life)))
        assert next_place - AHEAD <= first <= next_place
        next_place = first + len(life)
    assert next_place == len(outgoing)
    assert len(lives) <= KILLS + 1
