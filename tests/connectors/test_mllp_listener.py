"""The MLLP listener on real sockets, on both event loops."""

from __future__ import annotations

import asyncio
import random
import socket

import pytest
from tests.connectors.conftest import Heard, OpenPort
from tests.support.intakes import DEADLINE_S, Answering, Holding
from tests.support.mllp_clients import Peer

from officina.connectors.mllp_listener import Binding, Listener, ListenerSettings, MllpPort
from officina.connectors.port import Origin, Reply
from officina.errors import OfficinaError
from officina.wire.mllp import encode


def order(number: int, application: str = "PHARM", filler: int = 0) -> bytes:
    return (
        f"MSH|^~\\&|{application}|HOME|OFFICINA|HUB|20260304||RDE^O11^RDE_O11|C-{number}|T|2.5.1\r"
        f"PID|1||7^^^HOME^MR||Testperson^Ada\rNTE|1||{'x' * filler}\r"
    ).encode()


def msa(answer: bytes) -> str:
    return next(line for line in answer.decode().split("\r") if line.startswith("MSA"))


async def test_a_message_is_offered_with_its_origin_and_answered(open_port: OpenPort) -> None:
    intake = Answering()
    port = await open_port(intake)
    async with await Peer.connect(port.number) as peer:
        assert msa(await peer.ask(order(1))) == "MSA|AA|C-1"
        name = peer.writer.get_extra_info("sockname")
        assert intake.taken == [(order(1), Origin("pharmacy", f"127.0.0.1:{name[1]}", True, (), ""))]


async def test_the_log_says_what_the_contract_shows_and_nothing_of_the_patient(
    open_port: OpenPort, heard: Heard
) -> None:
    port = await open_port(Answering())
    async with await Peer.connect(port.number) as peer:
        await peer.ask(order(1))
    assert heard.lines[:2] == [
        f"Listening on 127.0.0.1:{port.number}.",
        f"Message received on 127.0.0.1:{port.number}.",
    ]
    assert not any("Testperson" in line for line in heard.lines)


async def test_answers_keep_the_order_of_the_messages(open_port: OpenPort) -> None:
    intake = Holding()
    port = await open_port(intake)
    async with await Peer.connect(port.number) as peer:
        peer.send(*map(order, range(6)))
        await intake.holds(6)
        for place in (5, 3, 1, 0, 1, 0):
            intake.release(place)
        assert [msa(answer) for answer in await peer.answers(6)] == [f"MSA|AA|C-{number}" for number in range(6)]


async def test_no_more_than_max_in_flight_messages_are_unanswered(open_port: OpenPort) -> None:
    intake = Holding()
    port = await open_port(intake, max_in_flight=2)
    async with await Peer.connect(port.number) as peer:
        for number in range(9):
            peer.send(order(number))
        for number in range(9):
            await intake.holds(min(2, 9 - number))
            assert len(intake.held) <= 2
            intake.release()
            assert msa(await peer.answer()) == f"MSA|AA|C-{number}"


async def test_thousands_of_waiting_messages_are_taken_without_recursion(open_port: OpenPort) -> None:
    class FirstHeld(Answering):
        first: Reply | None = None

        def offer(self, payload: bytes, origin: Origin, reply: Reply) -> None:
            if self.first is None:
                self.taken.append((payload, origin))
                self.first = reply
                asyncio.get_running_loop().call_later(0.05, lambda: reply(self.accept(payload)))
            else:
                super().offer(payload, origin, reply)

    port = await open_port(FirstHeld(), max_in_flight=1)
    async with await Peer.connect(port.number) as peer:
        peer.send(*map(order, range(3000)))
        assert [msa(answer) for answer in await peer.answers(3000)] == [f"MSA|AA|C-{n}" for n in range(3000)]


async def test_a_slow_sender_is_cut_off(open_port: OpenPort, heard: Heard) -> None:
    port = await open_port(Answering(), frame_timeout_s=0.1)
    async with await Peer.connect(port.number) as peer:
        assert msa(await peer.ask(order(1))) == "MSA|AA|C-1"
        peer.send_bytes(encode(order(2))[:-9])
        await peer.closed()
    assert "took too long" in await heard.line("is closed")


