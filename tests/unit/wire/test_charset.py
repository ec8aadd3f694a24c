"""Character sets: what the bytes show, what MSH-18 declares (HL7 table 0211), and what is done when neither is true."""

from __future__ import annotations

import pytest

from officina.wire import charset, er7


def message(text: str, declared: str, encoding: str) -> er7.Message:
    header = "MSH|^~\\&|" + "|" * 14 + "|" + declared
    return er7.parse(f"{header}\rPID|||||{text}\r".encode(encoding))


@pytest.mark.parametrize(
    ("declared", "encoding", "text"),
    [
        ("ASCII", "ascii", "Zoe"),
        ("8859/1", "iso8859-1", "Zoë"),
        ("8859/2", "iso8859-2", "Łódź"),
        ("8859/5", "iso8859-5", "Анна"),
        ("8859/7", "iso8859-7", "Άννα"),
        ("8859/9", "iso8859-9", "Şule"),
        ("8859/15", "iso8859-15", "Œuf €"),
        ("UNICODE UTF-8", "utf-8", "Łukasz Żółć"),
        ("UNICODE", "utf-8", "Zoë"),
        ("UTF-8", "utf-8", "Zoë"),
        ("ISO-8859-1", "iso8859-1", "Zoë"),
        ("iso8859-1", "iso8859-1", "Zoë"),
        ("WINDOWS-1250", "cp1250", "Łódź"),
        ("GB 18030-2000", "gb18030", "药房"),
        ("KS X 1001", "euc_kr", "약국"),
        ("BIG-5", "big5", "藥房"),
        ("ISO IR87", "iso2022_jp", "薬局"),
        ("ASCII~ISO IR87", "iso2022_jp", "薬局"),
        ("~ISO IR87", "iso2022_jp", "薬局"),
    ],
)
def test_the_declared_character_set_is_used(declared: str, encoding: str, text: str) -> None:
    found = message(text, declared, encoding)
    assert found.get("PID-5") == text
    assert found.encoding == encoding
    assert found.warnings == []
    found.set("PID-8", "F")
    assert found.encode() == found.raw.rstrip(b"\r") + b"|||F\r"


def test_utf_8_is_assumed_where_nothing_is_declared() -> None:
    found = message("Zoë", "", "utf-8")
    assert (found.get("PID-5"), found.encoding, found.warnings) == ("Zoë", "utf-8", [])


def test_the_fallback_is_for_bytes_that_are_not_utf_8() -> None:
    found = message("Zoë’s", "", "cp1252")
    assert found.get("PID-5") == "Zoë’s"
    assert found.encoding == "cp1252"
    assert [(remark.path, remark.code) for remark in found.warnings] == [("MSH-18", "charset-fallback")]


def test_the_fallback_is_the_connectors_choice() -> None:
    raw = message("Анна", "", "cp1251").raw
    assert er7.parse(raw, fallback="cp1251").get("PID-5") == "Анна"


def test_a_declaration_that_is_not_true_is_not_believed() -> None:
    found = message("Zoë", "ASCII", "cp1252")
    assert found.get("PID-5") == "Zoë"
    assert [remark.code for remark in found.warnings] == ["charset-mismatch", "charset-fallback"]
    found = message("Zoë", "ASCII", "utf-8")
    assert found.get("PID-5") == "Zoë"
    assert [remark.code for remark in found.warnings] == ["charset-mismatch"]


def test_an_unknown_declaration_is_remarked_and_guessed() -> None:
    found = message("Zoë", "ISO IR 999", "utf-8")
    assert found.get("PID-5") == "Zoë"
    assert [remark.code for remark in found.warnings] == ["charset-unknown"]


def test_bytes_without_a_character_keep_their_place_and_come_back() -> None:
    raw = b"MSH|^~\\&|\rPID|||||a\x81\x8d\xffb\r"  # 81 and 8D mean nothing in cp1252
    found = er7.parse(raw)
    assert found.get("PID-5") == "a\x81\x8dÿb"
    found.set("PID-6", "x")
    assert found.encode() == b"MSH|^~\\&|\rPID|||||a\x81\x8d\xffb|x\r"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", ["\ufeff", ""])
