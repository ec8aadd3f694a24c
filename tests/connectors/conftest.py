"""Listeners on real sockets."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping

import pytest
import uvloop
from tests.support.intakes import DEADLINE_S

from officina.connectors.mllp_listener import Binding, ListenerSettings, MllpPort
from officina.connectors.port import Intake

_LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.new_event_loop,
    "uvloop": uvloop.new_event_loop,
}


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """What serves partners must hold on both event loops."""
    both = "listener" in item.path.stem or item.path.stem == "test_sender_results"
    return _LOOPS if both else {"asyncio": asyncio.new_event_loop}


OpenPort = Callable[..., Awaitable[MllpPort]]


@pytest.fixture
async def open_port() -> AsyncIterator[OpenPort]:
    """Opens a port with one connector of the given settings, or with the given bindings; closed after the test."""
    ports: list[MllpPort] = []

    async def opened(intake: Intake, *bindings: Binding, **settings: object) -> MllpPort:
        chosen = bindings or (Binding("pharmacy", ListenerSettings.model_validate({"port": 0, **settings})),)
        port = MllpPort(chosen, intake)
        await port.start()
        ports.append(port)
        return port

    yield opened
    for port in ports:
        await port.stop(0.0)


class Heard(logging.Handler):
    """What the listener logs; a test can wait for a line."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._grew = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())
        self._grew.set()

    async def line(self, part: str) -> str:
        """The first line with these words, once it is there."""
        async with asyncio.timeout(DEADLINE_S):
            while not any(part in line for line in self.lines):
                self._grew.clear()
                await self._grew.wait()
        return next(line for line in self.lines if part in line)


@pytest.fixture
def heard() -> Iterator[Heard]:
    """The log of the listeners."""
    handler, log = Heard(), logging.getLogger("officina.listener")
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield handler
    log.removeHandler(handler)
    log.setLevel(level)
