"""What comes and goes is counted in the book, over restarts and while the book is away."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.runtime.test_delivery import hub_to, order, sending, states, take_in, until
from tests.support.hub import address, running_hub
from tests.support.mllp_clients import Peer
from tests.support.receivers import Receiver, in_turn

from officina.app import Hub
from officina.errors import Unavailable
from officina.store import connectors, traffic
from officina.workflow.traffic import BUCKET, KEPT, NOTHING, Counts, added


def counted(hub: Hub, name: str) -> Counts:
    """All that the book has counted for a connector."""
    with hub.store.read() as tx:
        row = connectors.by_name(tx, name)
        rows = traffic.between(tx, 0, hub.clock() + BUCKET)
    assert row is not None
    return added([Counts(*each[2:]) for each in rows if each.connector_id == row.id])


async def test_counts_are_in_the_book_after_a_stop_and_grow_after_a_restart(tmp_path: Path) -> None:
    async with Receiver(in_turn(["AR"])) as receiver:
        async with hub_to(receiver, tmp_path) as hub:
            await take_in(hub, order(1), order(2), order(2))
            await until(hub, lambda: states(hub) == ["failed", "delivered"])
        async with hub_to(receiver, tmp_path) as hub:
            assert counted(hub, "pharmacy") == Counts(taken=2, no_effect=1)
            assert counted(hub, "cabinet") == Counts(sent=1, not_sent=1)
            await take_in(hub, order(3))
            async with await Peer.connect(address(hub)[1]) as peer:
                await peer.ask(b"MSH|^~\\&|A|B|||20260101||ORU^R01|C4|P|2.5\rPID|1\r")
            await until(hub, lambda: states(hub)[-1] == "delivered")
            await hub.traffic.enter()
            await hub.traffic.enter()
            assert counted(hub, "pharmacy") == Counts(taken=3, no_effect=1, refused=1)
            assert counted(hub, "cabinet") == Counts(sent=2, not_sent=1)


async def test_what_could_not_be_entered_is_entered_the_next_time(tmp_path: Path) -> None:
    async with Receiver() as receiver, hub_to(receiver, tmp_path) as hub:
        await take_in(hub, order(1))
        await until(hub, lambda: states(hub) == ["delivered"])
        with closing(sqlite3.connect(tmp_path / "officina.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(Unavailable):
                await hub.traffic.enter()
        assert counted(hub, "pharmacy") == NOTHING
        await hub.traffic.enter()
        assert counted(hub, "pharmacy") == Counts(taken=1)


async def test_old_buckets_are_dropped_with_the_next_entry(tmp_path: Path) -> None:
    async with running_hub(f"sqlite:///{tmp_path / 'officina.db'}", sending(1)) as hub:
        old = hub.clock() - KEPT - BUCKET
        await asyncio.wrap_future(
            hub.store.writer.submit(lambda tx: traffic.add(tx, [traffic.TrafficRow(old, 1, 1, 1, 1, 1, 1)]))
        )
        await take_in(hub, order(1))
        await hub.traffic.enter()
        with hub.store.read() as tx:
            assert traffic.between(tx, 0, old + 1) == []
        assert counted(hub, "pharmacy") == Counts(taken=1)
