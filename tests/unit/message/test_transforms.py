from __future__ import annotations

import pytest

from officina.message import transforms
from officina.message.cut import Cut
from officina.message.dates import Unreadable
from officina.wire import er7

CUT = Cut.of(er7.parse(b"MSH|^~\\&|A\r"))


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("60", "60"),
        ("060", "60"),
        ("0", "0"),
        ("0.50", "0.5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("+3", "3"),
        ("-1.0", "-1"),
        ("-0", "0"),
    ],
)
def test_number(sent: str, read: str) -> None:
    assert transforms.number(sent) == read


@pytest.mark.parametrize("sent", ["sixty", "1-2", "1,5", "1e3", "٣", "-", "."])
def test_not_a_number(sent: str) -> None:
    with pytest.raises(Unreadable):
        transforms.number(sent)


def test_trim() -> None:
    assert transforms.trim("  Take   one\n daily ") == "Take one daily"


@pytest.mark.parametrize(
    ("transform", "sent", "read"),
    [
        (transforms.name, "Alvarez^Tomás", "Alvarez, Tomás"),
        (transforms.name, "Still^Stan^J^^MR", "Still, Stan J"),
        (transforms.name, "Still", "Still"),
        (transforms.person, "1487^Ruiz^Elena^M^^Dr", "Ruiz, Elena M"),
        (transforms.person, "^Ruiz^Elena", "Ruiz, Elena"),
        (transforms.person, "1^Smith&van der^Adam~2^Other^One", "Smith, Adam"),
        (transforms.person, "1487", ""),
        (transforms.address, "12 Elm Row^Flat 2^Duluth^MN^55802^USA^H", "12 Elm Row, Flat 2, Duluth, MN 55802, USA"),
        (transforms.address, "3 Warren Close^Bexleyheath^^^DA6 7LX^UK", "3 Warren Close, Bexleyheath, DA6 7LX, UK"),
        (transforms.address, '1 A St^""^Town', "1 A St, Town"),
        (transforms.words, "PO^Oral^HL70162", "Oral"),
        (transforms.words, "TAB", "TAB"),
        (transforms.words, "01^Take with water~Swallow", "Take with water; Swallow"),
        (transforms.words, r"Take 1\S\2 \T\ rest", "Take 1^2 & rest"),
        (transforms.words, '^""', ""),
    ],
)
def test_whole_fields(transform: transforms.Whole, sent: str, read: str) -> None:
    assert transform(sent, CUT) == read


def test_with_a_parameter() -> None:
    assert transforms.code_map({"MALE": "M"})("Male") == "M"
    assert transforms.code_map({"MALE": "M"})("X") == "X"
    assert transforms.part(2, "/")("North / 204 / B") == "204"
    assert transforms.part(9, "/")("North") == ""
    assert transforms.split(",")("a, b,,c") == "a\nb\nc"
    assert transforms.strip("-")("0071-0155-23") == "0071015523"
