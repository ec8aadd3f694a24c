"""What the API is given to work with, and how a handler reads and writes without holding up the loop.

The composition root gives the real parts; nothing here knows how they are made.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Protocol, TypeVar

import anyio.to_thread
from fastapi import Depends, Request

if TYPE_CHECKING:
    from officina.actions.receive import Candidate, Rehearsal
    from officina.config import Settings
    from officina.store import Store, Tx
    from officina.store.messages import MessageFilter
    from officina.store.worklist import Cause

R = TypeVar("R")


class Outcome(Protocol):
    """What became of a submitted message."""

    @property
    def message_id(self) -> int: ...
    @property
    def state(self) -> str: ...
    @property
    def answers(self) -> tuple[bytes, ...]: ...


class Released(Protocol):
    """What became of messages that were released."""

    @property
    def messages(self) -> int: ...
    @property
    def states(self) -> dict[str, int]: ...
    @property
    def orders_new(self) -> int: ...
    @property
    def orders_changed(self) -> int: ...
    @property
    def missing(self) -> int: ...


class Intake(Protocol):
    async def submit(self, payload: bytes, connector: str) -> Outcome:
        """Takes one message in as if the connector had received it; returns after the commit.

        Raises Invalid when the payload is not exactly one message; then nothing of it is taken.
        """

    def process_again(self, message_id: int, actor: str) -> object:
        """Has a stored message go through once more; blocks until the commit."""

    def release(self, cause: Cause, actor: str, *, trial: bool = False) -> Released:
        """Has all messages of a cause go through once more; blocks until the last commit."""

    def rehearse(
        self, wanted: MessageFilter, connector: str, on_trial: Candidate, *, most: int, oldest: bool = False
    ) -> Rehearsal:
        """Reads messages as their connector reads now and through another profile; blocks, and changes nothing."""


class Running(Protocol):
    """One connector as it is at this moment."""

    @property
    def state(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def next_at(self) -> int | None: ...
    @property
    def hub(self) -> str: ...
    @property
    def looked_at(self) -> int | None: ...
    @property
    def last_at(self) -> int | None: ...


class Supervisor(Protocol):
    def states(self) -> Mapping[str, Running]:
        """Every connector of the site in force, by name."""

    async def caught_up(self) -> None:
        """Returns once the site as the book has it now is in force, or after a moment if that takes longer."""

    async def test(self, name: str) -> None:
        """Tries whether the receiver of a sender can be reached. Raises Unavailable with the reason."""


class Leases(Protocol):
    """What this hub does of that which one hub alone may do."""

    def hubs(self) -> tuple[str, ...]:
        """The hubs that live on this book."""

    def sends_for(self) -> int:
        """For how many connectors it sends."""

    def keeps_house(self) -> bool:
        """Whether it watches, notifies and tidies up."""


class Metrics(Protocol):
    def text(self) -> bytes:
        """Everything that is counted, in the text format of Prometheus; blocks while the book is asked."""


class Services(Protocol):
    """The parts of the hub that the API uses. Those that may be None are so in a process without them."""

    @property
    def store(self) -> Store: ...
    @property
    def clock(self) -> Callable[[], int]: ...
    @property
    def settings(self) -> Settings: ...
    @property
    def intake(self) -> Intake | None: ...
    @property
    def supervisor(self) -> Supervisor | None: ...
    @property
    def leases(self) -> Leases | None: ...
    @property
    def metrics(self) -> Metrics | None: ...


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Hub = Annotated[Services, Depends(_services)]


async def reading(hub: Services, read: Callable[[Tx], R]) -> R:
    """Runs ``read`` on one snapshot, in a thread."""

    def in_thread() -> R:
        with hub.store.read() as tx:
            return read(tx)

    return await anyio.to_thread.run_sync(in_thread)


async def writing(hub: Services, write: Callable[[Tx], R]) -> R:
    """Runs ``write`` in the next commit; returns once it is durable."""
    return await asyncio.wrap_future(hub.store.writer.submit(write))
