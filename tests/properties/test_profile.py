"""Whatever a sender writes, reading it through a profile ends in an extract, and in facts that JSON can hold."""

from __future__ import annotations

import contextlib
import json
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.profiles import FOLDER, shipped
from tests.support.samples import rde_o11

from officina.message.dates import Unreadable, hl7_datetime
from officina.message.extract import extract
from officina.message.profile import Profile
from officina.message.transforms import number
from officina.order.assemble import assemble
from officina.order.order import digest
from officina.wire import er7

PROFILES = {each.stem: shipped(each.stem) for each in FOLDER.glob("*.toml")}
NAMES = st.sampled_from(["PID", "PV1", "ORC", "RXE", "RXO", "RXD", "RXR", "RXC", "TQ1", "NTE", "ZPI", "orc", "OBR"])
ODD = ["9" * 5000, "Q" + "9" * 4999 + "D", "M^" + "1" * 4400, "QL" + "1" * 4400, "a\0b"]
VALUES = st.one_of(
    st.sampled_from(ODD),
    st.just(""),
    st.sampled_from(
        ['""', "NW", "XO", "20260101", "2026", "1", "BID&0800,2000", "W^Mon", "M^1", "D^1", "Q2D", "QJ8", "PRN"]
    ),
    st.text(st.sampled_from('^~&\\.FSTRE0123456789-+: ,/abXZé"'), max_size=12),
)
SEGMENTS = st.builds(lambda name, fields: "|".join([name, *fields]), NAMES, st.lists(VALUES, max_size=30))
ZONE = ZoneInfo("America/Chicago")


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
@given(
    begin=st.sampled_from([[], ["PID|||7", "ORC|NW|P1"], ["PID|||7", "ORC|XO|P1", "RXE|", "ORC|DC|P2"]]),
    segments=st.lists(SEGMENTS, max_size=10),
    kind=st.sampled_from(["RDE^O11", "ORM^O01", "RDS^O13", "^", '""']),
)
def test_any_segments_end_in_facts(profile: Profile, begin: list[str], segments: list[str], kind: str) -> None:
    text = "\r".join([f"MSH|^~\\&|A|B|||20260101||{kind}|1|P|2.5", *begin, *segments])
    check(text.encode(), profile)


@given(data=st.data())
def test_a_damaged_message_ends_in_facts(data: st.DataObject) -> None:
    raw = bytearray(rde_o11())
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(9, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 3))] = data.draw(
            st.sampled_from([b"|", b"^", b"~", b"&", b"\\", b"\r", b'""', b"\xff", b"0"])
        )
    with contextlib.suppress(er7.ParseError):
        check(bytes(raw), PROFILES["hl7"])


def check(raw: bytes, profile: Profile) -> None:
    read = extract(er7.parse(raw), profile)
    assembled = assemble(read, ZONE)
    if read.disposition == "order":
        assert read.orders
        assert read.identifiers
        assert not any(each.severity == "error" for each in read.findings)
    else:
        assert not read.orders
    if read.disposition == "refuse":
        assert any(each.severity == "error" and each.text and each.ack_code for each in read.findings)
    for order in assembled.orders:
        facts = json.loads(json.dumps(order.facts()))
        assert all(facts.values())
        assert digest(facts) == order.digest()
        assert "\\u0000" not in json.dumps(facts)


@given(st.text(st.sampled_from("0123456789.+-ZT: x"), max_size=26))
def test_a_date_is_read_or_said_to_be_none(text: str) -> None:
    try:
        read = hl7_datetime(text)
    except Unreadable:
        return
    assert hl7_datetime(read) == read, "what is ISO already stays as it is"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**6), max_value=10**6))
def test_a_number_keeps_its_value(value: object) -> None:
    assert Decimal(number(f"{value:f}")) == value
    assert number(number(f"{value:f}")) == number(f"{value:f}")
