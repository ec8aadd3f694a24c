"""Live signals: after a commit the *names* of what changed, never what it says, reach whoever watches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

_INNER = ":"  # in a topic that concerns one part of the hub, not people


class Watch:
    """One watcher's pending topics; topics that arrive while it is busy are merged, so it can never fall behind."""

    def __init__(self) -> None:
        self._pending: set[str] = set()
        self._wake = asyncio.Event()
        self._open = True

    def tell(self, topics: Iterable[str]) -> None:
        self._pending.update(topics)
        self._wake.set()

    def close(self) -> None:
        self._open = False
        self._wake.set()

    async def __aiter__(self) -> AsyncIterator[str]:
        while True:
            await self._wake.wait()
            self._wake.clear()
            pending, self._pending = sorted(self._pending), set()
            for topic in pending:
                yield topic
            if not self._open:
                return


class Bus:
    """Topics from the writer thread to watchers on the event loop, at most once per ``interval`` seconds."""

    def __init__(self, interval: float = 0.2) -> None:
        self._interval = interval
        self._watches: set[Watch] = set()
        self._listeners: dict[str, list[Callable[[], None]]] = {}
        self._pending: set[str] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def publish(self, topics: frozenset[str]) -> None:
        """Called on any thread, after the commit that changed these topics."""
        if topics and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._collect, topics)

    def everything(self) -> None:
        """As if all had changed: for who may have missed what was said. Called on the loop."""
        self._collect(frozenset(topic for topic, calls in self._listeners.items() if calls))

    def on(self, topic: str, call: Callable[[], None]) -> None:
        """Calls ``call`` on the loop at once (not throttled) whenever ``topic`` changes."""
        self._listeners.setdefault(topic, []).append(call)

    def off(self, topic: str, call: Callable[[], None]) -> None:
        """The opposite of `on`."""
        self._listeners[topic].remove(call)

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[Watch]:
        watch = Watch()
        self._watches.add(watch)
        try:
            yield watch
        finally:
            self._watches.discard(watch)

    def close(self) -> None:
        """Ends every watch, so that open event streams do not hold a shutdown."""
        if self._timer is not None:
            self._timer.cancel()
        for watch in self._watches:
            watch.close()

    def _collect(self, topics: frozenset[str]) -> None:
        for topic in topics:
            for call in self._listeners.get(topic, ()):
                call()
        if not self._watches:
            return
        self._pending |= {topic for topic in topics if _INNER not in topic}
        if self._timer is None and self._loop is not None:
            self._timer = self._loop.call_later(self._interval, self._flush)

    def _flush(self) -> None:
        self._timer = None
        pending, self._pending = self._pending, set()
        for watch in self._watches:
            watch.tell(pending)
