"""Ports and their connectors: opens, swaps and closes them. One socket serves every connector of its address."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import ssl
from collections.abc import Sequence
from typing import TypeAlias

from officina.connectors.mllp_listener.connection import Connection, shown_address
from officina.connectors.mllp_listener.table import Binding, Table
from officina.connectors.port import Intake
from officina.errors import OfficinaError, Unavailable

_log = logging.getLogger("officina.listener")

HANDSHAKE_S = 10.0

_Socket: TypeAlias = tuple[str, int, str]  # Binding.socket


class MllpPort:
    """One listening socket with its connectors. ``address`` is what it listens on, once it does."""

    def __init__(self, bindings: Sequence[Binding], intake: Intake) -> None:
        """Raises Invalid when the connectors cannot share a port."""
        self.table = Table(bindings)
        self.intake = intake
        self.address = ""
        self.number = 0
        """The port number, also where the settings left the choice to the system."""
        self.loop: asyncio.AbstractEventLoop
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._tls: ssl.SSLContext | None = None
        self._empty = asyncio.Event()
        self._empty.set()
        self._stopping = False
        self._counter = 0
        self._received = ""

    async def start(self) -> None:
        """Listens. Raises OfficinaError: ``port_busy``, ``address_unusable``, ``certificate_unusable``."""
        self.loop = asyncio.get_running_loop()
        first = self.table.default
        settings = first.settings
        self._tls = settings.tls.context() if settings.tls else None
        try:
            self._server = await self.loop.create_server(
                lambda: Connection(self),
                settings.host,
                settings.port,
                ssl=self._tls,
                ssl_handshake_timeout=HANDSHAKE_S if self._tls else None,
                backlog=1024,
            )
        except OSError as error:
            raise _refused(first, error) from error
        name = self._server.sockets[0].getsockname()
        self.address, self.number = shown_address(name), name[1]
        self._received = f"Message received on {self.address}."
        _log.info("Listening on %s.", self.address)

    def set_connectors(self, bindings: Sequence[Binding]) -> None:
        """Swaps the connectors; connections stay. A renewed certificate holds for new connections.

        Raises Invalid and changes nothing when they cannot share a port or the certificate cannot be used.
        """
        table = Table(bindings)
        tls = table.default.settings.tls
        if self._tls and tls:
            tls.load_chain(self._tls)
        self.table = table
        for connection in self._connections:
            connection.limits_changed()

    async def stop(self, grace: float) -> int:
        """Takes no more, answers what was taken, closes. After ``grace`` seconds closes anyway.

        Returns the number of messages that were left unanswered: 0 unless the grace was too short.
        """
        self._stopping = True
        if self._server:
            self._server.close()
        for connection in list(self._connections):
            connection.close()
        left = 0
        try:
            await asyncio.wait_for(self._empty.wait(), grace)
        except TimeoutError:
            left = sum(connection.unanswered for connection in self._connections)
            for connection in list(self._connections):
                connection.abort()
            await self._empty.wait()
        if self._server:
            with contextlib.suppress(TimeoutError):  # a TLS handshake may still hang
                await asyncio.wait_for(self._server.wait_closed(), 1.0)
            self._server = None
            _log.info("No longer listening on %s.", self.address)
        return left

    def serves(self, connector: str) -> bool:
        """The connector of this name listens here."""
        return any(binding.name == connector for binding in self.table.bindings)

    @property
    def connections(self) -> int:
        """Connections that are open now."""
        return len(self._connections)

    # What connections call.

    def admit(self, connection: Connection, address: str) -> str:
        """Takes the connection in; why not, if not."""
        self._connections.add(connection)
        self._empty.clear()
        if self._stopping:
            return "the listener stops"
        if not self.table.admits(address):
            return "its address is not in allow_from"
        if len(self._connections) > self.table.limits.max_connections:
            return f"there are {self.table.limits.max_connections} connections already (max_connections)"
        return ""

    def forget(self, connection: Connection) -> None:
        """The connection is closed."""
        self._connections.discard(connection)
        if not self._connections:
            self._empty.set()

    def log_received(self) -> None:
        """One line per message, without anything of the message."""
        _log.info(self._received)

    def next_number(self) -> int:
        """Tells apart the answers that are made in one microsecond; 0 to 255."""
        self._counter = (self._counter + 1) & 0xFF
        return self._counter


class Listener:
    """All MLLP listeners of a hub, port by port."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._ports: dict[_Socket, MllpPort] = {}

    async def apply(self, bindings: Sequence[Binding], grace: float = 5.0) -> dict[str, OfficinaError]:
        """Makes exactly these connectors listen: starts, swaps and stops ports; connections of kept ports stay.

        Returns the connectors that could not be started, with the reason. A port whose new settings are refused keeps
        running with its old ones.
        """
        wanted: dict[_Socket, list[Binding]] = {}
        for binding in bindings:
            wanted.setdefault(binding.socket, []).append(binding)
        gone = [key for key in self._ports if key not in wanted]
        await asyncio.gather(*(self._ports.pop(key).stop(grace) for key in gone))
        failed: dict[str, OfficinaError] = {}
        for key, group in wanted.items():
            try:
                await self._apply_port(key, group, grace)
            except OfficinaError as error:
                failed.update(dict.fromkeys((binding.name for binding in group), error))
        return failed

    async def stop(self, grace: float) -> int:
        """Stops every port, all at once; returns the number of messages left unanswered."""
        ports = list(self._ports.values())
        self._ports.clear()
        return sum(await asyncio.gather(*(port.stop(grace) for port in ports)))

    def ports(self) -> list[MllpPort]:
        """The ports that listen now."""
        return list(self._ports.values())

    def port_of(self, connector: str) -> MllpPort | None:
        """The port on which the connector listens."""
        return next((port for port in self._ports.values() if port.serves(connector)), None)

    async def _apply_port(self, key: _Socket, group: Sequence[Binding], grace: float) -> None:
        present = self._ports.get(key)
        if present and present.table.default.settings.tls == group[0].settings.tls:
            present.set_connectors(group)
            return
        port = MllpPort(group, self._intake)
        if present:  # another certificate needs another socket
            if group[0].settings.tls:
                group[0].settings.tls.context()
            await self._ports.pop(key).stop(grace)
        await port.start()
        self._ports[key] = port


def _refused(binding: Binding, error: OSError) -> OfficinaError:
    settings = binding.settings
    where = f"{settings.host}:{settings.port}"
    if error.errno == errno.EADDRINUSE:
        return Unavailable(
            f"port {settings.port} on {settings.host} is busy: another program listens there",
            place=f"{binding.name}.port",
            remedy=f"stop that program, or set another port for connector {binding.name}",
            code="port_busy",
        )
    return Unavailable(
        f"cannot listen on {where}: {error.strerror or 'no such address'}",
        place=f"{binding.name}.host",
        remedy=f"set host and port of connector {binding.name} to an address of this machine",
        code="address_unusable",
    )
