"""Several hubs as processes of their own on one PostgreSQL, to be killed, stopped and let go on."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import anyio
from sqlalchemy import Column, select
from tests.support.book import AT, message_row
from tests.support.book import Site as Known
from tests.support.receivers import Receiver
from tests.support.samples import rde_o11

from officina.actions import site
from officina.packed import Like, pack
from officina.store import Store, Tx, connectors, intake, leases, schema
from officina.store.rows import BodyRow, DeliveryRow

T = TypeVar("T")
_OFFICINA: Final = str(Path(sys.executable).with_name("officina"))
# The server cuts off a hub that was stopped within a transaction, which takes up to STALLED_SECONDS.
DEADLINE_S: Final = 120.0
SITE: Final = """
[[place]]
code = "OAK"
kind = "organisation"
name = "Oak House"

[[connector]]
name = "cabinet"
kind = "mllp_sender"
settings = {{ host = "127.0.0.1", port = {port}, retry_interval_s = 0.1, retry_most_s = 0.1 }}
"""


class Fleet:
    """The hubs by name, and the book they share, seen with the store's own queries."""

    def __init__(self, url: str, store: Store, receiver: Receiver, seconds: int) -> None:
        self._environment = {
            **os.environ,
            "OFFICINA_DATABASE_URL": url,
            "OFFICINA_LEASE_SECONDS": str(seconds),
            "OFFICINA_WEB_PORT": "0",
        }
        self._hubs: dict[str, asyncio.subprocess.Process] = {}
        self._said: dict[str, str] = {}
        self._told = asyncio.Event()
        self._readers: set[asyncio.Task[None]] = set()
        self.store, self.receiver, self._ear = store, receiver, store.ear()
        with store.write() as tx:
            site.apply(tx, site.parse(SITE.format(port=receiver.port)), actor="system", at=AT)
            row = connectors.by_name(tx, "cabinet")
        assert row is not None
        self.connector = row.id
        self.queue = f"deliveries:{row.id}"

    async def start(self, name: str) -> None:
        """Until it gives a sign of life in the book."""
        hub = await asyncio.create_subprocess_exec(
            _OFFICINA,
            "serve",
            env={**self._environment, "OFFICINA_NAME": name},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self._hubs[name], self._said[name] = hub, ""
        self._readers.add(asyncio.create_task(self._listen(name, hub)))
        await self.until_said(name, "Listening on")

    def signal(self, name: str, number: signal.Signals) -> None:
        self._hubs[name].send_signal(number)

    async def ended(self, name: str) -> None:
        async with asyncio.timeout(DEADLINE_S):
            await self._hubs[name].wait()

    def queue_up(self, count: int) -> None:
        """So many deliveries in one commit, as another process of the site would make them."""

        def add(tx: Tx) -> None:
            known = Known(0, 0, 0, self.connector, 0)
            rows = [message_row(tx, known) for _ in range(count)]
            intake.insert_messages(tx, rows)
            raws = [(row.id, rde_o11(control_id=f"C{row.id}", **{"MSH-15": "", "MSH-16": ""})) for row in rows]
            intake.insert_bodies(tx, [BodyRow(number, pack(raw, Like.MESSAGE), b"", "[]") for number, raw in raws])
            owed = [DeliveryRow(tx.id(), 0, 0, self.connector, "", "queued", AT, message_id=row.id) for row in rows]
            intake.insert_deliveries(tx, owed)

        with self.store.write() as tx:
            add(tx)

    def outgoing(self) -> list[str]:
        """The control ids of all that was ever queued, in its order."""
        return [f"C{number}" for number in self._column(schema.delivery.c.message_id)]

    def entered(self) -> list[str]:
        """The control ids of all attempts, in the order in which they were entered."""
        return [f"C{number}" for number in self._column(schema.attempt.c.message_id)]

    def holder(self) -> str:
        """Who sends."""
        with self.store.read() as tx:
            return next((each.holder for each in leases.every(tx) if each.name == self.queue and each.left > 0), "")

    async def until(self, holds: Callable[[], bool]) -> None:
        """Looks again whenever somebody has committed something."""
        assert self._ear is not None
        async with asyncio.timeout(DEADLINE_S):
            while not holds():
                await anyio.wait_readable(self._ear)
                self._ear.heard(but_of="")

    async def until_delivered(self) -> None:
        await self.until(lambda: set(self._column(schema.delivery.c.state)) == {"delivered"})

    async def until_said(self, name: str, words: str) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while words not in self._said[name]:
                self._told.clear()
                await self._told.wait()

    async def end(self) -> None:
        for hub in self._hubs.values():
            if hub.returncode is None:
                hub.kill()
                await hub.wait()
        await asyncio.gather(*self._readers)
        if self._ear is not None:
            self._ear.close()

    def _column(self, column: Column[T]) -> list[T]:
        with self.store.read() as tx:
            return [value for (value,) in tx.execute(select(column).order_by(column.table.c.id))]

    async def _listen(self, name: str, hub: asyncio.subprocess.Process) -> None:
        assert hub.stdout is not None
        async for line in hub.stdout:
            self._said[name] += line.decode()
            self._told.set()
