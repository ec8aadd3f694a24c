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
    nameless: names none; twice: the answer twice; silent: nothing; late: the answer to it with the next one's.
    """

    def __init__(self, script: Script = lambda number: "AA", port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.script = script
        self.received: list[bytes] = []
        self.connections = 0
        self._port = port
        self._tls = tls
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
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port, ssl=self._tls)
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
            writer.write(encode(late))
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
        if word == "late":
            self._late.append(_ack(raw, "AA"))
        elif word == "garbage":
            writer.write(encode(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
        elif word != "silent":
            for answer in _answers(raw, word):
                writer.write(encode(answer))
        return True


def _answers(raw: bytes, word: str) -> list[bytes]:
    if word == "wrong":
        return [_ack(raw, "AA", control_id="SOMETHING-ELSE")]
    if word == "nameless":
        return [_ack(raw, "AA", control_id="")]
    if word == "twice":
        return [_ack(raw, "AA")] * 2
    return [_ack(raw, code) for code in word.split("+")]


def _ack(raw: bytes, code: str, control_id: str | None = None) -> bytes:
    head = er7.parse(raw)
    named = head.get("MSH-10") if control_id is None else control_id
    text = "" if code[1] == "A" else f"\rERR||PID^1^3|204^Unknown key identifier^HL70357|E||||refused as told ({code})"
    return f"MSH|^~\\&|RCV|THERE|OFFICINA|HUB|20260101||ACK|A{named}|P|2.5.1\rMSA|{code}|{named}{text}\r".encode()
