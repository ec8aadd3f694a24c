"""Who reads a message: this process while there are few, a second one beside it while there are many, a thread if long.

Readings of a connector are delivered in the order in which their messages were put, whoever read them. Reading is most
of the work of taking a message in, and this process also has sockets, screens and the writer to serve.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import pickle
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, NamedTuple, cast

from officina.actions.receive import Reading, Source, arrived, read
from officina.message.finding import Finding
from officina.runtime import logs
from officina.runtime.second_reader import LENGTH, Work, framed

log = logging.getLogger("officina.readers")

ALONE: Final = 8  # messages under way that this process still reads itself
TOGETHER: Final = 16  # messages sent at once: the writer begins with the first while the next are read
LONGEST: Final = 256 * 1024  # bytes; reading a longer message holds up the loop, sending it the second reader
AGAIN_S: Final = 30.0  # seconds before a second reader that ended is started anew
COULD_HELP: Final = os.name == "posix" and (os.cpu_count() or 1) > 1


class Job(NamedTuple):
    """A message to be read. ``offer`` comes back with the reading."""

    raw: bytes
    source: Source
    at: int
    remarks: Sequence[Finding]
    offer: object


class Readers:
    """``deliver`` gets the readings, ``lose`` a job that nobody can read, on the loop; ``unanswered`` tells how many
    messages were taken and not yet answered.

    The second reader starts when it is first needed.
    """

    def __init__(
        self, deliver: Callable[[list[Reading]], None], lose: Callable[[Job], None], unanswered: Callable[[], int]
    ) -> None:
        self._deliver = deliver
        self._lose = lose
        self._unanswered = unanswered
        self._waiting: list[Job] = []
        self._away: deque[list[Job]] = deque()
        self._known: dict[int, Source] = {}
        self._forgotten = False
        self._passed = 0  # messages that went this way and are done with
        self._moved = asyncio.Event()
        self._lanes: dict[str, deque[Job]] = {}  # by connector: a long message, and what came behind it
        self._draining: set[asyncio.Task[None]] = set()
        self._thread: ThreadPoolExecutor | None = None
        self._link: asyncio.Transport | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._starting: asyncio.Task[None] | None = None
        self._received = bytearray()
        self._ready = False
        self._not_before = 0.0
        self._closed = not COULD_HELP

    @property
    def second_is_there(self) -> bool:
        """The second reader has started and takes work."""
        return self._ready

    @property
    def second_process(self) -> int:
        """Its process id, 0 if it was never started."""
        return self._process.pid if self._process else 0

    def put(self, job: Job) -> None:
        """Have a message read; called on the loop."""
        if len(job.raw) > LONGEST or (self._lanes and job.source.name in self._lanes):
            self._put_aside(job)
            return
        self._waiting.append(job)
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_soon(self._turn)

    def forget(self) -> None:
        """The connectors have changed: those the second reader knows are of no more use."""
        self._known.clear()
        self._forgotten = True

    async def close(self) -> None:
        """End the second reader; what it has not read yet is read here."""
        self._closed = True
        if self._starting is not None:
            self._starting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._starting
        if self._link is not None:
            self._link.abort()
        self._lost()
        await asyncio.gather(*self._draining)
        if self._thread is not None:
            self._thread.shutdown()
        if self._process is not None:
            await asyncio.to_thread(self._process.wait)

    def _turn(self) -> None:
        """What came in one turn of the loop is read together."""
        jobs, self._waiting = self._waiting, []
        many = self._unanswered() > ALONE
        now = asyncio.get_running_loop().time()
        if many and not self._ready and self._starting is None and not self._closed and now >= self._not_before:
            self._starting = asyncio.get_running_loop().create_task(self._start())
        if self._ready and (many or self._away):  # behind what is away, so that the order is kept
            for start in range(0, len(jobs), TOGETHER):
                self._send(jobs[start : start + TOGETHER])
        else:
            self._read(jobs)
            self._pass(jobs)

    def _pass(self, jobs: Sequence[Job]) -> None:
        self._passed += len(jobs)
        self._moved.set()

    def _read(self, jobs: Sequence[Job]) -> None:
        """Delivered together: a writer that begins with the first would get little of this busy thread's time."""
        readings = []
        for job in jobs:
            raw, source, at, remarks, offer = job
            try:
                readings.append(read(raw, source, at=at, remarks=remarks, offer=offer))
            except Exception:  # no memory is left for it: its neighbours must not go with it
                log.exception("A message could not be read, not even as a failed one.")
                self._lose(job)
        self._deliver(readings)

    # --- long messages -----------------------------------------------------------------------------------------

    def _put_aside(self, job: Job) -> None:
        """It leaves the others' way, and so does what its connector brings while it is read."""
        name = job.source.name
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._lanes[name] = deque()
            before = self._passed + len(self._waiting) + sum(map(len, self._away))
            task = asyncio.get_running_loop().create_task(self._drain(name, lane, before))
            self._draining.add(task)
            task.add_done_callback(self._draining.discard)
        lane.append(job)

    async def _drain(self, name: str, lane: deque[Job], before: int) -> None:
        """Reads one by one what is in a lane, once all is done with that was put before it."""
        while self._passed < before:
            self._moved.clear()
            await self._moved.wait()
        while lane:
            job = lane.popleft()
            if len(job.raw) > LONGEST:
                await self._read_in_thread(job)
            else:
                self._read([job])
                await asyncio.sleep(0)
        del self._lanes[name]

    async def _read_in_thread(self, job: Job) -> None:
        """One thread for all of them: two long messages at once would only take more memory."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "long messages")
        raw, source, at, remarks, offer = job
        work = partial(read, raw, source, at=at, remarks=remarks, offer=offer)
        try:
            reading = await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except Exception:
            log.exception("A long message could not be read, not even as a failed one.")
            self._lose(job)
        else:
            self._deliver([reading])

    # --- the second reader -------------------------------------------------------------------------------------

    async def _start(self) -> None:
        """Not a pool: one more process uses the second core, and order is kept without counting."""
        try:
            await self._connect()
        except OSError as error:  # no memory, no processes left: the hub reads alone, as with one core
            log.warning("The second reader cannot be started (%s); the hub reads alone.", type(error).__name__)
            self._closed = True

    async def _connect(self) -> None:
        if self._process is not None:
            await asyncio.to_thread(self._process.wait)
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs:
            command = [sys.executable, "-m", "officina.runtime.second_reader", str(theirs.fileno()), logs.form()]
            self._process = await asyncio.to_thread(
                subprocess.Popen, command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, start_new_session=True
            )
        transport, _ = await asyncio.get_running_loop().create_connection(lambda: _Answers(self), sock=ours)
        self._link = transport

    def _send(self, jobs: list[Job]) -> None:
        new = {id(job.source): job.source for job in jobs if id(job.source) not in self._known}
        self._known.update(new)
        forget, self._forgotten = self._forgotten, False
        self._away.append(jobs)
        if self._link is not None:
            self._link.write(framed(Work(forget, new, [(id(job.source), job.raw, job.at) for job in jobs])))

    def received(self, data: bytes) -> None:
        """Bytes from the second reader."""
        self._received += data
        while len(self._received) >= LENGTH.size:
            end = LENGTH.size + LENGTH.unpack_from(self._received)[0]
            if len(self._received) < end:
                return
            body = bytes(self._received[LENGTH.size : end])
            del self._received[:end]
            self._came(cast("list[Reading]", pickle.loads(body)))

    def _came(self, readings: list[Reading]) -> None:
        if not self._ready:  # its first word says that it is there
            self._ready = True
            return
        jobs = self._away.popleft()
        if len(readings) == len(jobs):
            for reading, job in zip(readings, jobs, strict=True):
                arrived(reading, job.raw, job.source, job.remarks, job.offer)
            self._deliver(readings)
        else:  # one of them was too much for it
            self._read(jobs)
        self._pass(jobs)

    def lost(self) -> None:
        """The second reader ended."""
        self._not_before = asyncio.get_running_loop().time() + AGAIN_S
        if not self._closed:
            log.warning("The second reader ended; what it had not read is read here.")
        self._lost()

    def _lost(self) -> None:
        """Nothing of what was sent is lost: the jobs are here until their readings are."""
        self._ready, self._link, self._starting = False, None, None
        self._known.clear()
        self._received.clear()
        while self._away:
            jobs = self._away.popleft()
            self._read(jobs)
            self._pass(jobs)


class _Answers(asyncio.Protocol):
    """The hub's end of the pair of sockets."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def data_received(self, data: bytes) -> None:
        self._readers.received(data)

    def connection_lost(self, error: Exception | None) -> None:
        self._readers.lost()
