"""Pruning happens by itself beside intake, and gives space back to the disk."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

from tests.runtime.test_delivery import DEADLINE_S, order, take_in
from tests.support.book import Site, add_site, message_row
from tests.support.hub import SITE, running_hub

from officina import clock
from officina.actions import site
from officina.app import Hub
from officina.packed import Like, pack
from officina.runtime import pruning
from officina.runtime.pruner import Pruner
from officina.store import Store, events, intake, migrate, open_store, retention, schema
from officina.store.rows import BodyRow
from officina.store.space import give_back
from officina.workflow.retention import DAY

KEPT = SITE.replace('profile = "hl7"', 'profile = "hl7"\nkeep_bodies_days = 30')


@asynccontextmanager
async def beside(hub: Hub, *, every: float, settled: float) -> AsyncIterator[None]:
    """A pruner with other times than the hub's own, forty days from now."""
    pruner = Pruner(hub.store, hub.bus, lambda: clock.now() + 40 * DAY, lambda: True, every=every, settled=settled)
    pruner.start()
    try:
        yield
    finally:
        async with asyncio.timeout(DEADLINE_S):
            await pruner.stop()


async def written(hub: Hub, holds: Callable[[], bool]) -> None:
    """After one of the next commits it holds."""
    loop, again = asyncio.get_running_loop(), asyncio.Event()
    hub.store.writer.on_commit(lambda topics: loop.call_soon_threadsafe(again.set))
    async with asyncio.timeout(DEADLINE_S):
        while not holds():
            hub.store.writer.submit(lambda tx: tx.touch("test"))
            await again.wait()
            again.clear()


def bodies(store: Store) -> int:
    with store.read() as tx:
        return len(tx.execute(schema.message_body.select()).all())


async def test_it_prunes_by_itself_and_says_so_once(tmp_path: Path) -> None:
    async with running_hub(f"sqlite:///{tmp_path / 'officina.db'}", KEPT) as hub:
        await take_in(hub, order(1), order(2))
        async with beside(hub, every=3600, settled=0.0):
            await written(hub, lambda: bodies(hub.store) == 0)
        with hub.store.read() as tx:
            (told,) = events.listed(tx, events.EventFilter(kind="connector.pruned"))
        assert told.detail == '{"bodies":2,"messages":0,"kept":{}}'


async def test_a_changed_site_is_followed_without_a_restart(tmp_path: Path) -> None:
    async with running_hub(f"sqlite:///{tmp_path / 'officina.db'}", SITE) as hub:
        await take_in(hub, order(1))
        async with beside(hub, every=3600, settled=0.0):
            hub.store.writer.submit(lambda tx: site.apply(tx, site.parse(KEPT), actor="system", at=1)).result()
            await written(hub, lambda: bodies(hub.store) == 0)


async def test_a_number_can_be_put_right_before_anything_goes(tmp_path: Path) -> None:
    async with running_hub(f"sqlite:///{tmp_path / 'officina.db'}", SITE) as hub:
        await take_in(hub, order(1))
        mistyped = SITE.replace('profile = "hl7"', 'profile = "hl7"\nkeep_bodies_days = 3')
        async with beside(hub, every=0.0, settled=3600):
            for text in (mistyped, KEPT.replace("30", "300")):
                document = site.parse(text)
                hub.store.writer.submit(lambda tx, wanted=document: site.apply(tx, wanted, actor="ann", at=1)).result()
                await hub.supervisor.caught_up()
        assert bodies(hub.store) == 1


async def test_it_stops_with_the_hub_while_it_is_at_work(tmp_path: Path) -> None:
    async with running_hub(f"sqlite:///{tmp_path / 'officina.db'}", KEPT) as hub:
        await take_in(hub, *[order(number) for number in range(450)])
        async with beside(hub, every=3600, settled=0.0):
            await written(hub, lambda: bodies(hub.store) < 450)
        assert bodies(hub.store) in (250, 50, 0)


