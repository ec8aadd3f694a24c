"""The composition root: makes the parts of one hub, runs them, and ends them in an order that loses nothing."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any

import uvicorn

from officina import clock
from officina.config import Settings
from officina.errors import Unavailable
from officina.runtime import logs, web_certificate
from officina.runtime.bus import Bus
from officina.runtime.intake import Intake
from officina.runtime.leases import Leases
from officina.runtime.metrics import Metrics
from officina.runtime.notifier import Notifier
from officina.runtime.pruner import Pruner
from officina.runtime.supervisor import Supervisor
from officina.runtime.traffic import Traffic
from officina.runtime.trials import Trials
from officina.runtime.wakeups import Wakeups
from officina.runtime.watcher import Watcher
from officina.store import Store, current, migrate, open_store, sole

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_BACKLOG = 128


class Hub:
    """The parts of a running hub, as the API and the screens get them."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.store = store
        self.clock: Callable[[], int] = clock.now
        self.bus = Bus()
        self.metrics = Metrics()
        self.leases = Leases(store, self.bus, settings.name or _own_name(), settings.lease_seconds)
        self.wakeups = Wakeups(store, self.bus)
        self.supervisor = Supervisor(store, self.bus, self.leases, self.clock, self.metrics.attempt)
        self.intake = Intake(store, self.supervisor.site, self.clock, self.metrics.message)
        self.trials = Trials(store, self.supervisor.site)
        self.metrics.watch(store, self.supervisor)
        house = self.leases.keeps_house
        self.watcher = Watcher(store, self.bus, self.supervisor, settings, self.clock, house)
        self.notifier = Notifier(store, self.bus, self.supervisor.site, self.clock, house, home=settings.public_url)
        self.traffic = Traffic(store, self.metrics, self.clock, house)
        self.pruner = Pruner(store, self.bus, self.clock, house)
        store.writer.on_commit(self.bus.publish)

    async def start(self) -> None:
        """Bind the parts to the running loop and start the connectors."""
        loop = asyncio.get_running_loop()
        self.bus.attach(loop)
        self.intake.attach(loop)
        self.wakeups.start()
        self.leases.start()
        await self.supervisor.start(self.intake)
        self.watcher.start()
        self.notifier.start()
        self.traffic.start()
        self.pruner.start()

    async def stop(self) -> None:
        """Take nothing more; answer what was taken. The store is closed by whoever opened it."""
        await self.pruner.stop()
        await asyncio.to_thread(self.trials.close)
        await self.watcher.stop()
        await self.notifier.stop()
        await self.supervisor.stop(self.settings.stop_seconds)
        await self.intake.close()
        await self.traffic.stop()
        await self.leases.stop()
        await self.wakeups.stop()
        self.bus.close()


def _own_name() -> str:
    """What tells it from the other hubs on a book, as long as it runs."""
    return f"{socket.gethostname()}:{os.getpid()}"


def web_app(hub: Hub) -> ASGIApp:
    """The API, the probes and the screens as one application."""
    from starlette.applications import Starlette

    from officina import api, web

    return Starlette(routes=[*api.health_routes(hub), *api.routes(hub), *web.build(hub)])


def serve(settings: Settings) -> None:
    """Run a hub until SIGINT or SIGTERM. Raises OfficinaError when it cannot start."""
    logs.configure(settings.log_format, settings.log_level)
    _tune()
    try:
        with _bound(settings) as web_socket, _opened(settings) as store:
            _run(_serve(Hub(settings, store), web_socket))
        logs.stopped()
    finally:
        logs.stop()


def _tune() -> None:
    """Two threads share the interpreter: the loop that reads messages and the writer that stores them.

    Most of what a message leaves behind is freed by reference counting; looking for cycles after every 700 objects
    would cost a fifth of the intake. And the writer gives the interpreter away at each statement: it must not wait
    the usual 5 ms to get it back from a busy loop.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    sys.setswitchinterval(0.0003)


def _run(main: Coroutine[Any, Any, None]) -> None:
    try:
        import uvloop
    except ImportError:  # Windows has none
        asyncio.run(main)
    else:
        uvloop.run(main)


async def _serve(hub: Hub, web_socket: socket.socket) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(name, stop.set)
    config = _uvicorn(hub)
    config.load()
    server = _Server(config)
    renewing = asyncio.create_task(web_certificate.follow(hub.settings, config.ssl)) if config.ssl else None
    await hub.start()
    web = asyncio.create_task(server.serve(sockets=[web_socket]), name="web")
    host, port = web_socket.getsockname()[:2]
    logs.listening(f"{'https' if hub.settings.web_certificate else 'http'}://{host}:{port}/")
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({web, stopping}, return_when=asyncio.FIRST_COMPLETED)
    await hub.stop()
    server.should_exit = True
    await web
    if renewing is not None:
        renewing.cancel()


class _Server(uvicorn.Server):
    """Signals are the hub's affair: the web must stay up until what connectors took is answered."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _uvicorn(hub: Hub) -> uvicorn.Config:
    settings = hub.settings
    return uvicorn.Config(
        web_app(hub),
        loop="none",
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        ssl_certfile=settings.web_certificate,
        ssl_keyfile=settings.web_key,
    )


@contextlib.contextmanager
def _bound(settings: Settings) -> Iterator[socket.socket]:
    """The web port, taken before anything else starts, so that a busy one is told at once."""
    family = socket.AF_INET6 if ":" in settings.web_host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((settings.web_host, settings.web_port))
            listening.listen(_BACKLOG)  # connectors are up before the screens: who comes then waits in line
        except OSError as error:
            busy = error.errno == errno.EADDRINUSE
            raise Unavailable(
                f"port {settings.web_port} on {settings.web_host} is busy: another program listens there"
                if busy
                else f"cannot listen on {settings.web_host}:{settings.web_port}: {error.strerror}",
                place="web_port",
                remedy="stop that program, or set another OFFICINA_WEB_PORT" if busy else "set OFFICINA_WEB_HOST",
                code="port_busy" if busy else "address_unusable",
            ) from error
        yield listening


@contextlib.contextmanager
def _opened(settings: Settings) -> Iterator[Store]:
    """The store; a database that has no schema yet gets one, an older one is left to `officina migrate`."""
    if not current(settings.database_url):
        migrate(settings.database_url)
    with sole(settings.database_url), open_store(settings.database_url) as store:
        yield store
