"""MLLP framing, case by case: what partners really send, and what is made of it."""

from __future__ import annotations

import pytest

from officina.errors import Invalid
from officina.wire.mllp import HEAD, SAMPLE, Decoder, Event, Frame, Garbage, Oversize, encode

A = b"MSH|^~\\&|A\rPID|1\r"
B = b"MSH|^~\\&|B\rPID|2\r"
BATCH = b"BHS|^~\\&|A\r" + A + B + b"BTS|2|of May\r"
FILE = b"FHS|^~\\&|A\r" + BATCH + BATCH + b"FTS|2\r"
UNCLOSED = b"FHS|\rBHS|^~\\&\r" + A


def read(traffic: bytes, **settings: int) -> list[Event]:
    decoder = Decoder(**settings)
    return decoder.feed(traffic) + decoder.end()


def test_the_frame_of_the_standard() -> None:
    assert encode(A) == b"\x0b" + A + b"\x1c\r"
    assert read(encode(A)) == [Frame(A)]


@pytest.mark.parametrize(
    ("traffic", "events"),
    [
        (encode(A) + encode(B), [Frame(A), Frame(B)]),
        (b"\x0b" + A + b"\x1c\n", [Frame(A, True, ("end_lf",))]),
        (b"\x0b" + A + b"\x1c\x0c", [Frame(A, True, ("end_ff",))]),
        (b"\x0b" + A + b"\x1c", [Frame(A, True, ("end_cr_missing",))]),
        (b"\x0b" + A + b"\x1c" + encode(B), [Frame(A, True, ("end_cr_missing",)), Frame(B)]),
        (b"\x0b" + A + b"\x1c\r\n" + encode(B) + b"\r\n", [Frame(A), Frame(B)]),
        (b"\x0bMSH|a\x1cb\x1c\r", [Frame(b"MSH|a\x1cb")]),
        (b"\x0bMSH|a\x1c\x1c\r", [Frame(b"MSH|a\x1c")]),
        (b"\x0bMSH|a\x0bb\x1c\r", [Frame(b"MSH|a\x0bb")]),
        (b"xyz" + encode(A), [Garbage(3, b"xyz", "outside_frame"), Frame(A)]),
        (encode(A) + b"\r\n xyz\r" + encode(B), [Frame(A), Garbage(4, b"xyz\r", "outside_frame"), Frame(B)]),
        (A + b"\x1c\r", [Garbage(len(A) + 2, A + b"\x1c\r", "outside_frame")]),
        (b"\x0b" + A + encode(B), [Garbage(len(A), A, "end_missing"), Frame(B)]),
        (b"\x0b" + A, [Garbage(len(A), A, "end_missing")]),
        (b"\x0b" + encode(A), [Frame(A)]),
        (b"\x0b\x1c\r" + encode(A), [Garbage(0, b"", "empty_frame"), Frame(A)]),
        (b"\x0bFHS|x\rBHS|y\r\x1c\r", [Frame(b"FHS|x\rBHS|y\r")]),
        (b"\r\n\r\n", []),
        (b"", []),
    ],
)
def test_framed_traffic(traffic: bytes, events: list[Event]) -> None:
    assert read(traffic) == events


@pytest.mark.parametrize(
    ("traffic", "events"),
    [
        (A, [Frame(A, False)]),
        (A + B, [Frame(A, False), Frame(B, False)]),
        (A.replace(b"\r", b"\n") + B, [Frame(A.replace(b"\r", b"\n"), False), Frame(B, False)]),
        (A + b"\x1c\r" + B, [Frame(A, False, ("start_missing",)), Frame(B, False)]),
        (A + encode(B), [Frame(A, False), Frame(B)]),
        (encode(A) + B, [Frame(A), Frame(B, False)]),
        (b"noise\r" + A, [Garbage(6, b"noise\r", "outside_frame"), Frame(A, False)]),
        (b"\x0b" + A + encode(B), [Frame(A, True, ("end_missing",)), Frame(B)]),
        (b"\x0bMSH|a" + encode(B), [Garbage(5, b"MSH|a", "end_missing"), Frame(B)]),
        (b"\x0b" + A, [Frame(A, True, ("end_missing",))]),
        (b"MSH|^~\\&|A\rNTE|1||MSH stands in a text\r", [Frame(b"MSH|^~\\&|A\rNTE|1||MSH stands in a text\r", False)]),
        (FILE + A, [Frame(FILE, False), Frame(A, False)]),
        (BATCH + BATCH + A, [Frame(BATCH, False), Frame(BATCH, False), Frame(A, False)]),
        (A + BATCH + encode(B), [Frame(A, False), Frame(BATCH, False), Frame(B)]),
        (A + FILE, [Frame(A, False), Frame(FILE, False)]),
        (FILE.replace(b"\r", b"\r\n"), [Frame(FILE.replace(b"\r", b"\r\n")[:-1], False)]),
        (FILE[:-1], [Frame(FILE[:-1], False)]),
        (UNCLOSED + FILE, [Frame(UNCLOSED, False), Frame(FILE, False)]),
        (UNCLOSED[5:] + BATCH, [Frame(UNCLOSED[5:], False), Frame(BATCH, False)]),
        (
            b"BHS|^~\\&\rBTS|0\r\x1c\r" + A,
            [Frame(b"BHS|^~\\&\rBTS|0\r", False), Garbage(2, b"\x1c\r", "outside_frame"), Frame(A, False)],
        ),
        (
            b"BHS|^~\\&\r" + A + b"NTE|1||see\nBTS of May\r" + B + b"BTS\r",
            [Frame(b"BHS|^~\\&\r" + A + b"NTE|1||see\nBTS of May\r" + B + b"BTS\r", False)],
        ),
        (b"FHSTORE\rBH", [Garbage(10, b"FHSTORE\rBH", "outside_frame")]),
        (b"MSHELL\r", [Garbage(7, b"MSHELL\r", "outside_frame")]),
    ],
)
def test_careless_traffic(traffic: bytes, events: list[Event]) -> None:
    assert read(traffic, unframed=True) == events


