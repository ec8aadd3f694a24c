"""A hub in a thread of its own, with the demo site, real messages and three people who may sign in."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import uvicorn
from starlette.applications import Starlette

from officina import web
from officina.actions import people, site
from officina.app import Hub
from officina.clock import now
from officina.config import Settings
from officina.demo.story import Story
from officina.runtime.intake import Outcome
from officina.store import Tx, migrate, open_store

PASSWORD = "correct horse battery staple"
PEOPLE = (("ada", "Ada Analyst", "analyst"), ("nora", "Nora Nurse", "nurse"), ("phil", "Phil Pharmacist", "pharmacist"))
CONNECTOR = "care-home pharmacy"
BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DEADLINE_S = 30.0
T = TypeVar("T")


class RunningHub:
    """``address`` is where its screens are; `submit` has it take a message as if a partner had sent it."""

    def __init__(self, hub: Hub, loop: asyncio.AbstractEventLoop, address: str) -> None:
        self.hub = hub
        self.address = address
        self._loop = loop

    def until(self, holds: Callable[[], bool]) -> None:
        """Waits until something is so, looking whenever anything changes."""

        async def wait() -> None:
            async with self.hub.bus.subscribe() as watch:
                if holds():
                    return
                async for _ in watch:
                    if holds():
                        return

        self.run(wait())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs it on the hub's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(DEADLINE_S)

    def submit(self, raw: bytes) -> Outcome:
        return self.run(self.hub.intake.submit(raw, CONNECTOR))


@contextmanager
def running(folder: Path, port: int = 0) -> Iterator[RunningHub]:
    """Starts it, seeds it if the folder has no book yet, and stops it."""
    url = f"sqlite:///{folder / 'officina.db'}"
    again = (folder / "officina.db").exists()
    migrate(url)
    with open_store(url) as store:
        if not again:
            with store.write() as tx:
                _prepare(tx)
        hub = Hub(Settings(database_url=url), store)
        server = uvicorn.Server(uvicorn.Config(Starlette(routes=web.build(hub)), port=port, log_level="warning"))
        server.capture_signals = _no_signals  # type: ignore[method-assign]
        ready: threading.Event = threading.Event()
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_until_complete, args=(_serve(hub, server, ready),), daemon=True)
        thread.start()
        if not ready.wait(DEADLINE_S):
            raise TimeoutError("the hub did not start")
        bound = server.servers[0].sockets[0].getsockname()[1]
        try:
            yield RunningHub(hub, loop, f"http://127.0.0.1:{bound}")
        finally:
            server.should_exit = True
            thread.join(DEADLINE_S)
            loop.close()


@contextmanager
def _no_signals() -> Iterator[None]:
    yield


async def _serve(hub: Hub, server: uvicorn.Server, ready: threading.Event) -> None:
    await hub.start()
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(DEADLINE_S):
        while not server.started:  # uvicorn has no event for it
            await asyncio.sleep(0.01)
    ready.set()
    while not server.should_exit:
        await asyncio.sleep(0.05)
    await hub.stop()
    await serving


def _prepare(tx: Tx) -> None:
    document = site.parse(files("officina.presets").joinpath("demo.toml").read_text(encoding="utf-8"))
    rows = [
        dataclasses.replace(row, settings={**row.settings, "port": 0}) if isinstance(row, site.ConnectorRow) else row
        for row in document
        if not isinstance(row, site.SubscriptionRow) and getattr(row, "kind", "") != "mllp_sender"
    ]
    site.apply(tx, site.Document(rows), actor="system", at=now())
    hashed = people.hash_password(PASSWORD)
    for login, name, role in PEOPLE:
        person_id = people.add_person(tx, login, name, hashed, actor="system", at=now())
        people.grant(tx, person_id, role, actor="system", at=now())


def tell(hub: RunningHub, count: int, seed: int = 1) -> Story:
    """Has the demo pharmacy send the first messages of its story."""
    story = Story(seed, BEGAN)
    for number in range(count):
        hub.submit(story.step(BEGAN + timedelta(minutes=number)).raw)
    return story
