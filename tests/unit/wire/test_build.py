"""Writing messages from values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from officina.errors import Invalid
from officina.wire import er7
from officina.wire.build import Builder, Repeat, stamp
from officina.wire.delimiters import Delimiters

AT = datetime(2026, 7, 14, 8, 30, 5, tzinfo=timezone(timedelta(hours=-5)))


def builder(**options: object) -> Builder:
    given: dict[str, object] = {"control_id": "MSG1", "at": AT, **options}
    return Builder("RDE^O11^RDE_O11", **given)  # type: ignore[arg-type]


def test_the_header_is_written_in_its_places() -> None:
    raw = builder(sender=("OFFICINA", "OAKS"), receiver=("PHARM", "SUNRISE"), header={15: "AL", 16: "NE"}).encode()
    assert raw == (
        b"MSH|^~\\&|OFFICINA|OAKS|PHARM|SUNRISE|20260714083005-0500||"
        b"RDE^O11^RDE_O11|MSG1|P|2.5.1|||AL|NE||UNICODE UTF-8\r"
    )


def test_fields_hold_text_components_subcomponents_and_repetitions() -> None:
    raw = (
        builder()
        .segment(
            "PID",
            {
                1: 1,
                3: Repeat(["100234", "", "", "OAKS", "PI"], ["900-88-7777", "", "", "", "SS"]),
                5: ["Marlowe", "Edith"],
                7: datetime(1938, 4, 12, tzinfo=UTC),
                8: '""',
                11: [["12", "Elm St"], None, "Springfield", ""],
                30: "",
            },
        )
        .encode()
    )
    pid = raw.split(b"\r")[1]
    assert pid == (
        b'PID|1||100234^^^OAKS^PI~900-88-7777^^^^SS||Marlowe^Edith||19380412000000+0000|""|||12&Elm St^^Springfield'
    )


def test_values_are_escaped_and_read_back() -> None:
    text = "2 | 3 ^ 4 & 5 ~ 6 \\ 7\nand more"
    message = er7.parse(builder().segment("NTE", {3: text}).segment("OBX", {5: [text, [text, text]]}).encode())
    for path in ("NTE-3", "OBX-5.1", "OBX-5.2.1", "OBX-5.2.2"):
        assert message.get(path) == text


def test_any_delimiters_may_be_asked_for() -> None:
    raw = builder(delimiters=Delimiters("*", "!", "@", "/", "%", "#")).segment("PID", {5: ["A*B", "C#D"]}).encode()
    message = er7.parse(raw)
    assert message.get("MSH-2") == "!@/%#"
    assert message.get("MSH-9.3") == "RDE_O11"
    assert (message.get("PID-5.1"), message.get("PID-5.2")) == ("A*B", "C#D")


def test_the_character_set_is_declared_and_kept() -> None:
    message = er7.parse(builder(character_set="8859/1").segment("PID", {5: "Zoë"}).encode())
    assert message.encoding == "iso8859-1"
    assert message.get("PID-5") == "Zoë"
    with pytest.raises(Invalid) as refusal:
        builder(character_set="8859/1").segment("PID", {5: "Łukasz"})
    assert refusal.value.place == "PID-5"
    assert "Łukasz" not in str(refusal.value)
    with pytest.raises(Invalid) as refusal:
        builder(character_set="KLINGON")
    assert refusal.value.place == "MSH-18"


@pytest.mark.parametrize(
    ("name", "fields", "place"),
    [
        ("pid", {}, "pid"),
        ("MSH", {}, "MSH"),
        ("PID", {0: "x"}, "PID-0"),
        ("PID", {3: [[["too"], "deep"]]}, "PID-3"),
    ],
)
def test_mistakes_name_their_place(name: str, fields: dict[int, object], place: str) -> None:
    with pytest.raises(Invalid) as refusal:
        builder().segment(name, fields)  # type: ignore[arg-type]
    assert refusal.value.place == place


def test_a_level_without_a_delimiter_cannot_be_written() -> None:
    bare = builder(delimiters=Delimiters(repetition="", subcomponent=""))
    with pytest.raises(Invalid) as refusal:
        bare.segment("PID", {3: Repeat("1", "2")})
    assert refusal.value.place == "PID-3"


def test_the_delimiters_are_no_field() -> None:
    with pytest.raises(Invalid) as refusal:
        builder(header={2: "^~\\&"})
    assert refusal.value.place == "MSH-2"


def test_a_time_without_a_zone_is_written_without_an_offset() -> None:
    assert stamp(datetime(2026, 7, 14, 8, 30)) == "20260714083000"  # noqa: DTZ001
    assert stamp(AT) == "20260714083005-0500"


@pytest.mark.parametrize(("character_set", "lacking"), [("ASCII", "Núñez"), ("8859/2", "Núñez"), ("8859/1", "Wałęsa")])
def test_a_character_that_the_set_lacks_is_never_another_one(character_set: str, lacking: str) -> None:
    with pytest.raises(Invalid) as refusal:
        builder(character_set=character_set).segment("PID", {5: lacking})
    assert refusal.value.place == "PID-5"