async def test_a_silent_peer_is_closed_but_not_while_it_waits_for_us(open_port: OpenPort, heard: Heard) -> None:
    intake = Holding()
    port = await open_port(intake, idle_timeout_s=0.1)
    async with await Peer.connect(port.number) as waiting, await Peer.connect(port.number) as silent:
        waiting.send(order(1))
        await intake.holds(1)
        await silent.closed()
        async with await Peer.connect(port.number) as another:
            await another.closed()
        intake.release()
        assert msa(await waiting.answer()) == "MSA|AA|C-1"
        await waiting.closed()
    assert "was silent" in await heard.line("is closed")


async def test_a_peer_that_does_not_read_is_cut_off(open_port: OpenPort, heard: Heard) -> None:
    class Verbose(Answering):
        def accept(self, payload: bytes) -> list[bytes]:
            return [b"MSH|" + b"x" * 4_000_000]

    port = await open_port(Verbose(), frame_timeout_s=0.1)
    async with await Peer.connect(port.number) as peer:
        peer.send(*map(order, range(10)))
        assert "does not read" in await heard.line("is closed")


async def test_garbage_is_reported_and_the_next_message_taken(open_port: OpenPort, heard: Heard) -> None:
    intake = Answering()
    port = await open_port(intake)
    async with await Peer.connect(port.number) as peer:
        peer.send_bytes(b"GET / HTTP/1.1\r\n\r\n")
        assert msa(await peer.ask(order(1))) == "MSA|AA|C-1"
    assert "18 bytes" in await heard.line("no message (outside frame)")
    assert [payload for payload, _ in intake.turned_away] == [b"GET / HTTP/1.1\r\n\r\n"]


async def test_an_empty_frame_is_logged_and_the_next_message_taken(open_port: OpenPort, heard: Heard) -> None:
    intake = Answering()
    port = await open_port(intake)
    async with await Peer.connect(port.number) as peer:
        peer.send_bytes(b"\x0b\x1c\r")
        assert msa(await peer.ask(order(1))) == "MSA|AA|C-1"
    assert "there is nothing to answer" in await heard.line("An empty frame came from 127.0.0.1:")
    assert intake.turned_away == []


async def test_a_message_that_is_too_long_is_refused_by_its_control_id(open_port: OpenPort) -> None:
    intake = Answering()
    port = await open_port(intake, max_message_bytes=2000)
    async with await Peer.connect(port.number) as peer:
        peer.send(order(1), order(2, filler=500_000), order(3))
        answers = await peer.answers(3)
    assert [msa(answer) for answer in answers] == ["MSA|AA|C-1", "MSA|AR|C-2", "MSA|AA|C-3"]
    assert b"too long for this listener" in answers[1]
    assert len(intake.taken) == 2


@pytest.mark.parametrize("end", [b"\x1c", b"\x1c\n", b"\x1c\x0c"])
async def test_a_careless_end_of_frame_is_answered(open_port: OpenPort, end: bytes) -> None:
    intake = Answering()
    port = await open_port(intake)
    async with await Peer.connect(port.number) as peer:
        for number in (1, 2):
            peer.send_bytes(b"\x0b" + order(number) + end)
            assert msa(await peer.answer()) == f"MSA|AA|C-{number}"
    assert [payload for payload, _ in intake.taken] == [order(1), order(2)]
    assert intake.taken[0][1].remarks


async def test_unframed_messages_are_answered_unframed(open_port: OpenPort) -> None:
    intake = Answering()
    port = await open_port(intake, unframed=True)
    async with await Peer.connect(port.number) as peer:
        peer.send_bytes(order(1) + order(2))
        start = await peer.read_bytes(4)
        assert start == b"MSH|"
    assert intake.taken[0][0] == order(1)
    assert not intake.taken[0][1].framed


