"""Whoever reads a message, this process or the second reader: the same readings, in the same order, none lost."""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import os
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import cast

import pytest
from tests.support.broken import CANARY, BrokenRoutes
from tests.support.hub import SITE, site_store
from tests.support.samples import rde_o11

from officina.actions import site
from officina.actions.receive import Reading, Source, read
from officina.message.route import Routed, Routes
from officina.order.order import Order
from officina.runtime.readers import ALONE, LONGEST, Job, Readers

DEADLINE_S = 30.0
# Texts of an order that have columns of their own, and what says which order it is.
TEXTS = (
    "control",
    "placer_number",
    "filler_number",
    "prescription_number",
    "drug_code",
    "drug_text",
    "directions",
    "prescriber",
)
PROFILED = SITE.replace('profile = "hl7"', 'profile = "own"') + (
    "\n[[profile]]\nname = \"own\"\nbody = '''\nextends = \"hl7\"\n[maps.colours]\nred = \"rot\"\n'''\n"
)


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Source]:
    with site_store(f"sqlite:///{tmp_path / 'officina.db'}", PROFILED) as store, store.read() as tx:
        connector = site.load_site(tx).connectors["pharmacy"]
        yield Source(connector.id, connector.name, connector.profile, connector.routes)


class Delivered:
    """What the readers delivered, in order."""

    def __init__(self) -> None:
        self.readings: list[Reading] = []
        self._grew = asyncio.Event()

    def __call__(self, readings: list[Reading]) -> None:
        self.readings += readings
        self._grew.set()

    async def reach(self, count: int) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while len(self.readings) < count:
                self._grew.clear()
                await self._grew.wait()

    @property
    def numbers(self) -> list[object]:
        return [reading.offer for reading in self.readings]


@pytest.fixture
def delivered() -> Delivered:
    return Delivered()


@pytest.fixture
def lost() -> list[Job]:
    return []


@pytest.fixture
async def readers(delivered: Delivered, source: Source, lost: list[Job]) -> AsyncIterator[Readers]:
    opened = await started(delivered, source, lost)
    yield opened
    await opened.close()


async def started(delivered: Delivered, source: Source, lost: list[Job]) -> Readers:
    """Readers whose second process is there: it reads whatever comes."""
    opened = Readers(delivered, lost.append, lambda: ALONE + 1)
    opened.put(Job(rde_o11(), source, 1, (), "first"))
    await delivered.reach(1)
    async with asyncio.timeout(DEADLINE_S):
        while not opened.second_is_there:
            await asyncio.sleep(0)
    delivered.readings.clear()
    return opened


def samples() -> list[bytes]:
    return [
        rde_o11(control_id="A"),
        rde_o11(control_id="B", facility="ELSEWHERE"),
        rde_o11(control_id="C", message_type="ORU", trigger="R01"),
        rde_o11(control_id="D", **{"PID-3": ""}),
        rde_o11(control_id="E", control="DC", **{"PID-5.1": "Müller"}),
        rde_o11(control_id="F").replace(b"Atorva", b"Ator\xffva"),
        b"MSH|^~\\&|A|B|C|D|20260101||ACK|9|P|2.5.1\rMSA|AA|1\r",
        b"no message at all",
    ]


def facts(reading: Reading) -> dict[str, object]:
    """All that the writer looks at."""
    found: dict[str, object] = {each.name: getattr(reading, each.name) for each in dataclasses.fields(Reading)}
    found["head"] = reading.head
    if assembled := reading.assembled:
        named = ("stated", "complete", "starts_at", "stops_at", "kept", "digest", "facts", *TEXTS)
        found["assembled"] = assembled._replace(
            orders=[[_value(order, name) for name in named] for order in assembled.orders]
        )
    return found


def _value(order: Order, name: str) -> object:
    found = getattr(order, name)
    return found() if callable(found) else found


async def test_the_second_reader_reads_what_this_process_reads(
    readers: Readers, delivered: Delivered, source: Source
) -> None:
    for raw in samples():
        readers.put(Job(raw, source, 7, (), None))
    await delivered.reach(len(samples()))
    for raw, reading in zip(samples(), delivered.readings, strict=True):
        assert reading.source is source
        assert facts(reading) == facts(read(raw, source, at=7))


async def test_the_order_is_kept_whoever_reads(readers: Readers, delivered: Delivered, source: Source) -> None:
    long = rde_o11(directions="x" * (LONGEST + 1))
    for number in range(200):
        readers.put(Job(long if number == 70 else rde_o11(control_id=f"M{number}"), source, 1, (), number))
        if number % 23 == 0:
            await asyncio.sleep(0)
    await delivered.reach(200)
    assert delivered.numbers == list(range(200))


class HeldRoutes(dict[str, Routed]):
    """Routes that are looked up only when the test says so: until then the reading of a message does not end."""

    def __init__(self, routes: Routes) -> None:
        super().__init__(routes)
        self.go = threading.Event()

    def get(self, code: str, default: object = None) -> object:  # type: ignore[override]
        assert self.go.wait(DEADLINE_S)
        return self[code]


