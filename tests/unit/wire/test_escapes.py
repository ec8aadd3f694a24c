"""Escape sequences of HL7 v2 chapter 2.7."""

from __future__ import annotations

import pytest

from officina.wire.delimiters import Delimiters
from officina.wire.escapes import escape, unescape

USUAL = Delimiters()
WITH_TRUNCATION = Delimiters(truncation="#")
ODD = Delimiters("*", "!", "@", "/", "%")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"Facility\F\Patient\F\Order", "Facility|Patient|Order"),
        (r"a\S\b", "a^b"),
        (r"Take \T\ chew", "Take & chew"),
        (r"a\R\b", "a~b"),
        (r"C:\E\temp", "C:\\temp"),
        (r"\E\E\E\ ", "\\E\\ "),  # an escaped escape is not read again
        (r"one\.br\two", "one\ntwo"),
        (r"one\.sp\two", "one\ntwo"),
        (r"one\.sp+2\two", "one\n\ntwo"),
        (r"one\.ce\two", "one\ntwo"),
        (r"a\.sk3\b", "a   b"),
        (r"\.in+4\\.fi\text\.nf\\.ti-2\ ", "text "),
        (r"\H\stop\N\ now", "stop now"),
        (r"\X41\\X4243\ ", "ABC "),
        (r"\XC3A9\ ", "é "),
        (r"line\X0D\\X0A\end", "line\r\nend"),
    ],
)
def test_known_sequences_are_read(written: str, read: str) -> None:
    assert unescape(written, USUAL) == read


@pytest.mark.parametrize(
    "written",
    [
        r"4\5 re.",
        "ends with \\",
        r"\Zvendor\ ",
        r"\C2842\ ",
        r"\M2443\ ",
        r"\Q\ ",
        r"\f\ ",
        r"\X4\ ",  # half a byte
        r"\XZZ\ ",
        r"\X\ ",
        r"\XFF\ ",  # not UTF-8
        r"\X00E0\ ",  # a sender's UTF-16; a NUL is no text
        r"\P\ ",  # no truncation character declared
        r"\.sp999999999\ ",
        r"\.br",
        "\\\\",
    ],
)
def test_unknown_sequences_stay_as_written(written: str) -> None:
    assert unescape(written, USUAL) == written


def test_a_stray_escape_character_does_not_hide_the_next_sequence() -> None:
    assert unescape(r"4\5 of A\T\B", USUAL) == r"4\5 of A&B"


def test_hexadecimal_bytes_are_read_in_the_encoding_of_the_message() -> None:
    assert unescape(r"Caf\XE9\ ", USUAL, "iso8859-1") == "Café "
    assert unescape(r"\X4A\ ", USUAL, "utf-16-le") == "J "


def test_the_delimiters_are_those_of_the_message() -> None:
    assert unescape("a/F/b/S/c/T/d/R/e/E/f", ODD) == "a*b!c%d@e/f"
    assert escape("a*b!c%d@e/f|^&", ODD) == "a/F/b/S/c/T/d/R/e/E/f|^&"


def test_the_truncation_character_is_escaped_where_there_is_one() -> None:
    assert unescape(r"\P\ ", WITH_TRUNCATION) == "# "
    assert escape("#4", WITH_TRUNCATION) == r"\P\4"
    assert escape("#4", USUAL) == "#4"


def test_line_ends_cannot_break_a_segment() -> None:
    assert escape("one\rtwo\nthree", USUAL) == r"one\X0D\two\X0A\three"


def test_bytes_of_mllp_frames_cannot_end_a_frame() -> None:
    written = escape("one\x0btwo\x1cthree", USUAL)
    assert written == r"one\X0B\two\X1C\three"
    assert unescape(written, USUAL) == "one\x0btwo\x1cthree"


def test_a_nul_is_refused_because_nothing_reads_it_back() -> None:
    with pytest.raises(ValueError, match="NUL"):
        escape("a\0b", USUAL)


def test_plain_text_is_left_alone() -> None:
    assert escape("Take one tablet", USUAL) == "Take one tablet"


def test_without_an_escape_character_a_delimiter_cannot_be_written() -> None:
    bare = Delimiters(escape="")
    assert unescape(r"\F\ ", bare) == r"\F\ "
    assert escape("plain", bare) == "plain"
    with pytest.raises(ValueError, match="no escape character"):
        escape("a|b", bare)


def test_layout_commands_cannot_blow_up_memory() -> None:
    assert len(unescape(r"\.sp99\\.sk99\ ", USUAL)) == 199
