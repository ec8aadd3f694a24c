"""What is packed comes back as it was, from whatever version of Officina wrote it."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.samples import rde_o11

from officina import packed
from officina.packed import LONGEST, Like, Packed, pack, unpack


@given(st.binary(max_size=2_000), st.sampled_from(Like))
def test_anything_comes_back(content: bytes, like: Like) -> None:
    assert unpack(pack(content, like)) == content


@given(st.text(alphabet="MSH|^~\\&PIDORCRXE\r0123456789", max_size=2_000), st.sampled_from(Like))
def test_text_like_a_message_comes_back(content: str, like: Like) -> None:
    assert unpack(pack(content.encode(), like)) == content.encode()


def test_a_message_takes_about_half() -> None:
    raw = rde_o11()
    assert len(pack(raw, Like.MESSAGE)) < len(raw) * 0.6


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"MSH|" * LONGEST])
def test_what_would_not_get_shorter_or_is_long_stays_as_it_is(content: bytes) -> None:
    assert pack(content, Like.MESSAGE) == b"\x00" + content


@pytest.mark.parametrize("foreign", [b"", b"\x07abc", b"\x01no deflate stream", b"MSH|^~"])
def test_foreign_bytes_are_refused(foreign: bytes) -> None:
    with pytest.raises(ValueError, match="not packed"):
        unpack(Packed(foreign))


def test_the_dictionaries_never_change() -> None:
    """Whoever changes one makes every book unreadable: a better one gets a number of its own."""
    found = {like.name: hashlib.sha256(text).hexdigest()[:16] for like, text in packed._DICTIONARIES.items()}
    assert found == {"MESSAGE": "3d0b9c32883a126c", "FACTS": "093dff05c256c86d"}
