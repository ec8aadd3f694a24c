"""What must hold for any message: bytes survive, escapes invert, what is set is read, and only named errors escape."""

from __future__ import annotations

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from tests.support.samples import rde_o11

from officina.wire import batch, charset, er7
from officina.wire.delimiters import Delimiters, read
from officina.wire.escapes import escape, unescape
from officina.wire.path import Path, PathError, Place

PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
VALUE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
NOT_NULL = VALUE.filter(lambda text: text != er7.NULL)
TAILS = st.one_of(
    st.binary(max_size=300),
    st.text(st.sampled_from("|^~\\&\r\n \t\x0b\x1cMSHPIDNTEORCab1é€\ufeff"), max_size=200).map(str.encode),
)
HEADS = st.sampled_from(
    [b"MSH", b"MSH|^~\\&|", b"MSH|^~\\&|A|B||||||||||||||8859/1\r", b"MSH|^~\\&|||||||||||||||||ASCII~ISO IR87\r"]
)


@st.composite
def delimiters(draw: st.DrawFn) -> Delimiters:
    characters = draw(st.permutations(PUNCTUATION))
    given_count = draw(st.integers(4, 5))
    return Delimiters(characters[0], *characters[1 : 1 + given_count])


@st.composite
def places(draw: st.DrawFn) -> Place:
    subcomponent = draw(st.integers(0, 4))
    component = draw(st.integers(1 if subcomponent else 0, 5))
    return Place(draw(st.integers(3, 30)), draw(st.integers(0, 4)), component, subcomponent)


@given(HEADS, TAILS)
@example(b"MSH|^~\\&|", b"\r\n\r\n  pid|1\r\x1c\r")
@example(b"MSH|^~\\&|", "café".encode("cp1252"))
@settings(max_examples=400)
def test_bytes_that_begin_with_msh_come_back_exactly_or_are_refused(head: bytes, tail: bytes) -> None:
    raw = head + tail
    try:
        message = er7.parse(raw)
    except er7.ParseError:
        return
    assert message.encode() == raw
    assert message.names[0] == "MSH"


@given(st.sampled_from([b"", b"\r", b"||||||8859/1\r", b"||||||UNICODE UTF-8\n"]), TAILS)
@settings(max_examples=400)
def test_a_changed_message_keeps_every_other_byte(end: bytes, tail: bytes) -> None:
    raw = b"MSH|^~\\&|A|B|C|D|20260714||ADT^A01|OLD|P|2.5" + end + tail
    message = er7.parse(raw)
    message.set("MSH-10", "CONTROL7")
    assert message.encode() == raw.replace(b"OLD", b"CONTROL7", 1)
    assert er7.parse(message.encode()).names == message.names


@given(st.binary(max_size=400))
@settings(max_examples=400)
def test_arbitrary_bytes_raise_nothing_but_named_errors(raw: bytes) -> None:
    for piece in batch.split(raw).messages:
        try:
            message = er7.parse(piece)
        except er7.ParseError:
            continue
        for path in ("MSH-9.1", "PID-3[2].1.2", "ORC[2]/RXE-2.2", "MSH-2", "NTE[7]-3"):
            assert isinstance(message.get(path), str)
        for group in message.groups():
            group.get("ORC-1")


@given(TEXT)
def test_no_text_but_a_path_is_taken_for_a_path(text: str) -> None:
    message = er7.parse(rde_o11())
    for ask in (message.get, message.raw_at, message.count, message.repetitions):
        try:
            ask(text)
        except PathError:
            continue
        assert str(Path.parse(text)) == text


@given(VALUE, delimiters())
def test_unescape_inverts_escape(text: str, given_delimiters: Delimiters) -> None:
    written = escape(text, given_delimiters)
    assert unescape(written, given_delimiters) == text
    levels = {
        given_delimiters.field,
        given_delimiters.component,
        given_delimiters.repetition,
        given_delimiters.subcomponent,
    }
    assert not levels & set(written)
    assert not {"\r", "\n", "\x0b", "\x1c"} & set(written)


@given(TEXT, delimiters())
def test_unescape_never_fails(text: str, given_delimiters: Delimiters) -> None:
    assert isinstance(unescape(text, given_delimiters), str)


@given(delimiters())
def test_any_legal_delimiters_are_read_back_as_declared(wanted: Delimiters) -> None:
    assume("\\\\" not in wanted.encoding_characters)
    found, remarks = read(wanted.field, wanted.encoding_characters)
    assert found == wanted
    assert remarks == ()


@given(delimiters(), NOT_NULL, NOT_NULL)
def test_any_legal_delimiters_carry_any_value(wanted: Delimiters, family: str, given_name: str) -> None:
    field, component = wanted.field, wanted.component
    name = escape(family, wanted) + component + escape(given_name, wanted)
    header = f"MSH{field}{wanted.encoding_characters}{field}APP"
    fields = field.join(["PID", "", "", "", "", name])
    message = er7.parse(f"{header}\r{fields}\r".encode())
    assert message.get("PID-5.1") == family
    assert message.get("PID-5.2") == given_name
    assert message.get("MSH-2") == wanted.encoding_characters
    assert message.get("MSH-3") == "APP"


@given(places(), NOT_NULL)
def test_what_is_set_is_read(place: Place, value: str) -> None:
    message = er7.parse(rde_o11(**{"MSH-18": "UNICODE UTF-8"}))
    path = f"PID-{place}"
    message.set(path, value)
    assert message.get(path) == value
    again = er7.parse(message.encode())
    assert again.get(path) == value
    assert again.names == message.names


@given(places(), places(), NOT_NULL, NOT_NULL)
def test_setting_one_field_leaves_the_others(first: Place, second: Place, one: str, two: str) -> None:
    assume(first.field != second.field)
    message = er7.parse(rde_o11())
    message.set(f"ORC-{first}", one)
    message.set(f"ORC-{second}", two)
    assert message.get(f"ORC-{first}") == one
    assert message.get(f"ORC-{second}") == two


@given(
    st.from_regex(r"[A-Z][A-Z0-9]{2}", fullmatch=True),
    st.integers(0, 99),
    st.one_of(st.none(), places()),
    st.booleans(),
    st.integers(0, 9),
)
def test_a_path_is_written_as_it_is_read(
    name: str, occurrence: int, place: Place | None, grouped: bool, number: int
) -> None:
    path = Path(name, occurrence, place, "ORC" if grouped else "", number if grouped else 0)
    assert Path.parse(str(path)) == path


@given(VALUE, st.sampled_from(["utf-8", "utf-16-le", "utf-16-be"]))
def test_text_after_a_byte_order_mark_is_read_in_its_encoding(text: str, encoding: str) -> None:
    header = "MSH|^~\\&|" + escape(text, Delimiters())
    raw = ("\ufeff" + header).encode(encoding)
    message = er7.parse(raw)
    assert message.get("MSH-3") == text
    assert message.encoding == encoding
    message.set("MSH-4", "Oaks")
    assert message.encode() == raw + "|Oaks".encode(encoding)


@given(st.binary(max_size=100), st.sampled_from(["cp1252", "iso8859-7", "cp932", "utf-8", "ascii", "cp1253"]))
def test_decoding_loses_no_byte(raw: bytes, fallback: str) -> None:
    decoded = charset.decode(b"MSH|^~\\&|" + raw, fallback)
    assert decoded.bom + charset.encode(decoded.text, decoded.encoding) == b"MSH|^~\\&|" + raw
