"""The other end of the hub: a program of its own that plays many partners, takes every message and acknowledges it.

It is made to cost little beside the hub on the same cores: messages are looked at as bytes. It notes when each came,
on which port and connection, and writes that down when it is told to stop. Needs nothing of Officina.

    python -m benchmarks.receiver --ports 6100,6101 --journal received.tsv
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import time
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self, cast

import uvloop

_ROOT: Final = Path(__file__).parent.parent
_PATIENCE: Final = 300.0
_READY: Final = "ready\n"
_END: Final = b"\x1c\r"
_ACK: Final = b"\x0bMSH|^~\\&|CABINET|OAK01|OFFICINA|OAK01|20260301080000||ACK|A%s|P|2.5.1\rMSA|AA|%s\r\x1c\r"


class Receipt(NamedTuple):
    """One message that came: when (seconds of the machine's monotonic clock), where, and its MSH-10."""

    at: float
    port: int
    connection: int
    control_id: str


class Partner(asyncio.Protocol):
    """One connection."""

    def __init__(self, port: int, connection: int, journal: list[tuple[float, int, int, bytes]]) -> None:
        self._port = port
        self._connection = connection
        self._journal = journal
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        *frames, self._buffer = (self._buffer + data).split(_END)
        for frame in frames:
            control_id = frame.split(b"|", 10)[9]
            self._journal.append((time.monotonic(), self._port, self._connection, control_id))
            assert self._transport is not None
            self._transport.write(_ACK % (control_id, control_id))


class Receiver:
    """The program as a process: ``with Receiver(ports, file) as receiver``, then ``receiver.stop()``."""

    def __init__(self, ports: list[int], journal: Path) -> None:
        self._journal = journal
        words = ["--ports", ",".join(map(str, ports)), "--journal", str(journal)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.receiver", *words],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        assert self._process.stdout is not None
        if self._process.stdout.readline() != _READY:
            self._end()
            raise RuntimeError("the receiver does not listen")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def stop(self, expected: int = 0) -> list[Receipt]:
        """Everything that came, in the order in which it came, once it is as many as expected."""
        self._process.communicate(f"{expected}\n", timeout=_PATIENCE)
        if self._process.returncode:
            raise RuntimeError("the receiver failed")
        found = [line.split("\t") for line in self._journal.read_text().splitlines()]
        return [Receipt(float(at), int(port), int(number), control_id) for at, port, number, control_id in found]

    def _end(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


async def serve(ports: list[int], file: Path) -> None:
    """Listens until a line of input says how many messages are expected, and that many have come."""
    loop = asyncio.get_running_loop()
    journal: list[tuple[float, int, int, bytes]] = []
    numbers = count()
    for port in ports:
        await loop.create_server(lambda port=port: Partner(port, next(numbers), journal), "127.0.0.1", port)
    asked = asyncio.Event()
    loop.add_reader(sys.stdin, asked.set)
    print(_READY, end="", flush=True)
    await asked.wait()
    loop.remove_reader(sys.stdin)
    expected = int(sys.stdin.readline() or 0)
    while len(journal) < expected:
        await asyncio.sleep(0.05)
    file.write_bytes(b"".join(b"%.6f\t%d\t%d\t%s\n" % each for each in journal))


def main() -> None:
    """Reads the command line and listens."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.receiver", description="Takes HL7 over MLLP")
    parser.add_argument("--ports", required=True, help="with commas between them")
    parser.add_argument("--journal", type=Path, required=True, help="file for what came")
    asked = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve([int(port) for port in asked.ports.split(",")], asked.journal))


if __name__ == "__main__":
    main()
