"""Two hubs as processes on one PostgreSQL: one sends, and when it is killed, stops or sleeps the other goes on.

The receiver is the test: it counts, and does to the hub what is to be done at a certain message.
"""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from tests.durability.fleet import Fleet
from tests.support.receivers import Receiver

from officina.runtime.courier import AHEAD
from officina.store import open_store

pytestmark = pytest.mark.timeout(400)
SHORT_S, LONG_S = 3, 600
COUNT, HALF = 60, 30


@asynccontextmanager
async def fleet(url: str, receiver: Receiver, seconds: int) -> AsyncIterator[Fleet]:
    """Two hubs, of which ``first`` sends."""
    with open_store(url) as store:
        made = Fleet(url, store, receiver, seconds)
        try:
            await made.start("first")
            await made.until(lambda: made.holder() == "first")
            await made.start("second")
            yield made
        finally:
            await made.end()


def lives(received: Sequence[str], outgoing: Sequence[str]) -> list[list[int]]:
    """What came, as places in the queue, cut where it does not go on with the next."""
    places = {control_id: place for place, control_id in enumerate(outgoing)}
    found: list[list[int]] = []
    for place in (places[each] for each in received):
        if found and place == found[-1][-1] + 1:
            found[-1].append(place)
        else:
            found.append([place])
    return found


def at(number: int, hubs: Fleet, name: str, what: signal.Signals) -> None:
    """Does it to the hub before message ``number`` (from 0) is answered."""

    def script(now: int) -> str:
        if now == number:
            hubs.signal(name, what)
        return "AA"

    hubs.receiver.script = script


async def test_every_message_goes_once_and_in_order(postgresql_url: str) -> None:
    async with Receiver() as receiver, fleet(postgresql_url, receiver, LONG_S) as hubs:
        for _ in range(5):
            hubs.queue_up(20)
            await hubs.until_delivered()
        assert receiver.control_ids == hubs.outgoing() == hubs.entered()
        assert receiver.connections == 1


async def test_one_that_is_killed_is_replaced_when_its_lease_ends(postgresql_url: str) -> None:
    async with Receiver() as receiver, fleet(postgresql_url, receiver, SHORT_S) as hubs:
        at(HALF, hubs, "first", signal.SIGKILL)
        hubs.queue_up(COUNT)
        await hubs.until_delivered()
        assert hubs.holder() == "second"
        before, after = lives(receiver.control_ids, hubs.outgoing())
        assert before == list(range(HALF + 1))
        assert HALF + 1 - AHEAD <= after[0] <= HALF
        assert after[-1] == COUNT - 1
        assert hubs.entered() == hubs.outgoing()


async def test_one_that_is_killed_and_starts_again_need_not_wait_for_its_own_lease(postgresql_url: str) -> None:
    async with Receiver() as receiver, fleet(postgresql_url, receiver, LONG_S) as hubs:
        hubs.signal("second", signal.SIGTERM)
        await hubs.ended("second")
        at(HALF, hubs, "first", signal.SIGKILL)
        hubs.queue_up(COUNT)
        await hubs.ended("first")
        await hubs.start("first")
        await hubs.until_delivered()
        assert len(lives(receiver.control_ids, hubs.outgoing())) == 2


async def test_one_that_is_told_to_stop_hands_over_at_once(postgresql_url: str) -> None:
    async with Receiver() as receiver, fleet(postgresql_url, receiver, LONG_S) as hubs:
        at(HALF, hubs, "first", signal.SIGTERM)
        hubs.queue_up(COUNT)
        await hubs.until_delivered()
        assert hubs.holder() == "second"
        assert receiver.control_ids == hubs.outgoing() == hubs.entered()


async def test_one_that_slept_through_its_lease_enters_nothing_and_stops(postgresql_url: str) -> None:
    async with Receiver() as receiver, fleet(postgresql_url, receiver, SHORT_S) as hubs:
        at(HALF, hubs, "first", signal.SIGSTOP)
        hubs.queue_up(COUNT)
        await hubs.until_delivered()
        entered = hubs.entered()
        assert (hubs.holder(), entered) == ("second", hubs.outgoing())
        hubs.signal("first", signal.SIGCONT)  # it reads the answer that waits for it, and would enter it
        await hubs.until_said("first", "an attempt is not entered")
        hubs.queue_up(COUNT)
        await hubs.until_delivered()
        assert hubs.entered() == hubs.outgoing()
        before, *after = lives(receiver.control_ids, hubs.outgoing())
        assert before == list(range(HALF + 1))
        [rest] = after
        assert HALF + 1 - AHEAD <= rest[0] <= HALF
        assert rest[-1] == 2 * COUNT - 1
