"""Damage as it happens to bytes on their way, and as ill will would add: deterministic for a given dice."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

_TOKENS = (
    b"\x0b", b"\x1c", b"\x1c\r", b"\x1c\n", b"\x1c\x0c", b"\x0bMSH", b"\r", b"\n", b"\r\n", b"\x00", b"\xff",
    b"\xfe\xff", b"\xef\xbb\xbf", b"|", b"^", b"~", b"&", b"\\", b"#", b'""', b'|""|', b"\\F\\", b"\\X\\",
    b"\\XZZ\\", b"\\X00\\", b"\\.br\\", b"\\E\\", b"\\", b"\\\\", b"\\C2842\\", b"MSH|^~\\&|", b"\rMSH|^~\\&|",
    b"\rPID|", b"\rORC|NW|", b"\rRXE|", b"\rRXO|", b"\rTQ1|", b"\rRXC|", b"\rZZZ|", b"\rMSA|AA|", b"\rBTS|9",
    b"\rFHS|^~\\&|", b"\rERR|", b"NW", b"XO", b"DC", b"99999999999999999999", b"-1", b"0", b"1e999",
    b"20260230", b"00000000", b"2026030209000099.99999+9999", b"20261301250000-0500", b"W^Mon,Tue",
    b"M^15 ,21", b"BID&08:00,20:00", b"QJ135", b"QL1,31,32", b"Q2D", b"D^1", b"\xc3(", b"\xf0\x9f\x92\x8a",
    b"\xe2\x80\xa8", b"\xc2\x85", b"\x1d", b"\x1e", b"8859/1", b"UNICODE UTF-8", b"ASCII", b"ISO IR87",
    b"~UNICODE UTF-16", b"AL", b"NE", b"ER", b"SU", b"%s", b"{0}", b"' OR 1=1 --", b"<b>", b"\xed\xa0\x80",
)  # fmt: skip


def _flip(raw: bytearray, dice: random.Random) -> None:
    if raw:
        raw[dice.randrange(len(raw))] = dice.randrange(256)


def _insert(raw: bytearray, dice: random.Random) -> None:
    at = dice.randint(0, len(raw))
    raw[at:at] = dice.choice(_TOKENS)


def _replace(raw: bytearray, dice: random.Random) -> None:
    at = dice.randint(0, len(raw))
    raw[at : at + dice.randint(1, 12)] = dice.choice(_TOKENS)


def _delete(raw: bytearray, dice: random.Random) -> None:
    at = dice.randint(0, len(raw))
    del raw[at : at + dice.choice((1, 1, 2, 5, 40, 400))]


def _cut(raw: bytearray, dice: random.Random) -> None:
    del raw[dice.randint(0, len(raw)) :]


def _repeat(raw: bytearray, dice: random.Random) -> None:
    at = dice.randint(0, len(raw))
    piece = bytes(raw[at : at + dice.randint(1, 60)])
    raw[at:at] = piece * dice.choice((1, 2, 30))


def _move(raw: bytearray, dice: random.Random) -> None:
    at, size = dice.randint(0, len(raw)), dice.randint(1, 80)
    piece = bytes(raw[at : at + size])
    del raw[at : at + size]
    to = dice.randint(0, len(raw))
    raw[to:to] = piece


def _field(raw: bytearray, dice: random.Random) -> None:
    """Another field between two separators."""
    start = raw.find(b"|", dice.randint(0, max(len(raw) - 1, 0)))
    end = raw.find(b"|", start + 1)
    if 0 <= start < end:
        raw[start + 1 : end] = dice.choice(_TOKENS) * dice.choice((0, 1, 1, 3))


def _delimiter(raw: bytearray, dice: random.Random) -> None:
    """Another separator throughout, or in MSH alone."""
    old, new = dice.choice(b"|^~\\&"), dice.choice(b"|^~\\&#$%*!@;\t A\x80")
    limit = dice.choice((1, 2, len(raw)))
    raw[:] = bytes(raw).replace(bytes([old]), bytes([new]), limit)


def _line_ends(raw: bytearray, dice: random.Random) -> None:
    raw[:] = bytes(raw).replace(b"\r", dice.choice((b"\n", b"\r\n", b"\n\r", b"\r\r", b"\x0c", b"")))


def _encoding(raw: bytearray, dice: random.Random) -> None:
    raw[:] = (
        bytes(raw).decode("latin-1").encode(dice.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-8")))
    )


def _swap_segments(raw: bytearray, dice: random.Random) -> None:
    lines = bytes(raw).split(b"\r")
    dice.shuffle(lines)
    raw[:] = b"\r".join(lines)


_WAYS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    *(_flip, _flip, _insert, _insert, _insert, _replace, _replace, _delete, _field, _field, _field),
    *(_cut, _repeat, _move, _delimiter, _line_ends, _encoding, _swap_segments),
)


def damaged(seeds: Sequence[bytes], dice: random.Random) -> bytes:
    """One mutated message; now and then two messages grown together."""
    raw = bytearray(dice.choice(seeds))
    if dice.random() < 0.08:
        other = dice.choice(seeds)
        raw[dice.randint(0, len(raw)) :] = other[dice.randint(0, len(other)) :]
    for _ in range(dice.choice((0, 1, 1, 1, 2, 3, 6))):
        dice.choice(_WAYS)(raw, dice)
    return bytes(raw)


def framed(messages: Sequence[bytes], dice: random.Random) -> bytes:
    """Messages as they come over a connection: framed, badly framed, or not framed."""
    parts = []
    for message in messages:
        start = dice.choice((b"\x0b", b"\x0b", b"\x0b", b"\x0b", b"", b"\x0b\x0b", b"\r\n\x0b", b"noise\x0b"))
        end = dice.choice(
            (b"\x1c\r", b"\x1c\r", b"\x1c\r", b"\x1c\r", b"\x1c", b"\x1c\n", b"\x1c\x0c", b"\r", b"", b"\x1c\r\n")
        )
        parts += [start, message, end]
    stream = bytearray(b"".join(parts))
    if dice.random() < 0.2:
        dice.choice(_WAYS)(stream, dice)
    return bytes(stream)


def chunks(stream: bytes, dice: random.Random) -> list[bytes]:
    """The stream as the network hands it over."""
    if dice.random() < 0.4:
        return [stream]
    size = dice.choice((1, 2, 7, 100, 1460)) if len(stream) < 3000 else dice.choice((100, 1460))
    return [stream[at : at + size] for at in range(0, len(stream), size)]
