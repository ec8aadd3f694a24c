"""MLLP framing: what is true for all bytes in all chunkings."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from officina.wire.mllp import SAMPLE, Decoder, Event, Frame, Garbage, encode

MESSAGE = b"MSH|^~\\&|A|B\rPID|1\r"

# Pieces of traffic, legal and not, so that random joins hit the rare states.
PIECES = st.sampled_from(
    [
        b"\x0b",
        b"\x1c",
        b"\x1c\r",
        b"\x1c\n",
        b"\r",
        b"\n",
        b"\x0c",
        b" ",
        b"MSH",
        b"MSH|",
        b"M",
        b"S",
        b"H|^~\\&",
        b"FHS|",
        b"BHS",
        b"BHS|^~\\&\r",
        b"\rBTS|1",
        b"\rFTS",
        b"PID|1\r",
        b"\x00\x01",
        MESSAGE,
        b"\x0b" + MESSAGE + b"\x1c\r",
        b"\x0b" + MESSAGE,
        MESSAGE + b"\x1c\r",
        b"x" * 70,
    ]
)
TRAFFIC = st.lists(PIECES | st.binary(max_size=8), max_size=14).map(b"".join)


def run(decoder: Decoder, chunks: list[bytes]) -> list[Event]:
    events: list[Event] = []
    for chunk in chunks:
        events += decoder.feed(chunk)
    return events + decoder.end()


def cut(traffic: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, len(traffic), *(place % (len(traffic) + 1) for place in places)})
    return [traffic[start:stop] for start, stop in pairwise(edges)]


@given(
    traffic=TRAFFIC,
    places=st.lists(st.integers(0, 4000), max_size=12),
    unframed=st.booleans(),
    limit=st.integers(1, 60),
)
@example(traffic=b"\x0bMSH|a\x1cb\x1c\r", places=[7, 9], unframed=False, limit=60)
@example(traffic=b"\x0bMSH|" + b"x" * 90 + b"\x1c\r\x0bMSH|b\x1c\r", places=[20, 50, 80], unframed=False, limit=30)
def test_any_chunking_gives_the_same_events(traffic: bytes, places: list[int], unframed: bool, limit: int) -> None:
    whole = run(Decoder(limit, unframed), [traffic])
    assert run(Decoder(limit, unframed), cut(traffic, places)) == whole
    assert run(Decoder(limit, unframed), [traffic[i : i + 1] for i in range(len(traffic))]) == whole


@given(payloads=st.lists(st.binary(min_size=1).filter(lambda b: b"\x0b" not in b and b"\x1c" not in b), max_size=6))
def test_decoding_is_the_inverse_of_encoding(payloads: list[bytes]) -> None:
    events = run(Decoder(), [b"".join(map(encode, payloads))])
    assert events == [Frame(payload, True, ()) for payload in payloads]


@given(traffic=TRAFFIC, unframed=st.booleans())
def test_every_byte_is_a_message_or_garbage_or_framing(traffic: bytes, unframed: bool) -> None:
    events = run(Decoder(unframed=unframed), [traffic])
    told = sum(event.seen if isinstance(event, Garbage) else len(event.payload) for event in events)
    framing = sum(traffic.count(bytes([byte])) for byte in b"\x0b\x1c\r\n\x0c ")
    assert len(traffic) - framing <= told <= len(traffic)


@given(chunks=st.lists(TRAFFIC, max_size=10), unframed=st.booleans(), limit=st.integers(1, 60))
def test_memory_is_bounded_by_the_limit_and_one_chunk(chunks: list[bytes], unframed: bool, limit: int) -> None:
    decoder = Decoder(limit, unframed)
    for chunk in chunks:
        for event in decoder.feed(chunk):
            if isinstance(event, Frame):
                assert len(event.payload) <= limit
            elif isinstance(event, Garbage):
                assert len(event.sample) <= SAMPLE
        assert decoder.pending <= limit + len(chunk) + 5
        assert decoder.undecided <= 4


@given(traffic=TRAFFIC, unframed=st.booleans())
def test_after_the_end_a_decoder_starts_afresh(traffic: bytes, unframed: bool) -> None:
    decoder = Decoder(unframed=unframed)
    run(decoder, [traffic])
    assert decoder.pending == 0
    assert not decoder.open
    assert run(decoder, [encode(MESSAGE)]) == [Frame(MESSAGE, True, ())]


@given(traffic=TRAFFIC, unframed=st.booleans())
def test_silence_never_ends_a_frame_that_has_not_ended(traffic: bytes, unframed: bool) -> None:
    decoder = Decoder(unframed=unframed)
    decoder.feed(traffic)
    unproven, opened = decoder.unproven, decoder.open
    settled = decoder.settle()
    assert bool(settled) == unproven
    assert decoder.open == (opened and not unproven)
