"""Two hubs in one loop on one PostgreSQL: who does what, and how one hears of the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text
from tests.runtime.test_delivery import order, results, sending, states, take_in
from tests.support.hub import running_hub
from tests.support.receivers import Receiver

from officina.app import Hub

DEADLINE_S = 20.0
LONG_S = 600  # no lease ends by itself


@asynccontextmanager
async def hubs(url: str, receiver: Receiver, seconds: int = LONG_S) -> AsyncIterator[tuple[Hub, Hub]]:
    """The one that sends and keeps house, and the one that does neither."""
    document = sending(receiver.port)
    async with running_hub(url, document, name="first", lease_seconds=seconds) as first:
        await until(first, lambda: sends(first) and first.leases.keeps_house())
        async with running_hub(url, document, name="second", lease_seconds=seconds) as second:
            await until(second, lambda: second.leases.hubs() == ("first", "second"))
            yield first, second


def queue(hub: Hub) -> str:
    return f"deliveries:{hub.supervisor.site().connectors['cabinet'].id}"


def sends(hub: Hub) -> bool:
    return hub.leases.fence(queue(hub)) is not None


async def until(hub: Hub, holds: Callable[[], bool]) -> None:
    """Looks again whenever the hub's bus tells of something."""
    async with asyncio.timeout(DEADLINE_S), hub.bus.subscribe() as watch:
        if holds():
            return
        async for _ in watch:
            if holds():
                return


async def test_one_sends_and_keeps_house_and_both_know(postgresql_url: str) -> None:
    async with Receiver() as receiver, hubs(postgresql_url, receiver) as (first, second):
        assert (sends(second), second.leases.keeps_house()) == (False, False)
        first.leases.wish([queue(first)])  # it looks into the book again
        await until(first, lambda: first.leases.hubs() == ("first", "second"))
        for hub in (first, second):
            assert hub.supervisor.states()["cabinet"].hub == "first"


async def test_alone_nobody_is_named(postgresql_url: str) -> None:
    async with Receiver() as receiver, running_hub(postgresql_url, sending(receiver.port), name="only") as hub:
        await until(hub, lambda: sends(hub))
        assert (hub.leases.hubs(), hub.supervisor.states()["cabinet"].hub) == (("only",), "")


async def test_what_the_one_takes_in_the_other_sends_at_once(postgresql_url: str) -> None:
    async with Receiver() as receiver, hubs(postgresql_url, receiver) as (first, second):
        for number in range(5):
            await take_in(second, order(number))
            await receiver.got(number + 1)
        await until(second, lambda: states(second) == ["delivered"] * 5)
        assert receiver.control_ids == [f"C{number}" for number in range(5)]
        assert sends(first)


async def test_the_same_order_over_both_at_once_is_one_order(postgresql_url: str) -> None:
    async with Receiver() as receiver, hubs(postgresql_url, receiver) as both:
        raws = [order(number) for number in range(40)]
        await asyncio.gather(*(take_in(hub, *raws) for hub in both))
        with both[0].store.read() as tx:
            counts = [
                tx.execute(text(f"SELECT count(*) FROM {table}")).scalar()
                for table in ("patient", '"order"', "delivery")
            ]
        assert counts == [1, 40, 40]


async def test_an_orderly_stop_hands_over_at_once(postgresql_url: str) -> None:
    async with Receiver() as receiver, hubs(postgresql_url, receiver) as (first, second):
        await take_in(second, order(1))
        await receiver.got(1)
        await first.supervisor.stop(1)
        await first.leases.stop()
        await until(second, lambda: sends(second) and second.leases.keeps_house())
        await take_in(second, order(2))
        await receiver.got(2)
        await until(second, lambda: states(second) == ["delivered"] * 2)
        assert receiver.control_ids == ["C1", "C2"]
        assert results(second) == ["accepted"] * 2


async def test_a_suspended_connector_is_given_back(postgresql_url: str) -> None:
    async with Receiver() as receiver, hubs(postgresql_url, receiver) as (first, second):
        first.leases.wish([])
        await until(second, lambda: sends(second))
        assert not sends(first)
        assert first.leases.keeps_house()


async def test_what_is_under_way_when_another_takes_over_is_not_entered(
    postgresql_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """As if the first had slept: it believes in its lease, and the book knows better."""
    receiver = Receiver(lambda number: "AA" if number else "late")
    async with receiver, hubs(postgresql_url, receiver) as (first, second):
        await take_in(second, order(1), order(2))
        await receiver.got(1)
        with second.store.write() as tx:
            tx.execute(text("UPDATE lease SET holder = 'third', token = token + 1"))
        await until(first, lambda: "an attempt is not entered" in caplog.text)
        assert (states(second), results(second)) == (["queued"] * 2, [])
