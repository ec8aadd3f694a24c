from __future__ import annotations

from hashlib import blake2b

import pytest

from officina.message.dedupe import Known, Repetition, digest, verdict

A, B = digest(b"MSH|a"), digest(b"MSH|b")


def test_the_digest_is_blake2b_128() -> None:
    assert digest(b"MSH|a") == blake2b(b"MSH|a", digest_size=16).digest()


@pytest.mark.parametrize(
    ("control_id", "content", "known", "expected"),
    [
        ("1", A, [], Repetition("new")),
        ("1", A, [Known(7, "1", A, "accepted")], Repetition("repeat", 7)),
        ("1", B, [Known(7, "1", A, "accepted")], Repetition("changed", 7)),
        ("1", B, [Known(7, "1", A, "accepted"), Known(9, "1", B, "accepted")], Repetition("repeat", 9)),
        ("1", A, [Known(7, "1", A, "accepted"), Known(9, "1", B, "accepted")], Repetition("repeat", 7)),
        # without a control id only the content tells
        ("", A, [Known(7, "", A, "accepted")], Repetition("repeat", 7)),
        ("", B, [Known(7, "", A, "accepted")], Repetition("new")),
        # another control id with the same bytes cannot be: MSH-10 is part of them; a digest alone decides nothing
        ("2", A, [Known(7, "1", A, "accepted")], Repetition("new")),
        # what failed was answered AE: its repetition is the retry that was asked for
        ("1", A, [Known(7, "1", A, "failed")], Repetition("new")),
        ("1", A, [Known(7, "1", A, "failed"), Known(9, "1", A, "accepted")], Repetition("repeat", 9)),
        ("1", A, [Known(7, "1", A, "parked")], Repetition("repeat", 7)),
        # what had no effect may have one now: the profile may take it since
        ("1", A, [Known(7, "1", A, "rejected")], Repetition("new")),
        ("1", A, [Known(7, "1", A, "ignored")], Repetition("new")),
        ("1", A, [Known(7, "1", A, "unreadable")], Repetition("new")),
        ("1", A, [Known(7, "1", A, "duplicate")], Repetition("repeat", 7)),
    ],
)
def test_verdict(control_id: str, content: bytes, known: list[Known], expected: Repetition) -> None:
    assert verdict(control_id, content, known) == expected
    assert verdict(control_id, content, reversed(known)) == expected
