"""The MLLP client against real listeners: python-hl7's server, and plain sockets for what no server should do."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import hl7
import pytest
import trustme
from hl7.mllp import HL7StreamReader, HL7StreamWriter, start_hl7_server
from tests.support.ports import free_port

from officina.connectors.mllp_sender.client import Client, Target
from officina.connectors.mllp_sender.send import Result, files, send, unpack
from officina.demo import pharmacy
from officina.errors import Unavailable
from officina.wire.answers import Asked, asked

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def order(control_id: str) -> bytes:
    return (
        rf"MSH|^~\&|CEDARRX|OAK01|EMAR|OFFICINA|20260302090000||RDE^O11^RDE_O11|{control_id}|P|2.5.1" + "\r"
        "PID|1||410000^^^^PI||Merriweather^Edith\rORC|NW||600001\rRXE|QD&08:00|1^metformin\r"
    ).encode()


@contextlib.asynccontextmanager
async def listening(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[Target]:
    async def polite(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await handler(reader, writer)
        writer.close()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()

    server = await asyncio.start_server(polite, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield Target("127.0.0.1", server.sockets[0].getsockname()[1])


@contextlib.asynccontextmanager
async def partner(seen: list[str]) -> AsyncIterator[Target]:
    """python-hl7's asyncio server: parses, keeps MSH-10 and acknowledges."""

    async def answer(reader: HL7StreamReader, writer: HL7StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, hl7.ParseException):
            while True:
                message = await reader.readmessage()
                seen.append(str(message.segment("MSH")[10]))
                writer.writemessage(message.create_ack())
                await writer.drain()
        writer.close()

    server = await start_hl7_server(answer, "127.0.0.1", 0, encoding="utf-8")
    async with server:
        yield Target("127.0.0.1", server.sockets[0].getsockname()[1])


def ack(control_id: str, code: str = "AA") -> bytes:
    return f"MSH|^~\\&|A|B|C|D|20260302||ACK|1|P|2.5\rMSA|{code}|{control_id}\r".encode()


def framed(payload: bytes) -> bytes:
    return b"\x0b" + payload + b"\x1c\r"


async def test_python_hl7_acknowledges_each_message_in_order() -> None:
    seen: list[str] = []
    results: list[Result] = []
    async with partner(seen) as target:
        accepted = await send([order(f"C{n}") for n in range(20)], target, on_result=results.append)
    assert accepted == 20
    assert seen == [f"C{n}" for n in range(20)]
    assert [result.number for result in results] == list(range(1, 21))
    assert {result.code for result in results} == {"AA"}


async def test_several_connections_share_the_work_and_each_message_goes_once() -> None:
    seen: list[str] = []
    async with partner(seen) as target:
        assert await send((order(f"C{n}") for n in range(60)), target, connections=5) == 60
    assert sorted(seen) == sorted(f"C{n}" for n in range(60))


async def test_the_rate_is_kept_over_all_connections() -> None:
    seen: list[str] = []
    async with partner(seen) as target:
        began = asyncio.get_running_loop().time()
        await send([order(f"C{n}") for n in range(11)], target, connections=3, rate=50)
    assert asyncio.get_running_loop().time() - began >= 0.19


async def test_pipelined_exchanges_are_answered_in_the_order_of_the_calls() -> None:
    async with partner([]) as target:
        client = Client(target)
        await client.open()
        answers = await asyncio.gather(*(client.exchange(order(f"C{n}")) for n in range(30)))
        await client.close()
    assert [b"|C%d\r" % n in answer[0] for n, answer in enumerate(answers)] == [True] * 30


async def test_nobody_listens() -> None:
    async with listening(_silent) as target:
        gone = target
    with pytest.raises(Unavailable) as caught:
        await send([order("C1")], gone)
    assert caught.value.code == "not_connected"
    assert str(caught.value).startswith(f"127.0.0.1:{gone.port}: Connection refused")


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def test_a_silent_receiver_costs_the_connection_and_not_the_next_message() -> None:
    calls = 0

    async def deaf_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            await reader.read()
            return
        await reader.readuntil(b"\x1c\r")
        writer.write(framed(ack("C2")))
        await writer.drain()
        await reader.read()

    results: list[Result] = []
    async with listening(deaf_once) as target:
        accepted = await send([order("C1"), order("C2")], target, timeout=0.3, on_result=results.append)
    assert accepted == 1
    assert (results[0].code, results[0].text) == ("", "no answer within 0.3 s")
    assert results[1].code == "AA"


