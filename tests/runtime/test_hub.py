"""A hub as it runs: sockets in front, the book behind, and what happens between them when something changes or ends."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import func, select, text
from tests.support.hub import SITE, address, running_hub
from tests.support.mllp_clients import Peer
from tests.support.ports import free_port
from tests.support.samples import rde_o11

from officina.actions import site
from officina.app import Hub
from officina.errors import Conflict, NotFound, Unavailable
from officina.packed import unpack
from officina.runtime.readers import ALONE
from officina.store import schema
from officina.wire import er7

DEADLINE_S = 20.0
SECOND = """
[[connector]]
name = "second"
kind = "mllp_listener"
profile = "hl7"
settings = { port = PORT }
"""


def second(port: int, more: str = "") -> str:
    return SECOND.replace("PORT", f"{port}{more}")


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    async with running_hub(f"sqlite:///{tmp_path / 'officina.db'}", SITE + second(free_port())) as running:
        yield running


def order(number: int, **overrides: str) -> bytes:
    own = {"placer_number": f"P{number}", "filler_number": f"F{number}", "prescription_number": f"F{number}"}
    return rde_o11(control_id=f"C-{number}", **{"MSH-15": "", "MSH-16": "", **own, **overrides})


def msa(answer: bytes) -> tuple[str, str]:
    ack = er7.parse(answer)
    return ack.get("MSA-1"), ack.get("MSA-2")


def messages(hub: Hub) -> list[dict[str, Any]]:
    with hub.store.read() as tx:
        return tx.execute(select(schema.message).order_by(schema.message.c.id)).mappings()


def orders(hub: Hub) -> int:
    with hub.store.read() as tx:
        return int(tx.execute(select(func.count()).select_from(schema.order)).scalar())


async def changed(hub: Hub, topic: str, holds: Callable[[], bool]) -> None:
    """Waits until something is so, looking whenever the topic changes."""
    async with asyncio.timeout(DEADLINE_S), hub.bus.subscribe() as watch:
        if holds():
            return
        async for each in watch:
            if each == topic and holds():
                return


@contextmanager
def writer_held(hub: Hub) -> Iterator[Callable[[], None]]:
    """Nothing commits until the given function is called, as when the disk is slow."""
    go = threading.Event()
    hub.store.writer.submit(lambda tx: go.wait(DEADLINE_S))
    try:
        yield go.set
    finally:
        go.set()


async def apply(hub: Hub, document: str, *, prune: bool = False) -> None:
    wanted = site.parse(document)
    change = hub.store.writer.submit(lambda tx: site.apply(tx, wanted, actor="system", at=2, prune=prune))
    await asyncio.wrap_future(change)


async def test_a_frame_may_hold_several_messages_and_each_is_answered(hub: Hub) -> None:
    batch = b"FHS|^~\\&|A\rBHS|^~\\&|A\r" + order(1) + order(2) + b"BTS|2\rFTS|1\r"
    async with await Peer.connect(address(hub)[1]) as peer:
        peer.send(batch)
        assert [msa(await peer.answer()) for _ in range(2)] == [("AA", "C-1"), ("AA", "C-2")]
    assert orders(hub) == 2
    assert [(row["state"], row["reason"]) for row in messages(hub)] == [
        ("ignored", "batch_envelope"),
        ("accepted", ""),
        ("accepted", ""),
    ]
    with hub.store.read() as tx:
        kept = [unpack(row[0]) for row in tx.execute(select(schema.message_body.c.raw))]
    assert sorted(b"".join(kept)) == sorted(batch)


async def test_one_sender_who_waits_for_each_answer_needs_no_second_reader(hub: Hub) -> None:
    """Whatever becomes of a message, it is under way no more once it is answered."""
    mine = psutil.Process()
    batch = b"BHS|^~\\&|A\r" + b"".join(map(order, range(100, 104))) + b"BTS|4\r"
    async with await Peer.connect(address(hub)[1]) as peer:
        for number in range(ALONE * 2):
            peer.send_bytes(b"stray")
            await peer.ask(order(number, facility="ELSEWHERE" if number % 2 else "OAKS"))
            await peer.ask(b"MSH|nothing that can be read")
        before = [each.pid for each in mine.children()]
        peer.send(batch)
        for _ in range(4):
            await peer.answer()
        assert [each.pid for each in mine.children()] == before == []


async def test_what_the_listener_turns_away_is_in_the_book(hub: Hub) -> None:
    async with await Peer.connect(address(hub)[1]) as peer:
        peer.send_bytes(b"GET / HTTP/1.1\r\n\r\n")
        assert msa(await peer.ask(order(1))) == ("AA", "C-1")
    first, second = messages(hub)
    assert (first["state"], first["reason"], first["ack_outcome"]) == ("rejected", "outside_frame", "none")
    assert second["state"] == "accepted"


async def test_a_message_that_is_too_long_is_refused_and_seen(hub: Hub) -> None:
    await apply(hub, SITE.replace("port = 0", "port = 0, max_message_bytes = 2000"))
    small = hub.supervisor.site().connectors["pharmacy"].settings
    await changed(hub, "connectors", lambda: hub.supervisor.site().connectors["pharmacy"].settings != small)
    async with await Peer.connect(address(hub)[1]) as peer:
        answer = await peer.ask(order(1, directions="x" * 5000))
    assert msa(answer) == ("AR", "C-1")
    (row,) = messages(hub)
    assert (row["state"], row["reason"], row["control_id"], row["ack_code"]) == ("rejected", "too_long", "C-1", "AR")


async def test_a_connector_is_moved_without_touching_its_neighbour(hub: Hub) -> None:
    before = address(hub, "pharmacy")
    port = free_port()
    async with await Peer.connect(address(hub, "second")[1]) as neighbour:
        assert msa(await neighbour.ask(order(1))) == ("AA", "C-1")
        await apply(hub, SITE.replace("port = 0", f"port = {port}"))
        await changed(hub, "connectors", lambda: address(hub, "pharmacy")[1] == port)
        assert msa(await neighbour.ask(order(2))) == ("AA", "C-2")  # on the same connection
    async with await Peer.connect(port) as peer:
        assert msa(await peer.ask(order(3))) == ("AA", "C-3")
    with pytest.raises(OSError, match="Connect call failed"):
        await Peer.connect(before[1])


async def test_each_connector_that_leaves_the_port_to_the_system_gets_its_own(hub: Hub) -> None:
    await reloaded(hub, second(0))
    assert address(hub, "second")[1] != address(hub, "pharmacy")[1]
    async with await Peer.connect(address(hub, "second")[1]) as peer:
        assert msa(await peer.ask(order(1))) == ("AA", "C-1")
    assert [row["connector_id"] for row in messages(hub)] == [hub.supervisor.site().connectors["second"].id]


async def test_an_inactive_connector_stops_and_starts_again(hub: Hub) -> None:
    await apply(hub, second(free_port()) + 'state = "inactive"\n')
    await changed(hub, "connectors", lambda: hub.supervisor.states()["second"].state == "inactive")
    await apply(hub, second(free_port()) + 'state = "active"\n')
    await changed(hub, "connectors", lambda: hub.supervisor.states()["second"].state == "running")
    async with await Peer.connect(address(hub, "second")[1]) as peer:
        assert msa(await peer.ask(order(1))) == ("AA", "C-1")


def shared(port: int, *, a: str = "active", b: str = "active", of_b: str = "PHARMB") -> str:
    """Two pharmacies on one port, each with a code map of its own."""
    return "".join(
        f"""