async def test_an_unframed_batch_stays_whole(open_port: OpenPort) -> None:
    intake = Answering()
    port = await open_port(intake, unframed=True)
    file = b"FHS|^~\\&\rBHS|^~\\&\r" + order(1) + order(2) + b"BTS|3\rFTS|1\r"
    async with await Peer.connect(port.number) as peer:
        peer.send_bytes(file + order(3))
        assert await peer.read_bytes(4) == b"MSH|"  # at once: its trailer says that it is complete
    assert intake.taken[0][0] == file
    assert intake.turned_away == []


async def test_who_sends_all_and_shuts_its_side_is_answered(open_port: OpenPort) -> None:
    intake = Holding()
    port = await open_port(intake, unframed=True)
    async with await Peer.connect(port.number) as peer:
        peer.send_bytes(encode(order(1)) + b"\x0b" + order(2) + b"\x1c")
        peer.writer.write_eof()
        await intake.holds(2)
        intake.release()
        intake.release()
        assert [msa(answer) for answer in await peer.answers_until_closed()] == ["MSA|AA|C-1", "MSA|AA|C-2"]


async def test_an_intake_that_fails_is_answered_with_an_error(open_port: OpenPort, heard: Heard) -> None:
    class Failing:
        def offer(self, payload: bytes, origin: Origin, reply: Reply) -> None:
            raise OSError

    port = await open_port(Failing())
    async with await Peer.connect(port.number) as peer:
        assert msa(await peer.ask(order(1))) == "MSA|AE|C-1"
    await heard.line("The intake failed")


async def test_two_answers_or_none_to_one_message(open_port: OpenPort) -> None:
    class Enhanced(Answering):
        def accept(self, payload: bytes) -> list[bytes]:
            return [] if b"C-1|" in payload else [b"MSH|a", b"MSH|b"]

    port = await open_port(Enhanced())
    async with await Peer.connect(port.number) as peer:
        peer.send(order(1), order(2))
        assert await peer.answers(2) == [b"MSH|a", b"MSH|b"]


async def test_connections_beyond_the_limit_are_refused(open_port: OpenPort, heard: Heard) -> None:
    port = await open_port(Answering(), max_connections=1)
    async with await Peer.connect(port.number) as first:
        await first.ask(order(1))
        async with await Peer.connect(port.number) as second:
            await second.closed()
        assert "max_connections" in await heard.line("refused")
        assert msa(await first.ask(order(2))) == "MSA|AA|C-2"


@pytest.mark.parametrize(("network", "welcome"), [("127.0.0.0/8", True), ("10.0.0.0/8", False), ("::1/128", False)])
async def test_only_allowed_networks_may_connect(open_port: OpenPort, network: str, welcome: bool) -> None:
    port = await open_port(Answering(), allow_from=[network])
    async with await Peer.connect(port.number) as peer:
        if welcome:
            assert msa(await peer.ask(order(1))) == "MSA|AA|C-1"
        else:
            await peer.closed()


async def test_a_busy_port_is_named_with_its_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        number = other.getsockname()[1]
        port = MllpPort([Binding("pharmacy", ListenerSettings(port=number))], Answering())
        with pytest.raises(OfficinaError) as caught:
            await port.start()
    assert caught.value.code == "port_busy"
    assert caught.value.place == "pharmacy.port"
    assert f"port {number} on 127.0.0.1 is busy" in caught.value.text
    assert "set another port" in caught.value.remedy


async def test_an_address_of_another_machine_is_named() -> None:
    port = MllpPort([Binding("pharmacy", ListenerSettings(host="192.0.2.1", port=0))], Answering())
    with pytest.raises(OfficinaError) as caught:
        await port.start()
    assert (caught.value.code, caught.value.place) == ("address_unusable", "pharmacy.host")