def _fill(store: Store, count: int, size: int) -> Site:
    with store.write() as tx:
        made = add_site(tx)
        rows = [message_row(tx, made, received_at=0) for _ in range(count)]
        intake.insert_messages(tx, rows)
        intake.insert_bodies(tx, [BodyRow(row.id, pack(os.urandom(size), Like.MESSAGE), b"", "[]") for row in rows])
        tx.update(schema.connector, [{"id": made.connector, "keep_bodies_days": 1}])
    return made


def test_the_file_shrinks_by_what_went(tmp_path: Path) -> None:
    path = tmp_path / "officina.db"
    migrate(f"sqlite:///{path}")
    with open_store(f"sqlite:///{path}") as store:
        _fill(store, 1000, 10_000)
    before = path.stat().st_size
    assert before > 10_000_000
    with open_store(f"sqlite:///{path}") as store:
        pruning.prune(store, lambda: 2 * DAY)
    assert path.stat().st_size < before / 5
    with closing(sqlite3.connect(path)) as book:
        assert book.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_of_a_file_made_otherwise_the_space_is_used_again_until_it_is_made_anew(tmp_path: Path) -> None:
    """As docs/howto/keep-and-prune.md tells."""
    path, whole = tmp_path / "officina.db", tmp_path / "whole.db"
    migrate(f"sqlite:///{whole}")
    with closing(sqlite3.connect(path)) as book, closing(sqlite3.connect(whole)) as made:
        for (text,) in made.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"):
            book.execute(text)
        for table in ("ticket", "alembic_version"):
            (row,) = made.execute(f"SELECT * FROM {table}")
            book.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
        book.commit()
        assert book.execute("PRAGMA auto_vacuum").fetchone() == (0,)
    with open_store(f"sqlite:///{path}") as store:
        _fill(store, 300, 10_000)
    full = path.stat().st_size
    with open_store(f"sqlite:///{path}") as store:
        pruning.prune(store, lambda: 2 * DAY)
    assert path.stat().st_size == full
    with closing(sqlite3.connect(path)) as book:
        book.execute("PRAGMA auto_vacuum=INCREMENTAL")
        book.execute("VACUUM")
        assert book.execute("PRAGMA auto_vacuum").fetchone() == (2,)
    assert path.stat().st_size < full / 5


def test_a_tenth_of_the_file_stays_free_for_what_comes(sqlite_url: str) -> None:
    with open_store(sqlite_url) as store:
        made = _fill(store, 800, 4_000)
        with store.write() as tx:
            ids = [row[0] for row in tx.execute(schema.message.select())]
            intake.update_messages(tx, [{"id": each, "state": "parked"} for each in ids[20:]])
        before, _ = _pages(store)
        pruning.prune(store, lambda: 2 * DAY)
        few, free = _pages(store)
        assert 0 < free < few / 10
        assert few >= before
        with store.write() as tx:
            intake.update_messages(tx, [{"id": each, "state": "accepted"} for each in ids[20:]])
        (found,) = pruning.prune(store, lambda: 2 * DAY)
        rest, free = _pages(store)
    assert (found.connector.id, found.bodies) == (made.connector, 780)
    assert rest < before / 4
    assert 0 < free <= rest / 8


def test_space_is_given_back_in_steps_of_the_size_asked_for(sqlite_url: str) -> None:
    with open_store(sqlite_url) as store:
        _fill(store, 400, 4_000)
        with store.write() as tx:
            retention.drop_bodies(tx, [row[0] for row in tx.execute(schema.message.select())])
        with store.write() as tx:
            assert [give_back(tx, 50), give_back(tx, 7)] == [50, 7]


def _pages(store: Store) -> tuple[int, int]:
    with store.read() as tx:
        return tuple(int(tx.link.rows(f"PRAGMA {name}", {})[0][0]) for name in ("page_count", "freelist_count"))  # type: ignore[return-value]