async def test_a_long_message_holds_up_its_own_connector_alone(
    delivered: Delivered, source: Source, lost: list[Job]
) -> None:
    readers = Readers(delivered, lost.append, lambda: ALONE)
    held = HeldRoutes(source.routes)
    slow = dataclasses.replace(source, routes=held)
    neighbour = dataclasses.replace(source, name="neighbour")
    long = rde_o11() + b"".join(b"NTE|%d\r" % number for number in range(30_000))
    readers.put(Job(rde_o11(), source, 1, (), "before"))
    readers.put(Job(long, slow, 1, (), "long"))
    readers.put(Job(rde_o11(), slow, 1, (), "behind"))
    for number in range(20):
        readers.put(Job(rde_o11(), neighbour, 1, (), number))
        await asyncio.sleep(0)
    await delivered.reach(21)
    assert delivered.numbers == ["before", *range(20)]
    held.go.set()
    await delivered.reach(23)
    assert delivered.numbers[21:] == ["long", "behind"]
    readers.put(Job(rde_o11(), source, 1, (), "after"))
    await delivered.reach(24)
    assert facts(delivered.readings[21]) == facts(read(long, slow, at=1, offer="long"))
    assert lost == []
    await readers.close()


async def test_closing_waits_for_a_long_message(delivered: Delivered, source: Source, lost: list[Job]) -> None:
    readers = Readers(delivered, lost.append, lambda: ALONE)
    readers.put(Job(rde_o11(directions="x" * (LONGEST + 1)), source, 1, (), "long"))
    readers.put(Job(rde_o11(), source, 1, (), "behind"))
    await readers.close()
    assert delivered.numbers == ["long", "behind"]


def sources_alive() -> int:
    gc.collect()
    return sum(isinstance(each, Source) for each in gc.get_objects())


async def test_connectors_that_changed_are_known_no_more(
    readers: Readers, delivered: Delivered, source: Source
) -> None:
    before = sources_alive()
    for generation in range(50):
        current = dataclasses.replace(source, facility=f"F{generation}")
        for control_id in ("A", "B"):
            readers.put(Job(rde_o11(control_id=control_id, facility="", **{"MSH-4": ""}), current, 1, (), None))
        await delivered.reach(2)
        assert [each.facility_code for each in delivered.readings] == ["", ""]
        assert all(f"F{generation} " in each.findings[-1].text for each in delivered.readings)
        delivered.readings.clear()
        readers.forget()
    assert sources_alive() <= before + 1


async def test_a_second_reader_that_dies_takes_no_message_with_it(
    readers: Readers, delivered: Delivered, source: Source
) -> None:
    for number in range(300):
        readers.put(Job(rde_o11(control_id=f"M{number}"), source, 1, (), number))
        if number == 150:
            await asyncio.sleep(0)
            os.kill(readers.second_process, signal.SIGKILL)
    await delivered.reach(300)
    assert delivered.numbers == list(range(300))


async def test_closing_reads_the_rest(readers: Readers, delivered: Delivered, source: Source) -> None:
    for number in range(100):
        readers.put(Job(rde_o11(control_id=f"M{number}"), source, 1, (), number))
    await asyncio.sleep(0)
    await readers.close()
    assert delivered.numbers == list(range(100))


async def test_few_messages_need_no_second_reader(delivered: Delivered, source: Source, lost: list[Job]) -> None:
    readers = Readers(delivered, lost.append, lambda: ALONE)
    for number in range(ALONE):
        readers.put(Job(rde_o11(control_id=f"M{number}"), source, 1, (), number))
    await delivered.reach(ALONE)
    assert not readers.second_process
    await readers.close()


async def test_a_defect_in_the_second_reader_is_logged_without_what_was_sent(
    delivered: Delivered, source: Source, lost: list[Job], capfd: pytest.CaptureFixture[str]
) -> None:
    readers = await started(delivered, source, lost)  # here, so that what it writes is captured
    readers.put(Job(rde_o11(), dataclasses.replace(source, routes=BrokenRoutes()), 1, (), None))
    await delivered.reach(1)
    assert (delivered.readings[0].state, delivered.readings[0].reason) == ("failed", "internal")
    await readers.close()  # it has written what it had to say
    told = capfd.readouterr().err
    assert "A message could not be read." in told
    assert CANARY not in told


def unreadable(source: Source, offer: object) -> Job:
    """Stands for a message that not even the never failing `read` can take, as when no memory is left."""
    return Job(cast("bytes", Unreadable()), source, 1, (), offer)


class Unreadable:
    def __len__(self) -> int:
        return 1


async def test_a_message_that_cannot_be_read_does_not_take_its_neighbours_with_it(
    delivered: Delivered, source: Source, lost: list[Job]
) -> None:
    readers = Readers(delivered, lost.append, lambda: ALONE)
    for job in (Job(rde_o11(), source, 1, (), 0), unreadable(source, 1), Job(rde_o11(), source, 1, (), 2)):
        readers.put(job)
    await delivered.reach(2)
    assert (delivered.numbers, [job.offer for job in lost]) == ([0, 2], [1])
    await readers.close()


async def test_nor_do_those_that_went_to_the_second_reader_go_with_it(
    readers: Readers, delivered: Delivered, source: Source, lost: list[Job]
) -> None:
    before = readers.second_process
    for number in range(20):
        readers.put(unreadable(source, number) if number == 3 else Job(rde_o11(), source, 1, (), number))
    await delivered.reach(19)
    assert (delivered.numbers, [job.offer for job in lost]) == ([*range(3), *range(4, 20)], [3])
    assert readers.second_is_there
    assert readers.second_process == before
