"""Cutting batches (HL7 v2 chapter 2.10.3) and runs of messages, and checking what their trailers claim."""

from __future__ import annotations

import pytest
from tests.support.samples import rde_o11

from officina.wire import batch, er7

ONE, TWO, THREE = (rde_o11(f"MSG{number}") for number in (1, 2, 3))
FHS, BHS = b"FHS|^~\\&|PHARM|OAKS\r", b"BHS|^~\\&|PHARM|OAKS\r"


def remarks(found: batch.Batch) -> list[tuple[str, str]]:
    return [(remark.path, remark.code) for remark in found.remarks]


def test_one_message_comes_back_unchanged() -> None:
    for raw in (ONE, ONE.rstrip(b"\r"), ONE.replace(b"\r", b"\n"), b"\xef\xbb\xbf" + ONE, b"\n\n" + ONE):
        found = batch.split(raw)
        assert b"".join(found.messages).strip() == raw.strip()
        assert remarks(found) == []


def test_a_file_of_two_batches_is_cut_and_counted() -> None:
    found = batch.split(FHS + BHS + ONE + TWO + b"BTS|2\r" + BHS + THREE + b"BTS|1\rFTS|2\r")
    assert found.messages == [ONE, TWO, THREE]
    assert found.remarks == []
    assert [name for name, _ in found.headers] == ["FHS", "BHS", "BHS"]
    assert found.trailers == [("BTS", b"BTS|2"), ("BTS", b"BTS|1"), ("FTS", b"FTS|2")]


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_a_bare_run_of_messages_is_cut_whatever_ends_the_lines(end: bytes) -> None:
    messages = [each.replace(b"\r", end) for each in (ONE, TWO, THREE)]
    found = batch.split(b"".join(messages))
    assert found.messages == messages
    assert found.remarks == []


def test_wrong_counts_name_the_field() -> None:
    found = batch.split(FHS + BHS + ONE + TWO + b"BTS|3\rFTS|2\r")
    assert found.messages == [ONE, TWO]
    assert remarks(found) == [("BTS-1", "count-wrong"), ("FTS-1", "count-wrong")]
    assert found.remarks[0].text == "3 messages are claimed, 2 are there"


def test_the_second_trailer_is_named_as_the_second() -> None:
    found = batch.split(BHS + ONE + b"BTS|1\r" + BHS + TWO + b"BTS|9\r")
    assert remarks(found) == [("BTS[2]-1", "count-wrong")]


def test_a_count_left_out_claims_nothing() -> None:
    assert batch.split(BHS + ONE + b"BTS\r").remarks == []
    assert batch.split(BHS + ONE + b"BTS||comment\r").remarks == []
    assert batch.split(FHS + ONE + b"FTS|1\r").remarks == []


def test_a_count_that_is_no_number_is_remarked() -> None:
    assert remarks(batch.split(BHS + ONE + b"BTS|one\r")) == [("BTS-1", "count-unreadable")]


def test_envelopes_that_do_not_close_are_remarked() -> None:
    assert remarks(batch.split(FHS + BHS + ONE)) == [("BTS", "batch-unclosed"), ("FTS", "file-unclosed")]
    assert remarks(batch.split(BHS + ONE + BHS + TWO + b"BTS|1\r")) == [("BTS", "batch-unclosed")]
    assert remarks(batch.split(ONE + b"BTS|1\rFTS|1\r")) == [("BTS", "batch-unopened"), ("FTS", "file-unopened")]


def test_an_empty_batch_that_says_so_holds_nothing() -> None:
    found = batch.split(FHS + BHS + b"BTS|0\rFTS|1\r")
    assert found.messages == []
    assert found.remarks == []


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_headers_that_say_nothing_but_the_delimiters_open_a_batch(end: bytes) -> None:
    raw = (b"FHS|^~\\&\rBHS|^~\\&\r" + ONE + TWO + b"BTS|1\rFTS|1\r").replace(b"\r", end)
    found = batch.split(raw)
    assert found.messages == [each.replace(b"\r", end) for each in (ONE, TWO)]
    assert [segment for _, segment in found.headers] == [b"FHS|^~\\&", b"BHS|^~\\&"]
    assert remarks(found) == [("BTS-1", "count-wrong")]
    empty = batch.split(b"BHS|^~\\&" + end + b"BTS|0" + end)
    assert (empty.messages, empty.remarks) == ([], [])


def test_nothing_vanishes_when_there_is_no_message() -> None:
    for raw in (b"", b"hello", b"PID|1||2\r", BHS + b"PID|1||2\rBTS|1\r", b"\r\n"):
        assert batch.split(raw).messages == [raw]


def test_text_outside_a_message_is_remarked() -> None:
    found = batch.split(b"exported 2026-07-14\r" + ONE + TWO)
    assert found.messages == [ONE, TWO]
    assert remarks(found) == [("MSH", "text-outside")]


def test_a_file_of_captured_frames_is_cut_without_their_bytes() -> None:
    found = batch.split(b"\x0b" + ONE + b"\x1c\r\x0b" + TWO + b"\x1c\r")
    assert found.messages == [ONE, TWO]
    assert found.remarks == []


def test_the_words_of_an_envelope_inside_text_cut_nothing() -> None:
    text = ONE + b"NTE|2||see MSH|^~\\&| and BTS|9 and FHS\rNTE|3||wrapped\nMSHA and\nBTS is text\nBHS\n"
    assert batch.split(text).messages == [text]


def test_messages_may_differ_in_delimiters() -> None:
    other = b"MSH$%*!?$PHARM$OAKS\rPID$1\r"
    found = batch.split(ONE + other)
    assert found.messages == [ONE, other]
    assert er7.parse(found.messages[1]).get("MSH-4") == "OAKS"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_cut_as_well(encoding: str) -> None:
    text = (BHS + ONE + TWO + b"BTS|2\r").decode().replace("Marlowe", "Łuczak")
    found = batch.split(text.encode(encoding))
    assert [er7.parse(each).get("MSH-10") for each in found.messages] == ["MSG1", "MSG2"]
    assert er7.parse(found.messages[1]).get("PID-5.1") == "Łuczak"
    assert found.remarks == []


@pytest.mark.timeout(30)
def test_tens_of_megabytes_are_cut_in_one_pass() -> None:
    large = ONE + b"OBX|1|ED|PDF||^AP^^Base64^" + b"JVBERi0xLjcKMSHBHSFTS" * 1_000_000 + b"\r"
    found = batch.split(BHS + large + TWO + b"BTS|2\r")
    assert [len(each) for each in found.messages] == [len(large), len(TWO)]
    assert found.remarks == []
