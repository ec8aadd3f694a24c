"""What receivers answer, read by HL7 v2.5.1 section 2.9 and tables 0008 (codes), 0155 (when) and 0357 (errors)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from officina.wire.answers import Asked, Said, asked, is_last, judge

ASKED = Asked("C1", 1, False)
BOTH = Asked("C1", 2, False)


def sent(accept: str = "", application: str = "", control_id: str = "C1") -> bytes:
    return f"MSH|^~\\&|HUB|H|RCV|R|20260101||RDE^O11|{control_id}|P|2.5.1|||{accept}|{application}\rPID|1\r".encode()


def ack(code: str, control_id: str = "C1", *more: str) -> bytes:
    return "\r".join(("MSH|^~\\&|RCV|R|HUB|H|20260101||ACK|9|P|2.5.1", f"MSA|{code}|{control_id}", *more, "")).encode()


@pytest.mark.parametrize(
    ("accept", "application", "sure", "refusal"),
    [
        ("", "", 1, False),  # original mode: one application acknowledgement (2.9.2)
        ("AL", "NE", 1, False),
        ("AL", "", 1, False),
        ("NE", "AL", 1, False),
        ("", "AL", 1, False),
        ("AL", "AL", 2, False),
        ("SU", "SU", 2, False),
        ("AL", "ER", 1, True),  # what comes only on an error cannot be waited for
        ("ER", "AL", 1, False),  # CE or CR would come in the place of the application acknowledgement
        ("ER", "ER", 0, True),
        ("NE", "NE", 0, False),
    ],
)
def test_what_a_message_asks_for(accept: str, application: str, sure: int, refusal: bool) -> None:
    assert asked(sent(accept, application)) == Asked("C1", sure, refusal)


def test_what_is_no_message_is_answered_once_if_at_all() -> None:
    assert asked(b"\xff\x00nonsense") == Asked("", 1, False)


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("AA", "accepted"),
        ("CA", "accepted"),
        ("AE", "error"),
        ("CE", "error"),
        ("AR", "rejected"),
        ("CR", "rejected"),
        ("aa", "accepted"),  # table 0008 is of upper case; some receivers are not
    ],
)
def test_the_codes_of_table_0008(code: str, result: str) -> None:
    kept = (code.upper(), "") if code.upper()[0] == "A" else ("", code.upper())
    assert judge([ack(code)], ASKED)[:3] == (result, *kept)


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (b"", "", "is no message"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "", "is no message"),
        (b"MSH|^~\\&|RCV|R|HUB|H|20260101||ACK|9|P|2.5.1\r", "", "there is no MSA-1"),
        (ack("", "C1"), "", "there is no MSA-1"),
        (ack("OK", "C1"), "", "MSA-1 is not in table 0008"),
        (ack("AA", "C2"), "AA", "names another control id"),
        (ack("AR", "C2"), "AR", "names another control id"),
        (ack("AA", ""), "AA", "names no control id"),
    ],
)
def test_an_answer_that_says_nothing_of_this_message_is_a_bad_one(answer: bytes, code: str, words: str) -> None:
    said = judge([answer], ASKED)
    assert (said.result, said.code) == ("bad_answer", code)
    assert words in said.text
    assert "C2" not in said.text


def test_a_control_id_is_compared_as_it_reads_not_as_it_is_escaped() -> None:
    wanted = asked(sent(control_id="A\\T\\1"))
    assert judge([ack("AA", "A\\T\\1")], wanted).result == "accepted"


def test_both_acknowledgements_are_told_apart() -> None:
    assert judge([ack("CA"), ack("AA")], BOTH) == Said("accepted", "AA", "CA")
    assert judge([ack("CA"), ack("AR")], BOTH)[:3] == ("rejected", "AR", "CA")
    assert judge([ack("CA"), ack("AE")], BOTH)[:3] == ("error", "AE", "CA")
    assert judge([ack("CA"), ack("AA", "C2")], BOTH).result == "bad_answer"
    assert judge([ack("CE")], BOTH)[:3] == ("error", "", "CE")
    assert judge([ack("CR")], BOTH)[:3] == ("rejected", "", "CR")
    assert judge([ack("ca")], asked(sent("AL", "NE"))) == Said("accepted", "", "CA")
    assert judge([ack("AA")], BOTH) == Said("accepted", "AA")


def test_nothing_was_asked_for() -> None:
    assert judge([], asked(sent("NE", "NE"))).result == "accepted"


@pytest.mark.parametrize(
    ("answer", "last"),
    [
        (ack("CA"), False),  # 2.9.3.2: the application acknowledgement follows
        (ack("ca"), False),
        (ack("CE"), True),
        (ack("CR"), True),
        (ack("AA"), True),  # of a receiver that knows the original mode alone
        (ack("AR"), True),
        (ack("CA").replace(b"|", b"#"), False),
        (b"nonsense", True),
    ],
)
def test_after_which_answer_another_one_comes(answer: bytes, last: bool) -> None:
    assert is_last(answer) is last


@pytest.mark.parametrize(
    ("segments", "text"),
    [
        (["ERR||PID^1^3|204^Unknown key identifier^HL70357|E||||no such patient"], "PID-3: no such patient"),
        (["ERR||PID^1^3|204^Unknown key identifier^HL70357|E"], "PID-3: Unknown key identifier"),
        (["ERR||ORC^2^2|204|E|||diagnosis|"], "ORC[2]-2: diagnosis"),
        (["ERR||PID^1^3^2^4^1|102|E||||which?"], "PID-3[2].4.1: which?"),
        (["ERR|||207^Application internal error^HL70357|E"], "Application internal error"),
        (["ERR||MSH|200^Unsupported message type^HL70357|E"], "MSH: Unsupported message type"),
        (
            ["ERR||PID^1^3|101^^HL70357|E||||no number", "ERR||RXE^1^2|103^Table value not found^HL70357|E"],
            "PID-3: no number; RXE-2: Table value not found",
        ),
        (["ERR||PID^1^3|204^Unknown^HL70357^^^^^^who is that?|E"], "PID-3: who is that?"),
        (["ERR|PID^1^5^101&Required field missing&HL70357"], "PID-5: Required field missing"),  # before version 2.5
        (["ERR|"], ""),
        ([], ""),
    ],
)
def test_the_receivers_words(segments: list[str], text: str) -> None:
    assert judge([ack("AE", "C1", *segments)], ASKED).text == text


def test_the_words_of_receivers_before_version_2_5_stand_in_msa_3() -> None:
    assert judge([ack("AR", "C1|the queue is full")], ASKED).text == "the queue is full"


def test_who_accepts_need_not_say_anything() -> None:
    assert judge([ack("AA", "C1|thank you")], ASKED).text == ""


@given(st.lists(st.binary(max_size=80), min_size=1, max_size=2))
def test_no_bytes_are_taken_for_an_acknowledgement_by_accident(answers: list[bytes]) -> None:
    assert judge(answers, ASKED).result == "bad_answer"
    assert is_last(answers[0])


pieces = st.sampled_from(
    ["MSH|^~\\&", "\r", "MSA", "|", "AA", "CA", "AR", "C1", "C2", "^", "\\", "ERR", "\n", "ü", "~"]
)


@given(st.lists(pieces, max_size=25).map("".join), st.booleans())
def test_whatever_comes_only_an_answer_with_our_control_id_settles_a_message(text: str, both: bool) -> None:
    said = judge([text.encode()], BOTH if both else ASKED)
    if said.result != "bad_answer":
        assert "C1" in text
        assert said.code in ("AA", "CA", "AR")
