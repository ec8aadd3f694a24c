"""The load generator: a program of its own that plays many senders who stop and wait for each acknowledgement.

It is made to cost little beside the hub on the same cores: messages are put together from ready bytes, answers are
looked at as bytes. Every answer must be AA (or CA) and name the control id that was sent. Needs nothing of Officina.

    python -m benchmarks.load 127.0.0.1:6000 --connections 64 --seconds 10
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import sys
import time
from array import array
from collections import Counter, deque
from pathlib import Path
from typing import Final, cast

import uvloop

_TEMPLATE: Final = (
    "\x0bMSH|^~\\&|LOADRX|OAK01|EMAR|OFFICINA|20260301080000||RDE^O11^RDE_O11|{control}|P|2.5.1||||||UNICODE UTF-8\r"
    "PID|1||{patient}^^^CEDAR^PI||Merriweather^Edith^A||19410317|F|||12 Mill Lane^^Oakham^RI^02801||555-0100\r"
    "PV1|1|N|North^101^A^OAK01||||1234^Hargreaves^Miriam||||||||||||{patient}|||||||||||||||||||||||||20250611101500\r"
    "ORC|NW|P{order}|F{order}||||||20260301075900|||^Hargreaves^Miriam\r"
    "RXE|BID&08:00,20:00|99901100001^metformin 500 mg tablet^NDC|1||tablet|TAB|Take 1 tablet by mouth twice daily with "
    "meals|||60|TAB|5|||{order}\r"
    "TQ1|1|1^TAB|D^1|08:00,20:00|||20260301000000|20260401000000|S||Take 1 tablet by mouth twice daily\r"
    "RXR|PO\r"
    "\x1c\r"
)
_PATIENT_ORDERS: Final = 10  # orders of one patient


class Frames:
    """Ready frames, each with its own control id and order number; one patient per ten orders."""

    def __init__(self, run: str) -> None:
        text = _TEMPLATE
        pieces = []
        while "{" in text:
            before, _, rest = text.partition("{")
            name, _, text = rest.partition("}")
            pieces.append((before.encode(), name))
        self._pieces = pieces
        self._tail = text.encode()
        self._run = run.encode()
        self._number = 0

    def next(self) -> tuple[bytes, bytes, bytes]:
        """(control id, order number, frame)."""
        self._number = number = self._number + 1
        order = self._run + b"%08d" % number
        values = {"control": b"C" + order, "patient": self._run + b"%07d" % (number // _PATIENT_ORDERS), "order": order}
        parts = [part for before, name in self._pieces for part in (before, values[name])]
        parts.append(self._tail)
        return values["control"], order, b"".join(parts)


class Tally:
    """What happened: latencies in seconds, errors by kind, and what was acknowledged when a journal is kept."""

    def __init__(self) -> None:
        self.latencies = array("d")
        self.errors: Counter[str] = Counter()
        self.journal: list[tuple[bytes, bytes, float]] | None = None

    def report(self, seconds: float, connections: int) -> dict[str, object]:
        """The figures; times in milliseconds."""
        ordered = sorted(self.latencies)

        def rank(share: float) -> float:
            return round(ordered[max(math.ceil(len(ordered) * share) - 1, 0)] * 1000, 3) if ordered else 0.0

        return {
            "connections": connections,
            "messages": len(ordered),
            "seconds": round(seconds, 3),
            "rate": round(len(ordered) / seconds, 1) if seconds else 0.0,
            "p50": rank(0.50),
            "p95": rank(0.95),
            "p99": rank(0.99),
            "max": rank(1.0),
            "errors": dict(self.errors),
        }


class Sender(asyncio.Protocol):
    """One connection: a frame, its answer, the next frame."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self.flight: tuple[bytes, bytes, bytes] | None = None
        self.sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if self._load.running:
            self.go()

    def go(self) -> None:
        """Sends the message whose answer was lost with an earlier connection, else the next one when its turn comes."""
        if self.flight is None and self._load.pace is not None:
            self._load.pace.wait(self)
        else:
            self.send()

    def send(self) -> None:
        if self.flight is None:
            self.flight = self._load.take()
            if self.flight is None:
                self._load.idle(self)
                return
        assert self._transport is not None
        self.sent_at = time.perf_counter()
        self._transport.write(self.flight[2])

    def data_received(self, data: bytes) -> None:
        if self._buffer:
            data = self._buffer + data
        if data[-2:] != b"\x1c\r":
            self._buffer = data
            return
        self._buffer = b""
        flight = self.flight
        if flight is None:
            self._load.tally.errors["unasked answer"] += 1
            return
        self.flight = None
        self._load.answered(flight, data, time.perf_counter() - self.sent_at)
        if self._load.reconnect:
            assert self._transport is not None
            self._transport.close()
        elif self._load.running:
            self.go()
        else:
            self._load.idle(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._buffer = b""
        self._load.lost(self)

    def drop(self) -> None:
        """No answer in time: the connection is given up, a late answer must not be taken for the next one's."""
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        """Hangs up."""
        if self._transport is not None:
            self._transport.close()


class Pace:
    """So many messages a second over all connections, however long the answers take while one of them is free."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._free: deque[Sender] = deque()

    def wait(self, sender: Sender) -> None:
        self._free.append(sender)

    async def keep(self, load: Load) -> None:
        """Lets the free ones send when it is time, until the load is stopped."""
        began, sent = time.perf_counter(), 0
        while load.running:
            due = int((time.perf_counter() - began) * self._rate)
            while sent < due and self._free:
                self._free.popleft().send()
                sent += 1
            await asyncio.sleep(0.001)
        while self._free:
            load.idle(self._free.popleft())


class Load:
    """A closed loop over many connections, or ``rate`` messages a second. ``retry`` makes it a sender that survives a
    hub that dies: it calls again and repeats the message that was not answered, with the same bytes."""

    def __init__(
        self,
        host: str,
        port: int,
        connections: int,
        run: str,
        *,
        retry: bool = False,
        reconnect: bool = False,
        rate: float | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.connections = connections
        self.retry = retry
        self.reconnect = reconnect
        self.pace = Pace(rate) if rate else None
        self.timeout = 30.0
        self.tally = Tally()
        self.running = False
        self._frames = Frames(run)
        self._left: int | None = None
        self._senders: set[Sender] = set()
        self._busy: set[Sender] = set()
        self._calls: set[asyncio.Task[None]] = set()
        self._quiet = asyncio.Event()

    async def connect(self) -> None:
        """Opens all connections."""
        for _ in range(self.connections):
            await self._call(Sender(self))

    async def drive(self, seconds: float | None = None, count: int | None = None) -> float:
        """Sends for so long, or so many; then waits for the answers still under way. Returns the seconds it took."""
        self._left = count
        self.running = True
        self._quiet.clear()
        self._busy = set(self._senders)
        began = time.perf_counter()
        for sender in list(self._senders):
            sender.go()
        watch = asyncio.create_task(self._watch())
        keeping = asyncio.create_task(self.pace.keep(self)) if self.pace else None
        if seconds is not None:
            await asyncio.sleep(seconds)
            self.stop()
        while self._busy or self._calls:
            await self._quiet.wait()
            self._quiet.clear()
        self.running = False
        watch.cancel()
        if keeping is not None:
            await keeping
        return time.perf_counter() - began

    def stop(self) -> None:
        """No new messages; what is under way is still answered."""
        self.running = False

    async def close(self) -> None:
        """Hangs up everywhere and waits until every connection is gone."""
        self.retry = self.reconnect = False
        for sender in list(self._senders):
            sender.close()
        while self._senders:
            self._quiet.clear()
            await self._quiet.wait()

    # --- the senders call these -------------------------------------------------------------------------------
    def take(self) -> tuple[bytes, bytes, bytes] | None:
        if self._left is not None:
            if self._left <= 0:
                return None
            self._left -= 1
        return self._frames.next()

    def answered(self, flight: tuple[bytes, bytes, bytes], answer: bytes, seconds: float) -> None:
        control_id, order, _ = flight
        tally = self.tally
        place = answer.find(b"\rMSA|")
        if answer[place + 6 : place + 8] != b"A|" or place < 0:
            tally.errors[(answer[place + 5 : place + 7] if place >= 0 else b"no MSA").decode(errors="replace")] += 1
        elif not answer.startswith(control_id, place + 8):
            tally.errors["answer to another message"] += 1
        else:
            tally.latencies.append(seconds)
            if tally.journal is not None:
                tally.journal.append((control_id, order, time.monotonic()))

    def idle(self, sender: Sender) -> None:
        self._busy.discard(sender)
        if not self._busy:
            self._quiet.set()

    def lost(self, sender: Sender) -> None:
        self._senders.discard(sender)
        if self.retry or (self.reconnect and self.running):
            task = asyncio.get_running_loop().create_task(self._call(sender))
            self._calls.add(task)
            task.add_done_callback(self._called)
        else:
            if sender.flight is not None:
                self.tally.errors["disconnected"] += 1
            self.idle(sender)

    def _called(self, task: asyncio.Task[None]) -> None:
        self._calls.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.tally.errors["not connected"] += 1
        self._quiet.set()

    async def _call(self, sender: Sender) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._senders.add(sender)
            self._busy.add(sender)
            try:
                await loop.create_connection(lambda: sender, self.host, self.port)
            except OSError:
                self._senders.discard(sender)
                if not self.retry or not self.running:
                    self.idle(sender)
                    if not self.retry:
                        raise
                    return
                await asyncio.sleep(0.02)
                continue
            if not self.running:
                self.idle(sender)
            return

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(0.5)
            late = time.perf_counter() - self.timeout
            for sender in list(self._busy):
                if sender.flight is not None and sender.sent_at < late and sender in self._senders:
                    self.tally.errors["no answer in time"] += 1
                    sender.drop()


async def measure(asked: argparse.Namespace) -> dict[str, object]:
    """Warm-up, then the measured stretch, on the same connections."""
    host, _, port = asked.target.rpartition(":")
    load = Load(
        host, int(port), asked.connections, asked.run, retry=asked.retry, reconnect=asked.reconnect, rate=asked.rate
    )
    load.timeout = asked.timeout
    await load.connect()
    before = 0
    if asked.warmup:
        await load.drive(seconds=asked.warmup)
        before = len(load.tally.latencies)
        warm_errors = load.tally.errors
        load.tally = Tally()
        load.tally.errors.update(warm_errors)
    if asked.journal:
        load.tally.journal = []
    if asked.stop_on_stdin:  # a harness decides when it is enough
        asyncio.get_running_loop().add_reader(sys.stdin, load.stop)
        seconds = await load.drive(count=None)
    else:
        seconds = await load.drive(seconds=None if asked.count else asked.seconds, count=asked.count)
    await load.close()
    if asked.journal:
        lines = (b"%s\t%s\t%.6f\n" % entry for entry in load.tally.journal or ())
        Path(asked.journal).write_bytes(b"".join(lines))
    report = load.tally.report(seconds, asked.connections)
    total = before + len(load.tally.latencies)
    generator_us = round(time.process_time() / total * 1e6, 1) if total else 0.0
    return {**report, "with_warmup": total, "generator_cpu_us": generator_us}


def main() -> None:
    """Reads the command line, prints one line of JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description="HL7 load over MLLP")
    parser.add_argument("target", help="HOST:PORT")
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--count", type=int, default=None, help="so many messages instead of so many seconds")
    parser.add_argument("--warmup", type=float, default=0.0, help="seconds before counting begins")
    parser.add_argument("--timeout", type=float, default=30.0, help="seconds to wait for an answer")
    parser.add_argument("--rate", type=float, default=None, help="messages per second; default: as fast as it goes")
    parser.add_argument("--run", default=f"{int(time.time()) % 10**7:07d}", help="start of all ids of this run")
    parser.add_argument("--retry", action="store_true", help="call again and repeat what was not answered")
    parser.add_argument("--reconnect", action="store_true", help="a new connection for every message")
    parser.add_argument("--journal", default="", help="file for what was acknowledged: control id, order number, time")
    parser.add_argument("--stop-on-stdin", action="store_true", help="run until a line (or the end) of input")
    asked = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(measure(asked))), flush=True)


if __name__ == "__main__":
    main()
