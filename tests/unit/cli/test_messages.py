"""`show` and `send`: messages on the command line."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.unit.cli.conftest import Officina

from officina.wire import er7, mllp
from officina.wire.acknowledge import Header, acknowledge

ONE = (
    b"MSH|^~\\&|PHARM|OAK01|HUB||20240304101500||RDE^O11^RDE_O11|MSG00001|P|2.5.1\r"
    b"PID|||410037^^^^PI||Test^Tessa\rORC|NW|P1\rRXE|^BID|^Citalopram 10 mg tablet|1\r"
)
TWO = ONE.replace(b"MSG00001", b"MSG00002")


class Listener:
    """A receiver on a thread: answers AA, except to control ids in ``refused`` (AR) and ``ignored`` (nothing)."""

    def __init__(self, refused: frozenset[str] = frozenset()) -> None:
        self.port = 0
        self.received: list[str] = []
        self._refused = refused
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._done = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))

    def __enter__(self) -> Listener:
        self._thread.start()
        assert self._ready.wait(20)
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.call_soon_threadsafe(self._done.set)
        self._thread.join(20)
        self._loop.close()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        async with server:
            await self._done.wait()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        decoder = mllp.Decoder()
        while received := await reader.read(65536):
            for event in decoder.feed(received):
                if isinstance(event, mllp.Frame):
                    self._answer(event.payload, writer)
        writer.close()

    def _answer(self, payload: bytes, writer: asyncio.StreamWriter) -> None:
        head = Header.of(er7.parse(payload))
        self.received.append(head.control_id)
        outcome = "reject" if head.control_id in self._refused else "accept"
        at = datetime(2024, 3, 4, tzinfo=UTC)
        for ack in acknowledge(head, outcome, control_id="A1", at=at, text="not for us" * (outcome == "reject")):
            writer.write(mllp.encode(ack.payload))


@pytest.fixture
def messages(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "messages"
    folder.mkdir()
    (folder / "a.hl7").write_bytes(ONE)
    (folder / "b.hl7").write_bytes(mllp.encode(TWO))
    return folder


def test_show_names_segments_and_fields(officina: Officina, messages: Path) -> None:
    ran = officina("show", str(messages / "a.hl7"))
    assert ran.code == 0
    assert "Patient Identification" in ran.out
    assert "Citalopram 10 mg tablet" in ran.out
    assert "\x1b[" not in ran.out


def test_show_takes_folders_frames_batches_and_standard_input(officina: Officina, messages: Path) -> None:
    batch = b"FHS|^~\\&\rBHS|^~\\&\r" + ONE + TWO + b"BTS|2\rFTS|1\r"
    for ran in (officina("show", str(messages)), officina("show", "-", given=batch)):
        assert (ran.code, ran.out.count("Message Header")) == (0, 2)
    assert "\x1b[" in officina("show", "--color", str(messages)).out


def test_show_goes_on_after_what_cannot_be_read(officina: Officina, messages: Path) -> None:
    (messages / "a0.hl7").write_bytes(b"hello")
    ran = officina("show", str(messages))
    assert ran.code == 3
    assert ran.out.count("Message Header") == 2
    assert "a0.hl7, message 1: " in ran.err


def test_show_tells_what_is_odd_about_a_message_and_its_batch(officina: Officina, messages: Path) -> None:
    cyrillic = ONE.replace(b"Tessa", "Тесса".encode("cp1251"))
    (messages / "c.hl7").write_bytes(b"BHS|^~\\&\r" + cyrillic + b"BTS|5\r")
    (messages / ".c.hl7.swp").write_bytes(b"hidden")
    ran = officina("show", str(messages / "c.hl7"), "--fallback-charset", "cp1251")
    assert ran.code == 0
    assert "Тесса" in ran.out
    assert ran.out.splitlines()[-2:] == [
        "! MSH-18: the bytes are not UTF-8; read as cp1251",
        f"! {messages}/c.hl7: BTS-1: 5 messages are claimed, 1 are there",
    ]
    assert officina("show", str(messages)).code == 0


def test_show_refuses_what_is_no_character_set(officina: Officina, messages: Path) -> None:
    ran = officina("show", str(messages), "--fallback-charset", "rot13")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("officina: --fallback-charset: there is no character set rot13\n")


def test_show_of_an_absent_file_is_not_found(officina: Officina) -> None:
    assert officina("show", "absent.hl7").code == 4


def test_send_prints_each_acknowledgement(officina: Officina, messages: Path) -> None:
    with Listener() as listener:
        ran = officina("send", f"127.0.0.1:{listener.port}", str(messages))
    assert ran.code == 0
    assert listener.received == ["MSG00001", "MSG00002"]
    lines = ran.out.splitlines()
    assert lines[0].startswith("AA  MSG00001  ")
    assert lines[1].startswith("AA  MSG00002  ")
    assert lines[2] == "2 of 2 accepted."


def test_send_ends_with_8_when_something_was_refused(officina: Officina, messages: Path) -> None:
    with Listener(frozenset({"MSG00002"})) as listener:
        ran = officina("send", f"127.0.0.1:{listener.port}", str(messages), "--quiet", "--repeat", "2")
    assert ran.code == 8
    lines = ran.out.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("AR  MSG00002  ")
    assert "not for us" in lines[0]
    assert lines[2] == "2 of 4 accepted."


def test_send_counts_what_asks_for_no_answer_apart(officina: Officina) -> None:
    silent = ONE.replace(b"|P|2.5.1\r", b"|P|2.5.1|||NE|NE\r")
    told_of_errors = TWO.replace(b"|P|2.5.1\r", b"|P|2.5.1|||ER|NE\r")
    with Listener() as listener:
        ran = officina("send", f"127.0.0.1:{listener.port}", "-", given=silent + told_of_errors)
    assert ran.code == 0
    assert "no answer was asked for" in ran.out
    assert "no refusal came" in ran.out
    assert ran.out.splitlines()[-1] == "0 of 2 accepted, 2 without an answer, as asked."
    with Listener(frozenset({"MSG00002"})) as listener:
        ran = officina("send", f"127.0.0.1:{listener.port}", "-", given=silent + told_of_errors)
    assert ran.code == 8
    assert "CR  MSG00002  " in ran.out


def test_send_over_several_connections_sends_everything_once(officina: Officina) -> None:
    many = b"".join(ONE.replace(b"MSG00001", b"MSG%05d" % number) for number in range(50))
    with Listener() as listener:
        ran = officina("send", f"127.0.0.1:{listener.port}", "-", "--connections", "4", "-q", given=many)
    assert (ran.code, ran.out) == (0, "50 of 50 accepted.\n")
    assert sorted(listener.received) == [f"MSG{number:05d}" for number in range(50)]


def test_send_says_that_nobody_listens(officina: Officina, messages: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    ran = officina("send", f"127.0.0.1:{port}", str(messages))
    assert (ran.code, ran.out) == (7, "")
    assert f"127.0.0.1:{port}: Connection refused" in ran.err


@pytest.mark.parametrize(
    ("arguments", "given", "code", "said"),
    [
        (("127.0.0.1", "-"), ONE, 3, "127.0.0.1 is not an address"),
        (("127.0.0.1:70000", "-"), ONE, 3, "is not an address"),
        (("127.0.0.1:6000", "-"), b"", 3, "standard input: is empty"),
        (("127.0.0.1:6000", "-"), b"\x0b\x1c\r", 3, "standard input: is empty"),
        (("127.0.0.1:6000", "absent"), b"", 4, "absent: cannot be read"),
        (("127.0.0.1:6000", "-", "--ca", "absent.pem"), ONE, 3, "the certificate files cannot be used"),
        (("127.0.0.1:6000",), b"", 2, "FILE"),
    ],
)
def test_send_refuses_what_it_cannot_use(
    officina: Officina, arguments: tuple[str, ...], given: bytes, code: int, said: str
) -> None:
    ran = officina("send", *arguments, given=given)
    assert ran.code == code
    assert said in ran.err
