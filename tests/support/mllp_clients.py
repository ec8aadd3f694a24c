"""MLLP clients for tests: one that can misbehave on a real socket, and those of other makes."""

from __future__ import annotations

import asyncio
import fcntl
import json
import shutil
import ssl
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from officina.wire.mllp import Decoder, Frame, encode

DEADLINE_S = 20.0
NPM = Path(__file__).parents[1] / "npm"


class Peer:
    """A partner's end of one connection. Every wait fails after DEADLINE_S."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer
        self._decoder = Decoder()
        self._frames: list[bytes] = []

    @classmethod
    async def connect(cls, port: int, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> Self:
        async with asyncio.timeout(DEADLINE_S):
            reader, writer = await asyncio.open_connection(
                host, port, ssl=tls, server_hostname="localhost" if tls else None
            )
        return cls(reader, writer)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.writer.transport.abort()

    def send(self, *messages: bytes) -> None:
        """Frames and sends the messages in one write."""
        self.send_bytes(b"".join(map(encode, messages)))

    def send_bytes(self, octets: bytes) -> None:
        self.writer.write(octets)

    async def answer(self) -> bytes:
        """The next acknowledgement. EOFError when the connection closes instead."""
        async with asyncio.timeout(DEADLINE_S):
            while not self._frames:
                received = await self._reader.read(65536)
                if not received:
                    raise EOFError
                self._frames += [event.payload for event in self._decoder.feed(received) if isinstance(event, Frame)]
        return self._frames.pop(0)

    async def ask(self, message: bytes) -> bytes:
        self.send(message)
        return await self.answer()

    async def answers(self, number: int) -> list[bytes]:
        return [await self.answer() for _ in range(number)]

    async def answers_until_closed(self) -> list[bytes]:
        answers = []
        try:
            while True:
                answers.append(await self.answer())
        except (EOFError, ConnectionResetError):
            return answers

    async def read_bytes(self, number: int) -> bytes:
        async with asyncio.timeout(DEADLINE_S):
            return await self._reader.readexactly(number)

    async def closed(self) -> None:
        """Waits until the other end has closed the connection, without any more bytes."""
        async with asyncio.timeout(DEADLINE_S):
            try:
                rest = await self._reader.read()
            except ConnectionResetError:
                rest = b""
        assert rest == b""


def install_node_client() -> Path:
    """The folder with node-hl7-client, installed from the lock file. Fails where npm is missing."""
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError("npm is needed for the test with node-hl7-client: install Node.js 20 or newer")
    with (NPM / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test processes run side by side
        if not (NPM / "node_modules" / "node-hl7-client").is_dir():
            subprocess.run(
                [npm, "ci", "--no-audit", "--no-fund"], cwd=NPM, check=True, capture_output=True, timeout=240
            )
    return NPM


async def run_node_client(port: int, messages: Sequence[str]) -> list[str]:
    """Sends with node-hl7-client; the acknowledgements as that client read them."""
    out = await _run("node", str(NPM / "send.mjs"), "127.0.0.1", str(port), given=json.dumps(list(messages)).encode())
    return [json.loads(line) for line in out.splitlines()]


async def run_mllp_send(program: Path, port: int, file: Path, *, loose: bool) -> bytes:
    """Sends a file with the ``mllp_send`` of python-hl7; what it printed."""
    options = ["--loose"] if loose else []
    return await _run(str(program), *options, "--port", str(port), "--file", str(file), "127.0.0.1")


async def _run(*command: str, given: bytes = b"") -> bytes:
    process = await asyncio.create_subprocess_exec(
        *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    async with asyncio.timeout(60):
        out, errors = await process.communicate(given)
    assert process.returncode == 0, errors.decode(errors="replace")
    return out
