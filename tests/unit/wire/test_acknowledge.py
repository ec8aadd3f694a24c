"""Acknowledgements against HL7 v2.5.1 sections 2.9.2 and 2.9.3 and tables 0008, 0155, 0357, 0516."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from officina.wire import er7, mllp
from officina.wire.acknowledge import AckMode, ErrorLine, Header, Outcome, acknowledge, is_acknowledgement

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


class Raw(NamedTuple):
    raw: bytes
    encoding: str = "utf-8"


def header(
    version: str = "2.5.1", accept: str = "", application: str = "", kind: str = "RDE^O11^RDE_O11", tail: str = ""
) -> Header:
    msh = f"MSH|^~\\&|PHARM|HOME 1|OFFICINA|HUB|20260304||{kind}|C-17|T|{version}|||{accept}|{application}{tail}"
    return Header.of(Raw(f"{msh}\rPID|1\r".encode()))


def lines(head: Header, outcome: Outcome, errors: tuple[ErrorLine, ...] = (), text: str = "") -> list[str]:
    (ack,) = acknowledge(head, outcome, control_id="A1", at=AT, errors=errors, text=text)
    assert ack.payload.endswith(b"\r")
    return ack.payload.decode().split("\r")[:-1]


# accept condition, application condition, outcome → the acknowledgements due (2.9.2, 2.9.3, table 0155)
TABLE: list[tuple[str, str, Outcome, list[str]]] = [
    ("", "", "accept", ["AA"]),
    ("", "", "error", ["AE"]),
    ("", "", "reject", ["AR"]),
    ("NE", "AL", "accept", ["AA"]),
    ("NE", "AL", "error", ["AE"]),
    ("AL", "NE", "accept", ["CA"]),
    ("AL", "NE", "error", ["CE"]),
    ("AL", "NE", "reject", ["CR"]),
    ("AL", "", "accept", ["CA"]),
    ("", "AL", "reject", ["AR"]),
    ("AL", "AL", "accept", ["CA", "AA"]),
    ("AL", "AL", "error", ["CE"]),  # never reached the application
    ("AL", "AL", "reject", ["CR"]),
    ("NE", "NE", "accept", []),
    ("NE", "NE", "reject", []),
    ("ER", "NE", "accept", []),
    ("ER", "NE", "error", ["CE"]),
    ("ER", "NE", "reject", ["CR"]),
    ("SU", "NE", "accept", ["CA"]),
    ("SU", "NE", "reject", []),
    ("NE", "ER", "accept", []),
    ("NE", "ER", "error", ["AE"]),
    ("NE", "SU", "accept", ["AA"]),
    ("NE", "SU", "error", []),
    ("ER", "AL", "accept", ["AA"]),
    ("ER", "AL", "reject", ["CR"]),
    ("SU", "ER", "reject", ["AR"]),
    ('""', '""', "accept", ["AA"]),  # HL7 null asks for nothing
    ("XX", "NE", "accept", ["CA"]),  # not in table 0155: a sender that waits is answered
]


@pytest.mark.parametrize(("accept", "application", "outcome", "codes"), TABLE)
def test_which_acknowledgements_are_due(accept: str, application: str, outcome: Outcome, codes: list[str]) -> None:
    acks = acknowledge(header("2.5.1", accept, application), outcome, control_id="A1", at=AT)
    assert [ack.code for ack in acks] == codes
    assert len({ack.payload.split(b"|")[9] for ack in acks}) == len(acks)  # MSH-10 is unique


@pytest.mark.parametrize(
    ("mode", "accept", "codes"),
    [
        (AckMode.ORIGINAL, "AL", ["AA"]),
        (AckMode.ENHANCED, "", ["CA"]),
        (AckMode.NONE, "AL", []),
        (AckMode.AUTO, "AL", ["CA"]),
    ],
)
def test_a_connector_can_overrule_what_the_message_asks(mode: AckMode, accept: str, codes: list[str]) -> None:
    acks = acknowledge(header("2.5.1", accept), "accept", control_id="A1", at=AT, mode=mode)
    assert [ack.code for ack in acks] == codes


def test_the_header_is_mirrored() -> None:
    assert lines(header(), "accept") == [
        "MSH|^~\\&|OFFICINA|HUB|PHARM|HOME 1|20260304050607+0000||ACK^O11^ACK|A1|T|2.5.1",
        "MSA|AA|C-17",
    ]


def test_an_enhanced_acknowledgement_asks_for_none_and_keeps_country_and_character_set() -> None:
    (msh, _) = lines(header(accept="AL", tail="|DEU|UNICODE UTF-8"), "accept")
    assert msh.split("|")[14:] == ["NE", "NE", "DEU", "UNICODE UTF-8"]


@pytest.mark.parametrize(
    ("version", "kind", "expected"),
    [
        ("2.1", "ORM^O01", "ACK"),
        ("2.2", "ORM^O01", "ACK"),
        ("2.3", "ORM^O01", "ACK^O01"),
        ("2.3.1", "ORM^O01", "ACK^O01^ACK"),
        ("2.4", "OMP^O09^OMP_O09", "ACK^O09^ACK"),
        ("2.8", "RDE^O11^RDE_O11", "ACK^O11^ACK"),
        ("2.5.1", "RDE", "ACK"),
        ("", "RDE^O11", "ACK^O11^ACK"),
        ("two", "RDE^O11", "ACK^O11^ACK"),
    ],
)
def test_the_message_type_of_each_version(version: str, kind: str, expected: str) -> None:
    assert lines(header(version, kind=kind), "accept")[0].split("|")[8] == expected


def test_err_from_2_5_on() -> None:
    errors = (
        ErrorLine("PID-3[2].1", "101", "error", "No identifier."),
        ErrorLine("OBX[2]-5", "102", "warning", "Not a number."),
        ErrorLine("ORC[2]/RXE-2.2.1", "103", "info", ""),
        ErrorLine("EVN", "100", "error", "EVN is missing."),
        ErrorLine("", "207", "error", "Try again."),
    )
    assert lines(header(), "error", errors)[1:] == [
        "MSA|AE|C-17",
        "ERR||PID^1^3^2^1|101^Required field missing^HL70357|E||||No identifier.",
        "ERR||OBX^2^5^1|102^Data type error^HL70357|W||||Not a number.",
        "ERR||ORC^2|103^Table value not found^HL70357|I|||ORC[2]/RXE-2.2.1|",
        "ERR||EVN^1|100^Segment sequence error^HL70357|E||||EVN is missing.",
        "ERR|||207^Application internal error^HL70357|E||||Try again.",
    ]


def test_err_before_2_5_is_one_segment_whose_first_field_repeats_and_msa_3_has_the_text() -> None:
    errors = (
        ErrorLine("PID-3", "101", "error", "No identifier."),
        ErrorLine("ORC[2]/RXE-2", "101", "error", "No drug."),
        ErrorLine("", "207", "error", "Broken & bent."),
    )
    assert lines(header("2.3", kind="ORM^O01"), "error", errors)[1:] == [
        "MSA|AE|C-17|No identifier.",
        "ERR|PID^1^3^101&No identifier.&HL70357~ORC^2^^101&No drug.&HL70357~^^^207&Broken \\T\\ bent.&HL70357",
    ]


@pytest.mark.parametrize("outcome", ["error", "reject"])
def test_a_refusal_always_says_something(outcome: Outcome) -> None:
    (err,) = [line for line in lines(header(), outcome) if line.startswith("ERR")]
    assert err.split("|")[8]


def test_an_accepting_answer_has_no_err_of_its_own() -> None:
    assert len(lines(header(), "accept", text="Stored.")) == 2


def test_delimiters_of_the_sender_are_used_and_escaped() -> None:
    raw = b"MSH#*+!%#PH*X#H##%%#2026##RDE*O11*RDE_O11#C#P#2.5\r"
    errors = (ErrorLine("PID-3", "101", "error", "a#b*c+d!e%f\rg"),)
    (ack,) = acknowledge(Header.of(Raw(raw)), "reject", control_id="A1", at=AT, errors=errors)
    assert ack.payload == (
        b"MSH#*+!%##%%#PH*X#H#20260304050607+0000##ACK*O11*ACK#A1#P#2.5\r"
        b"MSA#AR#C\r"
        b"ERR##PID*1*3*1#101*Required field missing*HL70357#E####a!F!b!S!c!R!d!E!e!T!f g\r"
    )


def test_a_message_without_control_id_gets_an_empty_msa_2() -> None:
    head = Header.of(Raw(b"MSH|^~\\&|A|B|C|D|||RDE^O11||P|2.5\r"))
    assert lines(head, "accept")[1] == "MSA|AA|"


def test_the_zone_of_the_time_is_sent() -> None:
    at = datetime(2026, 3, 4, 5, 6, 7, tzinfo=timezone(timedelta(hours=-5)))
    (ack,) = acknowledge(header(), "accept", control_id="A1", at=at)
    assert b"|20260304050607-0500|" in ack.payload


@pytest.mark.parametrize(
    ("codec", "mark"), [("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff"), ("cp1252", b""), ("utf-8", b"")]
)
def test_the_answer_is_in_the_character_set_of_the_message(codec: str, mark: bytes) -> None:
    text = "MSH|^~\\&|PHÄRM|H|O|HUB|2026||RDE^O11|Ü7|P|2.5\rPID|1\r"
    encoding = "utf-16" if mark else codec
    (ack,) = acknowledge(Header.of(Raw(mark + text.encode(codec), encoding)), "accept", control_id="A", at=AT)
    assert ack.payload.startswith(mark)
    answer = ack.payload[len(mark) :].decode(codec)
    assert "|PHÄRM|" in answer
    assert answer.endswith("MSA|AA|Ü7\r")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"MSH|^~\\&|A|B|C|D|||ACK^O11^ACK|1|P|2.5\rMSA|AA|7\r", True),
        (b"MSH|^~\\&|A|B|C|D|||MCF|1|P|2.2\rMSA|AA|7\r", True),
        (b"MSH|^~\\&|A|B|C|D|||ACK|1|P|2.2\r", True),
        (b"MSH|^~\\&|A|B|C|D|||RRE^O12|1|P|2.5\nMSA|AA|7\n", True),
        (b"MSH|^~\\&|A|B|C|D|||RDE^O11|1|P|2.5\rNTE|1||MSA|\r", False),
        (b"MSH|^~\\&|A|B|C|D|||RDE^O11|1|P|2.5\rNTE|1||see\nMSA clinic\r", False),
        (b"MSH|^~\\&|A|B|C|D|||RDE^O11|1|P|2.5\rNTE|1||see\rMSA note\r", False),
        (b"MSH|^~\\&|A|B|C|D|||RDE^O11|1|P|2.5\rMSAX|1\r", False),
        (b"MSH#^~\\&#A#B#C#D###RDE^O11#1#P#2.5\rMSA|AA|7\r", False),  # text: the separator is another
        (b"MSH#^~\\&#A#B#C#D###RRE^O12#1#P#2.5\rMSA#AA#7\r", True),
        (b"MSH|^~\\&|A|B|C|D|||RRE^O12|1|P|2.5\rMSA\r", True),
        ("MSH§^~\\&§A§B§C§D§§§RRE^O12§1§P§2.5\rMSA§AA§7\r".encode(), True),
        (b"MSH|^~\\&|A|B|C|D|||RRE^O12|1|P|2.5\r\n MSA", True),
    ],
)
def test_an_acknowledgement_is_never_acknowledged(raw: bytes, expected: bool) -> None:
    head = Header.of(Raw(raw))
    assert is_acknowledgement(head) is expected
    assert bool(acknowledge(head, "accept", control_id="A", at=AT)) is not expected


@pytest.mark.parametrize(
    ("raw", "control_id", "sender"),
    [
        (b"", "", ""),
        (b"hello", "", ""),
        (b"MSH", "", ""),
        (b"MSH|", "", ""),
        (b"\x00\x01MSH|^~\\&|A|B|C|D|||RDE^O11|77", "77", "A"),
        (b"MARSHMALLOW MSHX MSH|^~\\&|A|B|C|D|||RDE^O11|77|P|2.5\r\xff\xfe\x00", "77", "A"),
        (b"\xff\xfe" + "MSH|^~\\&|A|B|C|D|||RDE^O11|77|P".encode("utf-16-le") + b"\x00", "77", "A"),
        (b"MSH|^~\\&|\x81\xff|B|C|D|||RDE^O11|77|P|2.5\r", "77", "\x81\xff"),
    ],
)
def test_salvage_finds_what_there_is(raw: bytes, control_id: str, sender: str) -> None:
    head = Header.salvage(raw)
    assert (head.control_id, head.sending_application) == (control_id, sender)
    (ack,) = acknowledge(head, "reject", control_id="A", at=AT)
    assert ack.code == "AR"
    assert ack.payload


def test_an_endless_header_is_not_given_back() -> None:
    for raw in (b"MSH|" + b"x" * 100_000, b"MSH|^~\\&|" + b"x" * 100_000 + b"\r"):
        (ack,) = acknowledge(Header.salvage(raw), "reject", control_id="A", at=AT)
        assert len(ack.payload) < 10_000


def test_salvaged_bytes_come_back_as_they_were() -> None:
    head = Header.salvage(b"MSH|^~\\&|\x81\xff|B|C|D|||RDE^O11|\x9d7|P|2.5\r")
    (ack,) = acknowledge(head, "reject", control_id="A", at=AT)
    assert b"|\x81\xff|" in ack.payload
    assert b"MSA|AR|\x9d7\r" in ack.payload


@given(st.binary(max_size=60) | st.binary(max_size=60).map(lambda tail: b"MSH" + tail))
def test_salvage_and_answer_never_raise(raw: bytes) -> None:
    for outcome in ("accept", "error", "reject"):
        for ack in acknowledge(Header.salvage(raw), outcome, control_id="A", at=AT):
            assert ack.payload.endswith((b"\r", b"\r\x00", b"\x00\r"))


# --- what must be readable however the message looked ----------------------------------------------------------
@pytest.mark.parametrize(
    "head",
    [
        b"MSH|^~AB|S|F|R|G|2026||RDE^O11|C1|P|2.5\r",  # letters cannot be encoding characters
        b"MSH|^^~&|S|F|R|G|2026||RDE^O11|C1|P|2.5\r",  # one character in two roles
        b"MSH^^S^F^R^G^2026^^RDE^C1^P^2.5\r",  # no encoding characters, and the usual ones clash with the separator
        b"MSH|\x80~\\&|S|F|R|G|2026||RDE|C1|P|2.5||||||8859/1\r",  # a delimiter in one character set, none in another
        b"MSH|^~\\&|S\x1c\x0cX|F\x0b|R|G|2026||RDE^O11|C1|P|2.5\r",  # bytes that end a frame
    ],
)
@pytest.mark.parametrize("outcome", ["accept", "reject"])
def test_the_answer_to_an_unusable_header_is_readable_and_can_be_framed(head: bytes, outcome: Outcome) -> None:
    [ack] = acknowledge(Header.salvage(head), outcome, control_id="9", at=AT)
    answer = er7.parse(ack.payload)
    assert answer.get("MSA-1") == ack.code
    assert mllp.Decoder().feed(mllp.encode(ack.payload)) == [mllp.Frame(ack.payload)]


def test_an_answer_in_utf_16_holds_no_bytes_of_framing() -> None:
    raw = "MSH|^~\\&|S\u1c0c\u0b1c|F|R|G|2026||RDE^O11|C1|P|2.5\r".encode("utf-16-be")
    [ack] = acknowledge(Header.salvage(raw), "accept", control_id="9", at=AT)
    assert b"\x1c" not in ack.payload
    assert b"\x0b" not in ack.payload
    assert "|C1\r" in ack.payload.decode("utf-16-be")