async def test_stopping_under_load_answers_everything_taken(open_port: OpenPort) -> None:
    intake = Holding()
    port = await open_port(intake, max_in_flight=16)

    async def pipeline(base: int) -> set[str]:
        async with await Peer.connect(port.number) as peer:
            peer.send(*(order(base + number) for number in range(400)))
            return {msa(answer) for answer in await peer.answers_until_closed()}

    async def release() -> None:
        while not stopping.done() or intake.held:
            if intake.held:
                intake.release()
            await asyncio.sleep(0)  # lets the loop turn; nothing is waited for

    async with asyncio.timeout(DEADLINE_S):
        clients = [asyncio.create_task(pipeline(1000 * client)) for client in range(8)]
        await intake.holds(8 * 16)
        stopping = asyncio.create_task(port.stop(DEADLINE_S))
        await asyncio.gather(release(), stopping)
        answered = set().union(*await asyncio.gather(*clients))
    taken = {payload.split(b"|")[9].decode() for payload, _ in intake.taken}
    assert stopping.result() == 0
    assert answered >= {f"MSA|AA|{control_id}" for control_id in taken}
    assert len(taken) >= 8 * 16


async def test_a_stop_ends_after_its_grace_and_says_what_is_unanswered(open_port: OpenPort) -> None:
    intake = Holding()
    port = await open_port(intake)
    async with await Peer.connect(port.number) as peer:
        peer.send(order(1), order(2))
        await intake.holds(2)
        assert await port.stop(0.05) == 2
    assert port.connections == 0
    intake.release()  # too late, and harmless


async def test_a_stopped_port_takes_no_connection(open_port: OpenPort) -> None:
    port = await open_port(Answering())
    await port.stop(1.0)
    with pytest.raises(OSError, match=r"refused|Connect"):
        await Peer.connect(port.number)


async def test_applying_connectors_starts_swaps_and_stops_ports() -> None:
    intake = Answering()
    listener = Listener(intake)
    with socket.create_server(("127.0.0.1", 0)) as other:
        busy = other.getsockname()[1]
        with socket.create_server(("127.0.0.1", 0)) as freed:
            free = freed.getsockname()[1]
        first = Binding("first", ListenerSettings(port=free))
        failed = await listener.apply([first, Binding("second", ListenerSettings(port=busy))])
    assert {name: error.code for name, error in failed.items()} == {"second": "port_busy"}
    port = listener.port_of("first")
    assert port
    assert listener.port_of("second") is None
    async with await Peer.connect(port.number) as peer:
        await peer.ask(order(1))
        assert await listener.apply([Binding("renamed", ListenerSettings(port=free))]) == {}
        await peer.ask(order(2))
        assert [origin.connector for _, origin in intake.taken] == ["first", "renamed"]
        assert await listener.apply([]) == {}
        await peer.closed()
    assert listener.ports() == []
    assert await listener.stop(1.0) == 0


async def test_mutated_traffic_harms_nobody(open_port: OpenPort) -> None:
    """200 connections send damaged frames; each is answered or closed, and nothing escapes into the event loop."""
    escaped: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: escaped.append(context))
    intake = Answering()
    port = await open_port(intake, unframed=True, max_message_bytes=2000, max_in_flight=4)
    chance = random.Random(20260304)
    pieces = [b"\x0b", b"\x1c", b"\x1c\r", b"\r", b"MSH|", b"MSH", b"\x00", b"\xff\xfe", b"MSA|AA", b"x" * 3000]

    async def storm(traffic: bytes) -> None:
        async with await Peer.connect(port.number) as peer:
            for start in range(0, len(traffic), 700):
                peer.send_bytes(traffic[start : start + 700])
            peer.writer.write_eof()
            await peer.answers_until_closed()

    def damaged() -> bytes:
        traffic = bytearray(b"".join(encode(order(number)) for number in range(6)))
        for _ in range(chance.randrange(12)):
            place = chance.randrange(len(traffic))
            traffic[place : place + chance.randrange(4)] = chance.choice(pieces)
        return bytes(traffic)

    for _ in range(10):
        await asyncio.gather(*(storm(damaged()) for _ in range(20)))
    async with await Peer.connect(port.number) as peer:
        assert msa(await peer.ask(order(1))) == "MSA|AA|C-1"
    assert escaped == []
    assert len(intake.taken) > 200
