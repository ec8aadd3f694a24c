"""A receiver that answers as it is told: well, badly, late, by halves or not at all. Real sockets."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Self

from officina.wire import er7
from officina.wire.mllp import Decoder, Frame, encode

DEADLINE_S = 20.0
DRIP_S = 0.02  # between two bytes of an answer that comes too slowly
SMALL = 4096  # bytes the socket of a ``small`` receiver holds: one that stops reading is soon full

# How to answer the n-th message (from 0): a word of `Receiver`.
Script = Callable[[int], str]


def in_turn(words: Iterable[str], then: str = "AA") -> Script:
    """One word per message, then always the same."""
    left: Iterator[str] = iter(words)
    return lambda number: next(left, then)


class Receiver:
    """``received`` are the messages in the order in which they came, also those it did not answer.

    AA AE AR CA CE CR: that code. CA+AA: both acknowledgements. close: hangs up; reset: so that the other side sees an
    error; half: half an answer, then hangs up; garbage: bytes that are no message; wrong: names another control id;
    nameless: names none; bare: without an MSA; twice: the answer twice; echo: once more with the next one's; silent:
    nothing; late: the answer to it with the next one's; drip: a byte now and then, too slow for anyone; pieces: in
    three pieces; foreign: of another version and with other delimiters; stops: answers, and reads no more.

    ``taken`` are the messages it said it has, each with how many had come by then.
    """

    def __init__(
        self,
        script: Script = lambda number: "AA",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        small: bool = False,
    ) -> None:
        self.script = script
        self.received: list[bytes] = []
        self.taken: list[tuple[int, str]] = []
        self.connections = 0
        self._port = port
        self._tls = tls
        self._small = small
        self._late: list[bytes] = []
        self._grew = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def control_ids(self) -> list[str]:
        return [er7.parse(raw).get("MSH-10") for raw in self.received]

    async def __aenter__(self) -> Self:
        listening = socket.create_server(("127.0.0.1", self._port))
        if self._small:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        self._server = await asyncio.start_server(self._serve, sock=listening, ssl=self._tls)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await self._server.wait_closed()

    async def got(self, count: int) -> None:
        """Waits until so many messages have come."""
        async with asyncio.timeout(DEADLINE_S):
            while len(self.received) < count:
                self._grew.clear()
                await self._grew.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        decoder = Decoder()
        try:
            while data := await reader.read(65536):
                for event in decoder.feed(data):
                    if isinstance(event, Frame) and not self._answer(event.payload, writer):
                        return
        except ConnectionError:
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    def _answer(self, raw: bytes, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection goes on."""
        number = len(self.received)
        self.received.append(raw)
        self._grew.set()
        word = self.script(number)
        for late in self._late:
            self._write(writer, late)
        self._late.clear()
        if word == "close":
            return False
        if word == "reset":
            raw_socket: socket.socket = writer.get_extra_info("socket")
            raw_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            return False
        if word == "half":
            writer.write(encode(_ack(raw, "AA"))[:40])
            return False
        if word in ("late", "echo"):
            self._late.append(_ack(raw, "AA"))
        if word == "garbage":
            writer.write(encode(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
        elif word == "drip":
            self._drip(writer, encode(_ack(raw, "AA")), DRIP_S, 1)
        elif word == "pieces":
            self._taken(raw)
            self._drip(writer, encode(_ack(raw, "AA")), DRIP_S, 40)
        elif word not in ("silent", "late"):
            for answer in _answers(raw, word):
                self._write(writer, answer)
        if word == "stops":
            transport = writer.transport
            assert isinstance(transport, asyncio.Transport)
            transport.pause_reading()
        return True

    def _write(self, writer: asyncio.StreamWriter, answer: bytes) -> None:
        said = er7.parse(answer)
        if said.get("MSA-1") in ("AA", "CA"):
            self.taken.append((len(self.received), said.get("MSA-2")))
        writer.write(encode(answer))

    def _taken(self, raw: bytes) -> None:
        self.taken.append((len(self.received), er7.parse(raw).get("MSH-10")))

    def _drip(self, writer: asyncio.StreamWriter, left: bytes, every_s: float, size: int) -> None:
        if left and not writer.is_closing():
            writer.write(left[:size])
            asyncio.get_running_loop().call_later(every_s, self._drip, writer, left[size:], every_s, size)


def _answers(raw: bytes, word: str) -> list[bytes]:
    if word == "wrong":
        return [_ack(raw, "AA", control_id="SOMETHING-ELSE")]
    if word == "nameless":
        return [_ack(raw, "AA", control_id="")]
    if word == "twice":
        return [_ack(raw, "AA")] * 2
    if word == "bare":
        return [_ack(raw, "AA").partition(b"MSA")[0]]
    if word == "foreign":
        named = er7.parse(raw).get("MSH-10")
        return [f"MSH#*!/%#RCV#THERE#HUB#H#20260101##ACK*O11*ACK#A{named}#P#2.8\rMSA#AA#{named}\r".encode()]
    if word in ("echo", "stops"):
        return [_ack(raw, "AA")]
    return [_ack(raw, code) for code in word.split("+")]


def _ack(raw: bytes, code: str, control_id: str | None = None) -> bytes:
    head = er7.parse(raw)
    named = head.get("MSH-10") if control_id is None else control_id
    text = "" if code[1] == "A" else f"\rERR||PID^1^3|204^Unknown key identifier^HL70357|E||||refused as told ({code})"
    return f"MSH|^~\\&|RCV|THERE|OFFICINA|HUB|20260101||ACK|A{named}|P|2.5.1\rMSA|{code}|{named}{text}\r".encode()