[[connector]]
name = "{name}"
kind = "mllp_listener"
profile = "hl7"
state = "{state}"
settings = {{ port = {port}, match = {{ sending_application = "{application}" }} }}

[[code_map]]
source = "{name}"
code = "HOME"
place = "OAK"
"""
        for name, state, application in (("a", a, "PHARMA"), ("b", b, of_b))
    )


async def reloaded(hub: Hub, document: str) -> None:
    """Waits until the hub runs the site as it is after this."""
    before = hub.supervisor.site()
    await apply(hub, document)
    await changed(hub, "connectors", lambda: hub.supervisor.site() is not before)


async def test_a_message_nobody_asks_for_is_refused_until_somebody_does(hub: Hub) -> None:
    port = free_port()
    await reloaded(hub, shared(port))
    async with await Peer.connect(port) as peer:
        strays = b"".join(order(n, facility="HOME", **{"MSH-3": "PHARMC"}) for n in (1, 2))
        peer.send(strays)
        assert [msa(await peer.answer()) for _ in range(2)] == [("AR", "C-1"), ("AR", "C-2")]
    assert [(row["state"], row["reason"]) for row in messages(hub)] == [("rejected", "no_match")] * 2
    assert orders(hub) == 0
    stray = messages(hub)[0]["id"]
    with pytest.raises(Conflict, match="no connector"):
        await asyncio.to_thread(hub.intake.process_again, stray, "person:1")
    await reloaded(hub, shared(port, of_b="PHARMC"))
    kept = await asyncio.to_thread(hub.intake.process_again, stray, "person:1")
    assert kept.state == "accepted"
    assert messages(hub)[0]["connector_id"] == hub.supervisor.site().connectors["b"].id


async def test_a_suspended_connector_takes_nothing_and_nobody_takes_its_place(hub: Hub) -> None:
    port = free_port()
    await reloaded(hub, shared(port, a="suspended"))
    mine = order(1, facility="HOME", **{"MSH-3": "PHARMA"})
    async with await Peer.connect(port) as peer:
        assert msa(await peer.ask(mine)) == ("AE", "C-1")
        with pytest.raises(Unavailable, match="suspended"):
            await hub.intake.submit(mine, "a")
        assert [(row["state"], row["reason"]) for row in messages(hub)] == [("failed", "suspended")]
        await reloaded(hub, shared(port))
        assert msa(await peer.ask(mine)) == ("AA", "C-1")
    first, again = messages(hub)
    assert first["connector_id"] == again["connector_id"] == hub.supervisor.site().connectors["a"].id
    await reloaded(hub, shared(port, a="inactive"))
    async with await Peer.connect(port) as peer:
        assert msa(await peer.ask(order(2, **{"MSH-3": "PHARMA"}))) == ("AR", "C-2")
        with pytest.raises(NotFound, match="inactive"):
            await hub.intake.submit(mine, "a")
    await reloaded(hub, shared(port, a="inactive", b="suspended"))
    with pytest.raises(OSError, match="Connect call failed"):
        await Peer.connect(port)


async def test_whoever_changed_the_site_sees_it_in_force(hub: Hub) -> None:
    for state, shown in (("suspended", "suspended"), ("active", "running")):
        await apply(hub, f'{SITE}state = "{state}"\n')
        await hub.supervisor.caught_up()
        assert hub.supervisor.states()["pharmacy"].state == shown


async def test_a_busy_port_is_told_and_the_others_run(hub: Hub) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        await apply(hub, second(port))
        await changed(hub, "connectors", lambda: hub.supervisor.states()["second"].state == "failed")
        reason = hub.supervisor.states()["second"].reason
        assert str(port) in reason
        assert "second.port" in reason
        assert hub.supervisor.states()["pharmacy"].state == "running"
    await apply(hub, second(port, ", max_connections = 7"))
    await changed(hub, "connectors", lambda: hub.supervisor.states()["second"].state == "running")


async def test_a_new_code_is_known_without_a_restart(hub: Hub) -> None:
    async with await Peer.connect(address(hub)[1]) as peer:
        await peer.ask(order(1, facility="NEW"))
        await apply(hub, SITE + '[[code_map]]\ncode = "NEW"\nplace = "OAK"\n')
        await changed(hub, "connectors", lambda: "NEW" in hub.supervisor.site().connectors["pharmacy"].routes)
        await peer.ask(order(2, facility="NEW"))
    assert [row["state"] for row in messages(hub)] == ["parked", "accepted"]


async def test_a_stop_answers_what_was_accepted(hub: Hub) -> None:
    async with await Peer.connect(address(hub)[1]) as peer:
        with writer_held(hub) as release:
            peer.send(*[order(number) for number in range(20)])
            port = hub.supervisor._listener.port_of("pharmacy")  # type: ignore[union-attr]
            async with asyncio.timeout(DEADLINE_S):
                while sum(each.unanswered for each in port._connections) < 20:  # type: ignore[union-attr]
                    await asyncio.sleep(0)
            stopping = asyncio.create_task(hub.stop())
            await asyncio.sleep(0)
            release()
            answers = [msa(await peer.answer()) for _ in range(20)]
            await stopping
    assert answers == [("AA", f"C-{number}") for number in range(20)]
    assert orders(hub) == 20


async def test_an_answer_nobody_was_there_for_is_marked(hub: Hub) -> None:
    port = hub.supervisor._listener.port_of("pharmacy")  # type: ignore[union-attr]
    with writer_held(hub) as release:
        async with await Peer.connect(address(hub)[1]) as peer:
            peer.send(order(1))
            async with asyncio.timeout(DEADLINE_S):
                while not sum(each.unanswered for each in port._connections):  # type: ignore[union-attr]
                    await asyncio.sleep(0)
            raw = peer.writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close with a reset
        async with asyncio.timeout(DEADLINE_S):
            while port.connections:  # type: ignore[union-attr]
                await asyncio.sleep(0)
        release()
    await changed(hub, "messages", lambda: [row["ack_outcome"] for row in messages(hub)] == ["undeliverable"])
    assert [row["state"] for row in messages(hub)] == ["accepted"]
    async with await Peer.connect(address(hub)[1]) as peer:  # the sender comes back and asks again
        assert msa(await peer.ask(order(1))) == ("AA", "C-1")
    assert orders(hub) == 1


async def test_a_full_disk_is_refused_and_not_lied_about(hub: Hub) -> None:
    def limit(pages: int) -> None:
        hub.store.writer.submit(lambda tx: tx.execute(text(f"PRAGMA max_page_count = {pages}")).all()).result(20)

    async with await Peer.connect(address(hub)[1]) as peer:
        assert msa(await peer.ask(order(0))) == ("AA", "C-0")
        await asyncio.to_thread(limit, 1)  # not below what is there: the database cannot grow any more
        answers, number = [], 0
        while "AE" not in [code for code, _ in answers]:
            number += 1
            assert number < 5000
            answers.append(msa(await peer.ask(order(number))))
        assert answers[-1] == ("AE", f"C-{number}")
        await asyncio.to_thread(limit, 1_000_000)
        assert msa(await peer.ask(order(number))) == ("AA", f"C-{number}")
    assert orders(hub) == number + 1
    assert {row["state"] for row in messages(hub)} == {"accepted"}