def test_utf_16_is_recognised(encoding: str, mark: str) -> None:
    raw = f"{mark}MSH|^~\\&|PHARM\rPID|||||Łukasz\r".encode(encoding)
    found = er7.parse(raw)
    assert found.get("PID-5") == "Łukasz"
    assert found.encoding == encoding
    found.set("PID-5", "Żaneta")
    assert found.encode() == raw.replace("Łukasz".encode(encoding), "Żaneta".encode(encoding))


def test_half_a_utf_16_character_is_replaced_with_a_remark() -> None:
    raw = "\ufeffMSH|^~\\&|PHARM\rPID|||||Ann".encode("utf-16-le") + b"\r"
    found = er7.parse(raw)
    assert found.get("PID-5").startswith("Ann")
    assert [remark.code for remark in found.warnings] == ["charset-mismatch"]
    assert found.encode() == raw


def test_a_utf_8_mark_is_kept_and_not_read() -> None:
    raw = b"\xef\xbb\xbfMSH|^~\\&|PHARM\r"
    found = er7.parse(raw)
    assert found.get("MSH-3") == "PHARM"
    found.set("MSH-3", "X")
    assert found.encode() == b"\xef\xbb\xbfMSH|^~\\&|X\r"


def test_plain_ascii_takes_its_encoding_from_the_declaration() -> None:
    assert message("Zoe", "8859/1", "ascii").encoding == "iso8859-1"
    assert message("Zoe", "", "ascii").encoding == "utf-8"
    assert message(r"Zo\XEB\ ", "8859/1", "ascii").get("PID-5") == "Zoë "


@pytest.mark.parametrize("name", ["ROT13", "UTF-7", "IDNA", "UNICODE_ESCAPE", "8859/12", "ISO IR 999", ""])
def test_python_codecs_that_hl7_does_not_name_are_not_reachable(name: str) -> None:
    assert charset.codec(name) == ""


@pytest.mark.parametrize("name", ["UNICODE UTF-8", "8859/1", "8859/15", ""])
@pytest.mark.parametrize("before", ["8859/1", "UNICODE UTF-8"])
def test_a_message_is_put_into_the_character_set_it_comes_to_declare(before: str, name: str) -> None:
    found = message("Zoë", before, charset.codec(before.upper()))
    found.set("MSH-18", name)
    again = er7.parse(found.encode())
    assert (again.get("MSH-18"), again.get("PID-5"), again.warnings) == (name, "Zoë", [])


def test_a_character_set_that_lacks_characters_of_the_message_is_refused() -> None:
    found = message("Łukasz", "UNICODE UTF-8", "utf-8")
    before = found.encode()
    with pytest.raises(er7.PathError) as caught:
        found.set("MSH-18", "8859/1")
    assert caught.value.place == "MSH-18"
    assert (found.get("MSH-18"), found.encode()) == ("UNICODE UTF-8", before)
    found.set("PID-5", "Zoë")
    found.set("MSH-18", "8859/1")
    assert er7.parse(found.encode()).get("PID-5") == "Zoë"


@pytest.mark.parametrize("name", ["cp1252", "iso8859-15", "latin-1", "ascii", "UTF-8", "cp932", "gb18030", "koi8-r"])
def test_a_character_set_that_keeps_ascii_fits_hl7(name: str) -> None:
    assert charset.unfit(name) == ""
    assert charset.decode(bytes(range(256)), name).text  # reads whatever bytes there are


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nonsense", "there is no character set nonsense"),
        ("rot13", "there is no character set rot13"),
        ("base64", "there is no character set base64"),
        ("", "there is no character set "),
        ("utf-16", "utf-16 does not write the delimiters and letters of HL7 as ASCII does"),
        ("cp037", "cp037 does not write the delimiters and letters of HL7 as ASCII does"),
        ("unicode_escape", "unicode_escape does not write the delimiters and letters of HL7 as ASCII does"),
        ("idna", "idna does not write the delimiters and letters of HL7 as ASCII does"),
    ],
)
def test_what_no_message_can_be_read_in_is_told(name: str, reason: str) -> None:
    assert charset.unfit(name) == reason