def test_a_frame_whose_fs_is_the_last_byte_waits_for_proof_or_silence() -> None:
    decoder = Decoder()
    assert decoder.feed(b"\x0b" + A + b"\x1c") == []
    assert decoder.unproven
    assert decoder.settle() == [Frame(A, True, ("end_cr_missing",))]
    assert decoder.feed(b"\r" + encode(B)) == [Frame(B)]  # a late CR harms nothing
    assert decoder.feed(b"\x0bMSH|a\x1c") == []
    assert decoder.feed(b"b\x1c\r") == [Frame(b"MSH|a\x1cb")]


def test_silence_completes_an_unframed_message_and_no_framed_one() -> None:
    decoder = Decoder(unframed=True)
    assert decoder.feed(A) == []
    assert decoder.settle() == [Frame(A, False)]
    decoder.feed(b"\x0b" + A)
    assert decoder.settle() == []
    assert decoder.feed(b"\x1c\r") == [Frame(A)]


def test_a_message_over_the_limit_is_measured_and_the_next_one_is_read() -> None:
    long = b"MSH|" + b"x" * 10_000
    assert read(encode(long) + encode(A), max_size=100) == [Oversize(len(long), long[:100]), Frame(A)]
    assert read(encode(long) + encode(A), max_size=9_000) == [Oversize(len(long), long[:HEAD]), Frame(A)]
    assert read(encode(long), max_size=len(long)) == [Frame(long)]
    assert read(long + b"\r" + A, max_size=100, unframed=True) == [
        Oversize(len(long) + 1, long[:100], False),
        Frame(A, False),
    ]


def test_an_endless_message_takes_no_more_memory_than_the_limit() -> None:
    decoder = Decoder(max_size=100_000)
    chunk = b"x" * 10_000
    decoder.feed(b"\x0bMSH|")
    for _ in range(1000):
        assert decoder.feed(chunk) == []
        assert decoder.pending <= 110_000
    assert decoder.feed(b"\x1c\r") == [Oversize(10_000_004, b"MSH|" + b"x" * (HEAD - 4))]


def test_a_sample_of_garbage_is_kept_and_all_of_it_counted() -> None:
    decoder = Decoder()
    for _ in range(1000):
        assert decoder.feed(b"garbage ") == []
        assert decoder.pending == 0
    assert decoder.feed(encode(A)) == [Garbage(8000, (b"garbage " * 8)[:SAMPLE], "outside_frame"), Frame(A)]


@pytest.mark.parametrize("filler", [b"x", b"\x0b", b"\x1c", b"\x0bM", b"\r", b"\rBTS", b"\rFTS"])
@pytest.mark.parametrize("start", [b"\x0bMSH|", b"BHS|", b"FHS|", b"FHS|\rFTS|"])
@pytest.mark.parametrize("unframed", [False, True])
def test_no_byte_is_looked_at_again_for_each_chunk(filler: bytes, start: bytes, unframed: bool) -> None:
    decoder = Decoder(10**9, unframed)
    traffic = start + filler * (300_000 // len(filler))
    for at in range(0, len(traffic), 1000):
        decoder.feed(traffic[at : at + 1000])
        assert decoder.undecided <= 4
    assert decoder.feed(b"|\x1c\r") + decoder.end()


@pytest.mark.parametrize("payload", [b"a\x1c\rb", b"a\x1c\x0bb", b"a\x0bMSH|"])
def test_what_would_not_arrive_whole_is_not_encoded(payload: bytes) -> None:
    with pytest.raises(Invalid):
        encode(payload)


@pytest.mark.parametrize("payload", [b"a\x1cb", b"a\x1c", b"\x0ba", b"a\x0bMS", b"a\x0b"])
def test_control_bytes_that_arrive_whole_are_encoded(payload: bytes) -> None:
    assert read(encode(payload)) == [Frame(payload)]
