"""The load generator counts only true acceptances: it is the instrument, so it is tested like one."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable

from benchmarks.load import Frames, Load

from officina.wire import er7

Answer = Callable[[bytes], bytes]


def ack(control_id: bytes, code: bytes = b"AA") -> bytes:
    return b"\x0bMSH|^~\\&|A|B|C|D|2026||ACK|1|P|2.5\rMSA|" + code + b"|" + control_id + b"\r\x1c\r"


@contextlib.asynccontextmanager
async def answering(answer: Answer, seen: list[bytes], messages_per_call: int = 0) -> AsyncIterator[int]:
    """A listener; with ``messages_per_call`` it hangs up after so many messages, unanswered the last."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        count = 0
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                frame = await reader.readuntil(b"\x1c\r")
                seen.append(frame)
                count += 1
                if count == messages_per_call:
                    break
                writer.write(answer(frame.split(b"|")[9]))
                await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def drive(port: int, connections: int, count: int, *, retry: bool = False, rate: float | None = None) -> Load:
    load = Load("127.0.0.1", port, connections, "0000001", retry=retry, rate=rate)
    load.tally.journal = []
    await load.connect()
    await asyncio.wait_for(load.drive(count=count), 30)
    await load.close()
    return load


def test_messages_differ_and_ten_share_a_patient() -> None:
    frames = Frames("0000001")
    made = [frames.next() for _ in range(100)]
    messages = [er7.parse(frame[1:-2]) for _, _, frame in made]
    assert len({control_id for control_id, _, _ in made}) == 100
    assert [message.get("MSH-10") for message in messages] == [control_id.decode() for control_id, _, _ in made]
    assert [message.get("ORC-2") for message in messages] == [f"P{order.decode()}" for _, order, _ in made]
    assert len({message.get("PID-3") for message in messages}) == 11  # the first ten are nine
    assert 650 <= len(made[0][2]) <= 750
    assert not any(message.warnings for message in messages)


async def test_every_message_is_sent_once_and_counted() -> None:
    seen: list[bytes] = []
    async with answering(ack, seen) as port:
        load = await drive(port, 8, 500)
    report = load.tally.report(1.0, 8)
    assert (report["messages"], report["errors"]) == (500, {})
    assert len(set(seen)) == len(seen) == 500
    assert len(load.tally.journal or ()) == 500


async def test_a_rate_is_not_exceeded() -> None:
    seen: list[bytes] = []
    began = time.monotonic()
    async with answering(ack, seen) as port:
        load = await drive(port, 8, 60, rate=400)
    assert time.monotonic() - began >= 60 / 400
    assert (load.tally.report(1.0, 8)["messages"], load.tally.errors) == (60, {})
    assert len(set(seen)) == len(seen) == 60


async def test_refusals_and_wrong_answers_are_errors() -> None:
    async with answering(lambda control_id: ack(control_id, b"AE"), []) as port:
        assert (await drive(port, 2, 20)).tally.errors == {"AE": 20}
    async with answering(lambda control_id: ack(b"X" + control_id), []) as port:
        assert (await drive(port, 2, 20)).tally.errors == {"answer to another message": 20}
    async with answering(lambda control_id: b"\x0bMSH|^~\\&|\r\x1c\r", []) as port:
        load = await drive(port, 2, 20)
    assert load.tally.errors == {"no MSA": 20}
    assert load.tally.report(1.0, 2)["messages"] == 0


async def test_a_hub_that_hangs_up_gets_the_same_bytes_again() -> None:
    seen: list[bytes] = []
    async with answering(ack, seen, messages_per_call=5) as port:
        load = await drive(port, 4, 100, retry=True)
    journal = load.tally.journal or []
    assert len({control_id for control_id, _, _ in journal}) == len(journal) == 100
    assert len(seen) > 100
    assert len(set(seen)) == 100
