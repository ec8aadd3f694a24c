"""One MLLP connection to a partner's listener: a message goes out, its answer comes back.

Answers belong to messages by order, which is all MLLP offers; a time-out therefore closes the connection, so that a
late answer is never booked for the next message. Knows bytes, not what they ask for: whoever sends what may be answered
or not (MSH-15, MSH-16) looks at each answer first.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple, cast

from officina.errors import Unavailable
from officina.wire import mllp

SILENCE: Final = 0.2  # seconds after which an answer without its last byte is taken as complete
FAREWELL: Final = 1.0  # seconds for the other side to read what was sent to it when we hang up
_MAX_ANSWER: Final = 1024 * 1024


class Target(NamedTuple):
    """Where to. ``tls`` holds the trusted roots and, for mutual TLS, our certificate."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    server_name: str = ""

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Client(asyncio.Protocol):
    """``await open()``, then ``await exchange(payload)`` as often as you like, then ``await close()``.

    Waiting for each answer before the next message is stop-and-wait, what receivers expect. Starting several
    exchanges before the first is answered is pipelining: they go out and are answered in the order of the calls.

    ``unawaited`` is shown each answer before it is given to who waits longest; it is true for one that it takes itself.
    """

    def __init__(
        self, target: Target, *, timeout: float = 30.0, unawaited: Callable[[bytes], bool] | None = None
    ) -> None:
        self.target = target
        self.timeout = timeout
        self._unawaited = unawaited
        self._decoder = mllp.Decoder(_MAX_ANSWER, unframed=True)
        self._transport: asyncio.Transport | None = None
        self._waiting: deque[asyncio.Future[bytes]] = deque()
        self._closed: asyncio.Future[None] | None = None
        self._writable = asyncio.Event()
        self._settling: asyncio.TimerHandle | None = None

    @property
    def connected(self) -> bool:
        """The connection stands, as far as we know."""
        return self._transport is not None and not self._transport.is_closing()

    @property
    def peer_ends_at(self) -> float | None:
        """When the certificate ends that the other side showed, in seconds since 1970; None without TLS."""
        tls = self._transport.get_extra_info("ssl_object") if self._transport is not None else None
        shown = tls.getpeercert() if tls is not None else None
        return ssl.cert_time_to_seconds(str(shown["notAfter"])) if shown else None

    async def open(self) -> None:
        """Connects. Raises Unavailable ``not_connected`` with the system's reason."""
        loop = asyncio.get_running_loop()
        target = self.target
        name = target.server_name or (target.host if target.tls else None)
        connecting = loop.create_connection(
            lambda: self, target.host, target.port, ssl=target.tls, server_hostname=name if target.tls else None
        )
        try:
            async with asyncio.timeout(self.timeout):
                await connecting
        except TimeoutError:
            raise self._unavailable("nobody answered the call in time", "not_connected") from None
        except (OSError, ValueError) as error:  # refused, unknown host, no name of a host, certificate not trusted
            raise self._unavailable(_reason(error), "not_connected") from error

    async def exchange(
        self,
        payload: bytes,
        answers: int = 1,
        until: Callable[[bytes], bool] | None = None,
        got: list[bytes] | None = None,
    ) -> list[bytes]:
        """Sends one message and returns its answers, unframed; none after one for which ``until`` holds is awaited.
        ``got`` holds them as they come, also where too few do.

        Raises Unavailable, and the connection is gone, when too few came: ``no_answer`` in time, or ``disconnected``
        by the other side. Then the message may or may not have been received.
        """
        if not self.connected or self._transport is None:
            raise self._unavailable("the connection is closed", "disconnected")
        frame = mllp.encode(payload)  # first: what cannot be sent must leave nobody waiting for an answer
        loop = asyncio.get_running_loop()
        waiting: list[asyncio.Future[bytes]] = [loop.create_future() for _ in range(answers)]
        self._waiting.extend(waiting)
        self._transport.write(frame)
        try:
            async with asyncio.timeout(self.timeout):
                await self._writable.wait()
                return await self._collect(waiting, until, [] if got is None else got)
        except TimeoutError:
            within = f"within {self.timeout:g} s"
            reads = self._writable.is_set()
            self._give_up("no answer in time", "no_answer")
            text = f"no answer {within}" if reads else f"it stopped reading: not all could be sent {within}"
            raise self._unavailable(text, "no_answer") from None
        except asyncio.CancelledError:
            self._give_up("the exchange was cancelled", "disconnected")
            raise

    async def _collect(
        self, waiting: list[asyncio.Future[bytes]], until: Callable[[bytes], bool] | None, got: list[bytes]
    ) -> list[bytes]:
        for future in waiting:
            got.append(await future)
            if len(got) < len(waiting) and until is not None and until(got[-1]):
                for spare in waiting[len(got) :]:
                    self._waiting.remove(spare)
                break
        return got

    async def close(self) -> None:
        """Closes and waits until the socket is released; what the other side does not read in time is dropped."""
        if self._transport is not None and self._closed is not None:
            self._transport.close()
            await asyncio.wait({self._closed}, timeout=FAREWELL)
            self._transport.abort()
            await self._closed

    # --- asyncio calls these ----------------------------------------------------------------------------------
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one without saying so
        self._closed = asyncio.get_running_loop().create_future()
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        self._answered(self._decoder.feed(data))
        if self._settling is not None:
            self._settling.cancel()
            self._settling = None
        if self._decoder.unproven:
            self._settling = asyncio.get_running_loop().call_later(SILENCE, self._settle)

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._answered(self._decoder.end())
        if self._settling is not None:
            self._settling.cancel()
        self._fail_waiting(_reason(exc) if exc else "the other side closed the connection", "disconnected")
        self._writable.set()
        if self._closed is not None and not self._closed.done():
            self._closed.set_result(None)

    def _settle(self) -> None:
        self._settling = None
        self._answered(self._decoder.settle())

    def _answered(self, events: list[mllp.Event]) -> None:
        for event in events:
            if not isinstance(event, mllp.Frame) or (self._unawaited and self._unawaited(event.payload)):
                continue
            if self._waiting:
                future = self._waiting.popleft()
                if not future.done():
                    future.set_result(event.payload)

    def _give_up(self, reason: str, code: str) -> None:
        self._fail_waiting(reason, code)
        if self._transport is not None:
            self._transport.abort()

    def _fail_waiting(self, reason: str, code: str) -> None:
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_exception(self._unavailable(reason, code))
                future.exception()  # an exchange that is itself being cancelled will not look at it

    def _unavailable(self, text: str, code: str) -> Unavailable:
        return Unavailable(text, place=str(self.target), remedy="check that the receiver runs and listens", code=code)


def _reason(error: Exception) -> str:
    """The system's words for it, without asyncio's own."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, OSError) and error.errno and error.errno > 0 and not isinstance(error, ssl.SSLError):
        return os.strerror(error.errno)
    if isinstance(error, (socket.gaierror, ValueError)):
        return "the name of the host is not known"
    return str(error) or type(error).__name__