async def test_an_answer_for_another_message_is_not_taken_for_an_acceptance() -> None:
    async def confused(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\x1c\r")
        writer.write(framed(ack("C999")))
        await reader.read()

    results: list[Result] = []
    async with listening(confused) as target:
        assert await send([order("C1")], target, on_result=results.append) == 0
    assert results[0].text == "the answer names another control id"


@pytest.mark.parametrize("answer", [framed(ack("C1"))[:-1], ack("C1"), framed(ack("C1"))[:-1] + b"\n"])
async def test_careless_framing_of_the_answer_is_understood(answer: bytes) -> None:
    async def careless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\x1c\r")
        writer.write(answer)
        await reader.read()

    async with listening(careless) as target:
        assert await send([order("C1")], target) == 1


async def test_a_refusal_is_told_in_words() -> None:
    refusal = ack("C1", "AR") + b"ERR||PID^1^3|101^Required field missing^HL70357|E||||The patient has no identifier\r"

    async def refusing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\x1c\r")
        writer.write(framed(refusal))
        await reader.read()

    results: list[Result] = []
    async with listening(refusing) as target:
        assert await send([order("C1")], target, on_result=results.append) == 0
    assert results[0].code == "AR"
    assert results[0].text == "PID-3: The patient has no identifier"


async def test_enhanced_mode_waits_for_both_answers_and_for_none() -> None:
    async def both(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\x1c\r")
        writer.write(framed(ack("C1", "CA")) + framed(ack("C1", "AA")))
        await reader.readuntil(b"\x1c\r")
        await reader.readuntil(b"\x1c\r")
        writer.write(framed(ack("C3", "CR")))  # a refused commit: no application acknowledgement will follow
        await reader.read()

    asked = order("C1").replace(b"|P|2.5.1\r", b"|P|2.5.1|||AL|AL\r")
    unasked = order("C2").replace(b"|P|2.5.1\r", b"|P|2.5.1|||NE|NE\r")
    results: list[Result] = []
    async with listening(both) as target:
        await send([asked, unasked, asked.replace(b"C1", b"C3")], target, on_result=results.append)
    assert [(result.code, len(result.answers)) for result in results] == [("AA", 2), ("", 0), ("CR", 1)]


def wishing(control_id: str, accept: str, application: str) -> bytes:
    """An order with these conditions of acknowledgement (MSH-15, MSH-16)."""
    return order(control_id).replace(b"|P|2.5.1\r", f"|P|2.5.1|||{accept}|{application}\r".encode())


@pytest.mark.parametrize(
    ("accept", "application", "sure", "refusal"),
    [
        ("", "", 1, False),  # original mode
        ("AL", "NE", 1, False),
        ("AL", "AL", 2, False),
        ("NE", "AL", 1, False),
        ("NE", "NE", 0, False),
        ("ER", "NE", 0, True),
        ("ER", "ER", 0, True),
        ("ER", "AL", 1, False),
        ("AL", "ER", 1, True),
        ("", "SU", 1, False),
    ],
)
def test_what_is_waited_for_is_what_the_message_asks_for(
    accept: str, application: str, sure: int, refusal: bool
) -> None:
    assert asked(wishing("C1", accept, application)) == Asked("C1", sure, refusal)


def scripted(*answers: bytes) -> Handler:
    """A receiver that gives one of these after each message."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for each in answers:
            await reader.readuntil(b"\x1c\r")
            writer.write(each)
        await reader.read()

    return answer


async def results_of(messages: list[bytes], handler: Handler) -> dict[str, Result]:
    results: list[Result] = []
    async with listening(handler) as target:
        await send(messages, target, on_result=results.append, timeout=10)
    assert len(results) == len(messages)
    return {result.control_id: result for result in results}


async def test_a_refusal_that_alone_was_asked_for_is_told_and_the_next_message_keeps_its_answer() -> None:
    messages = [wishing("C1", "ER", "NE"), wishing("C2", "ER", "AL"), wishing("C3", "ER", "NE")]
    results = await results_of(messages, scripted(framed(ack("C1", "CR")), framed(ack("C2")), b""))
    assert [(each.code, each.unasked) for each in results.values()] == [("CR", False), ("AA", False), ("", True)]
    assert results["C3"].text == "no refusal came"


async def test_an_answer_nobody_asked_for_is_not_taken_for_the_next_messages() -> None:
    messages = [wishing("C1", "NE", "NE"), wishing("C2", "NE", "AL")]
    results = await results_of(messages, scripted(framed(ack("C1")), framed(ack("C2"))))
    assert [(each.code, each.text) for each in results.values()] == [("", "no answer was asked for"), ("AA", "")]


async def test_an_error_of_the_application_comes_after_the_commit() -> None:
    messages = [wishing("C1", "AL", "ER"), wishing("C2", "AL", "ER")]
    handler = scripted(framed(ack("C1", "CA")), framed(ack("C2", "CA")) + framed(ack("C1", "AE")))
    results = await results_of(messages, handler)
    assert [(each.code, len(each.answers)) for each in results.values()] == [("AE", 2), ("CA", 1)]


async def test_a_connection_that_ends_leaves_open_what_it_could_have_told() -> None:
    async def leaving(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\x1c\r")

    results = await results_of([wishing("C1", "ER", "NE")], leaving)
    assert (results["C1"].unasked, results["C1"].text) == (
        False,
        "the connection was closed before a refusal could come",
    )


async def test_an_answer_that_is_anothers_costs_the_connection_and_not_the_next_message() -> None:
    calls = 0

    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        await reader.readuntil(b"\x1c\r")
        writer.write(framed(ack("C0")) + framed(ack("C1")) if calls == 1 else framed(ack("C2")))
        await reader.read()

    results = await results_of([order("C1"), order("C2")], late)
    assert [(each.code, each.text) for each in results.values()] == [
        ("", "the answer names another control id"),
        ("AA", ""),
    ]


async def test_tls_is_checked() -> None:
    authority = trustme.CA()
    ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(ours)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\x1c\r")
        writer.write(framed(ack("C1")))
        await reader.read()

    async with listening(answer, ours) as target:
        assert await send([order("C1")], target._replace(tls=trusting)) == 1
        with pytest.raises(Unavailable, match="certificate is not trusted"):
            await send([order("C1")], target._replace(tls=ssl.create_default_context()))


def test_files_folders_frames_and_batches_become_single_messages(tmp_path: Path) -> None:
    (tmp_path / "b.hl7").write_bytes(framed(order("C2")) + framed(order("C3")))
    (tmp_path / "a.hl7").write_bytes(order("C1"))
    (tmp_path / "c.hl7").write_bytes(b"FHS|^~\\&\rBHS|^~\\&\r" + order("C4") + order("C5") + b"BTS|2\rFTS|1\r")
    (tmp_path / ".hidden").write_bytes(b"no")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "d.hl7").write_bytes(b"no")
    found = [message for file in files(tmp_path) for message in unpack(file.read_bytes()).messages]
    assert [message.split(b"|")[9] for message in found] == [b"C1", b"C2", b"C3", b"C4", b"C5"]
    assert files(tmp_path / ".hidden") == [tmp_path / ".hidden"]  # named, it is meant


def test_a_file_without_a_message_is_still_sent() -> None:
    assert unpack(b"not HL7 at all").messages == [b"not HL7 at all"]


async def test_the_demo_pharmacy_survives_a_restart_of_the_hub() -> None:
    """It repeats what was not answered, with the same bytes, once the hub is back."""
    seen: list[str] = []
    lines: list[str] = []
    twice = asyncio.Event()

    async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frame = await reader.readuntil(b"\x1c\r")
        seen.append(frame.split(b"|")[9].decode())
        if len(seen) == 2:
            twice.set()

    async with listening(hangs_up) as target:
        pharmacist = asyncio.create_task(
            pharmacy.run(target, burst=5, pace=0.01, count=5, say=lines.append, now=lambda: NINE)
        )
        await asyncio.wait_for(twice.wait(), 20)
    later: list[str] = []

    async def answer(reader: HL7StreamReader, writer: HL7StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                block = await reader.readblock()
                control_id = block.split(b"|")[9].decode()
                later.append(control_id)
                writer.writeblock(ack(control_id))
        writer.close()

    server = await start_hl7_server(answer, "127.0.0.1", target.port, encoding="utf-8")
    async with server:
        await asyncio.wait_for(pharmacist, 20)
    assert set(seen) == {later[0]}
    assert len(set(later)) == 5
    assert sum(line.endswith(" AA") for line in lines) == 5


async def test_the_demo_pharmacy_says_that_it_waits_only_if_the_hub_is_long_in_coming() -> None:
    lines: list[str] = []
    told = asyncio.Event()

    def say(line: str) -> None:
        lines.append(line)
        told.set()

    target = Target("127.0.0.1", free_port())
    began = asyncio.get_running_loop().time()
    pharmacist = asyncio.create_task(pharmacy.run(target, count=1, say=say))
    await asyncio.wait_for(told.wait(), 20)
    assert asyncio.get_running_loop().time() - began >= 2
    assert lines == [f"waiting for the hub at {target}: Connection refused"]
    pharmacist.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await pharmacist


async def test_a_receiver_that_stops_reading_cannot_hold_the_one_who_hangs_up() -> None:
    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's can
        await gone.wait()

    gone = asyncio.Event()
    async with listening(deaf) as target:
        client = Client(target)
        await client.open()
        assert client._transport is not None
        while client._transport.get_write_buffer_size() == 0:
            await client.exchange(order("C1") + b"x" * 16_000, 0)
        async with asyncio.timeout(20):
            await client.close()
        gone.set()
    assert not client.connected
