"""Reading and changing one message: delimiters, segments, paths, groups, null and empty."""

from __future__ import annotations

import pytest
from tests.support.samples import rde_o11

from officina.wire import er7
from officina.wire.delimiters import Delimiters

HEAD = "MSH|^~\\&|PHARM|SUNRISE|OFFICINA|OAKS|20260714||RDE^O11|M1|P|2.5\r"
TWO_ORDERS = (
    HEAD
    + "PID|1||100234\r"
    + "ORC|NW|PL-1\rRXE||A^First\rNTE|1||one\rNTE|2||two\r"
    + "ORC|XO|PL-2\rRXE||B^Second\rRXR|PO\r"
    + "ORC|NW|PL-3\r"
)


def message(text: str) -> er7.Message:
    return er7.parse(text.encode())


def codes(found: er7.Message) -> list[tuple[str, str]]:
    return [(remark.path, remark.code) for remark in found.warnings]


class TestDelimiters:
    @pytest.mark.parametrize(
        ("header", "found"),
        [
            ("MSH|^~\\&|", Delimiters("|", "^", "~", "\\", "&")),
            ("MSH|^~\\&#|", Delimiters("|", "^", "~", "\\", "&", "#")),
            ("MSH^~|\\&^", Delimiters("^", "~", "|", "\\", "&")),
            ("MSH|^~\\}|", Delimiters("|", "^", "~", "\\", "}")),
            ("MSH*!@/%*", Delimiters("*", "!", "@", "/", "%")),
            ("MSH|^~\\&", Delimiters("|", "^", "~", "\\", "&")),
        ],
    )
    def test_those_of_the_message_are_used(self, header: str, found: Delimiters) -> None:
        read = message(f"{header}\rPID\r")
        assert read.delimiters == found
        assert read.warnings == []

    @pytest.mark.parametrize(
        ("header", "found", "code"),
        [
            ("MSH|^~&|", Delimiters("|", "^", "~", "\\", "&"), "delimiters-defaulted"),
            ("MSH|~\\&|", Delimiters("|", "^", "~", "\\", "&"), "delimiters-defaulted"),
            ("MSH|^~\\|", Delimiters("|", "^", "~", "\\", "&"), "delimiters-defaulted"),
            ("MSH|^|", Delimiters("|", "^", "~", "\\", "&"), "delimiters-defaulted"),
            ("MSH||", Delimiters("|", "^", "~", "\\", "&"), "delimiters-defaulted"),
            ("MSH|", Delimiters("|", "^", "~", "\\", "&"), "delimiters-defaulted"),
            ("MSH|!@|", Delimiters("|", "!", "@", "\\", "&"), "delimiters-defaulted"),
            ("MSH^~^", Delimiters("^", "", "~", "\\", "&"), "delimiters-defaulted"),
            ("MSH|^~\\\\&|", Delimiters("|", "^", "~", "\\", "&"), "delimiters-doubled"),
            ("MSH|^~\\&#!|", Delimiters("|", "^", "~", "\\", "&", "#"), "delimiters-extra"),
        ],
    )
    def test_careless_ones_are_mended_with_a_remark(self, header: str, found: Delimiters, code: str) -> None:
        read = message(f"{header}\rPID\r")
        assert read.delimiters == found
        assert codes(read) == [("MSH-2", code)]
        assert read.encode() == f"{header}\rPID\r".encode()

    @pytest.mark.parametrize(
        ("header", "place"),
        [
            ("MSH", "MSH-1"),
            ("MSHA^~\\&A", "MSH-1"),
            ("MSH ^~\\& ", "MSH-1"),
            ("MSH\r", "MSH-1"),
            ("MSH|0000|", "MSH-2"),
            ("MSH|^~y&|", "MSH-2"),
            ("MSH|^ÿ&|", "MSH-2"),
            ("MSH|^ \\&|", "MSH-2"),
            ("MSH|^^\\&|", "MSH-2"),
            ("MSH|^\x00\\&|", "MSH-2"),
            ("PID|1|", "MSH"),
            ("BHS|^~\\&|", "MSH"),
            ("", "MSH"),
            ("msh|^~\\&|", "MSH"),
        ],
    )
    def test_unusable_ones_are_refused_with_their_place(self, header: str, place: str) -> None:
        with pytest.raises(er7.ParseError) as refusal:
            message(header)
        assert refusal.value.place == place
        assert refusal.value.code == "unreadable"

    def test_msh_counts_its_separator_as_field_1(self) -> None:
        read = message(HEAD)
        assert [read.get(f"MSH-{number}") for number in (1, 2, 3, 10, 12)] == ["|", "^~\\&", "PHARM", "M1", "2.5"]
        assert read.get("MSH-2.1") == "^~\\&"
        assert read.get("MSH-2.2") == ""
        assert read.raw_at("MSH-2") == "^~\\&"
        assert read.repetitions("MSH-2") == ["^~\\&"]
        assert read.segments("MSH")[0].get("2") == "^~\\&"
        assert read.segments("MSH")[0].fields[:4] == ["MSH", "|", "^~\\&", "PHARM"]


class TestSegments:
    @pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
    @pytest.mark.parametrize("last", [True, False])
    def test_lines_end_as_they_end(self, end: str, last: bool) -> None:
        text = TWO_ORDERS.replace("\r", end)
        read = message(text if last else text.removesuffix(end))
        assert read.names == ["MSH", "PID", "ORC", "RXE", "NTE", "NTE", "ORC", "RXE", "RXR", "ORC"]
        assert read.get("NTE[2]-3") == "two"
        assert read.get("ORC[3]-2") == "PL-3"
        assert read.warnings == []
        read.set("PID-3", "x")
        assert read.encode() == (text if last else text.removesuffix(end)).replace("100234", "x").encode()

    def test_mixed_line_ends_survive_a_change(self) -> None:
        text = "MSH|^~\\&|A\rPID|1\nPV1|1\r\n\r\nORC|NW\r\r"
        read = message(text)
        assert read.names == ["MSH", "PID", "PV1", "ORC"]
        assert read.warnings == []
        read.set("PV1-2", "I")
        assert read.encode() == text.replace("PV1|1", "PV1|1|I").encode()

    @pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
    def test_a_line_that_starts_no_segment_continues_the_one_before(self, end: str) -> None:
        text = f"MSH|^~\\&|A{end}NTE|1||first line{end}second line{end}{end}- third{end}OBX|1|TX|||x{end}"
        read = message(text)
        assert read.names == ["MSH", "NTE", "OBX"]
        assert read.get("NTE-3") == f"first line{end}second line{end}{end}- third"
        assert codes(read) == [("NTE[1]", "line-joined")]
        read.set("OBX-5", "y")
        assert read.encode() == text.replace("|||x", "|||y").encode()

    def test_a_newline_inside_a_field_is_part_of_it(self) -> None:
        assert message(HEAD + "NTE|1||first\nsecond\rOBX|1\r").get("NTE-3") == "first\nsecond"

    def test_indented_and_lower_case_segments_are_read_with_a_remark(self) -> None:
        text = "  MSH|^~\\&|A\r\n  PID|1||7\r\n\tpv1|1|I\r\nzzz|not a segment\r\n"
        read = message(text)
        assert read.names == ["MSH", "PID", "PV1"]
        assert (read.get("PID-3"), read.get("PV1-2")) == ("7", "I\r\nzzz")
        assert ("PID[1]", "segment-indented") in codes(read)
        assert ("PV1[1]", "segment-lower-case") in codes(read)
        read.set("PID-3", "8")
        assert read.encode() == text.replace("||7", "||8").encode()

    def test_a_segment_may_be_only_its_name_or_a_sites_own(self) -> None:
        read = message(HEAD + "EVN\rZP1|kept\rZQ9\r")
        assert read.names == ["MSH", "EVN", "ZP1", "ZQ9"]
        assert read.get("ZP1-1") == "kept"
        assert read.get("ZQ9-1") == ""
        assert read.warnings == []

    def test_segments_are_listed_with_their_place(self) -> None:
        read = message(TWO_ORDERS)
        assert [(segment.name, segment.index) for segment in read.segments("NTE")] == [("NTE", 4), ("NTE", 5)]
        assert len(read.segments()) == 10
        assert read.segments("ZZZ") == []
        note = read.segments("NTE")[1]
        assert (note.text, note.get("3"), note.raw_at("3"), note.fields) == (
            "NTE|2||two",
            "two",
            "two",
            ["NTE", "2", "", "two"],
        )


class TestPaths:
    PID = 'PID|1||100^^^OAKS&1.2.3&ISO^PI~900^^^^SS||Marlowe^Edith^""||""||Take \\T\\ chew\r'

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("PID-1", "1"),
            ("PID-2", ""),
            ("PID-3", "100"),
            ("PID-3.1", "100"),
            ("PID-3[1].1.1", "100"),
            ("PID-3.4", "OAKS"),
            ("PID-3.4.2", "1.2.3"),
            ("PID-3.4.9", ""),
            ("PID-3[2]", "900"),
            ("PID-3[2].5", "SS"),
            ("PID-3[3]", ""),
            ("PID-3.9", ""),
            ("PID-1.2", ""),
            ("PID-1.1.2", ""),
            ("PID-1[2]", ""),
            ("PID-5.2", "Edith"),
            ("PID-5.3", er7.NULL),
            ("PID-7", er7.NULL),
            ("PID-8", ""),
            ("PID-9", "Take & chew"),
            ("PID-99", ""),
            ("PID[2]-1", ""),
            ("ZZZ-1", ""),
            ("ZZZ[4]-1", ""),
        ],
    )
    def test_a_path_reads_the_leaf(self, path: str, value: str) -> None:
        read = message(HEAD + self.PID)
        assert read.get(path) == value
        assert read.get(path) == value
        segment, _, place = path.partition("-")
        if segment == "PID":
            assert read.segments("PID")[0].get(place) == value

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            ("PID", PID.rstrip("\r")),
            ("PID-3", "100^^^OAKS&1.2.3&ISO^PI~900^^^^SS"),
            ("PID-3[1]", "100^^^OAKS&1.2.3&ISO^PI"),
            ("PID-3.4", "OAKS&1.2.3&ISO"),
            ("PID-3[2].5", "SS"),
            ("PID-9", "Take \\T\\ chew"),
            ("PID-99", ""),
            ("ZZZ", ""),
        ],
    )
    def test_the_source_text_is_there_too(self, path: str, text: str) -> None:
        assert message(HEAD + self.PID).raw_at(path) == text

    def test_repetitions_and_counts(self) -> None:
        read = message(TWO_ORDERS + self.PID)
        assert read.repetitions("PID[2]-3") == ["100^^^OAKS&1.2.3&ISO^PI", "900^^^^SS"]
        assert read.repetitions("PID[2]-2") == []
        assert (read.count("PID[2]-3"), read.count("PID-3"), read.count("PID-2")) == (2, 1, 0)
        assert (read.count("ORC"), read.count("NTE"), read.count("ZZZ")) == (3, 2, 0)
        assert (read.count("ORC[1]/NTE"), read.count("ORC[2]/NTE")) == (2, 0)

    @pytest.mark.parametrize("path", ["PID", "ORC[2]/RXE"])
    def test_a_segment_has_no_value(self, path: str) -> None:
        with pytest.raises(er7.PathError) as refusal:
            message(TWO_ORDERS).get(path)
        assert refusal.value.place == path

    def test_part_of_a_field_has_no_repetitions(self) -> None:
        with pytest.raises(er7.PathError) as refusal:
            message(TWO_ORDERS).repetitions("PID-3[1].1")
        assert refusal.value.place == "PID-3[1].1"

    def test_hexadecimal_text_is_read_in_the_messages_encoding(self) -> None:
        raw = "MSH|^~\\&|Caf\\XE9\\" + "|" * 15 + "8859/1\r"
        assert message(raw).get("MSH-3") == "Café"


class TestGroups:
    def test_each_order_has_its_own_segments(self) -> None:
        groups = message(TWO_ORDERS).groups()
        assert [group.number for group in groups] == [1, 2, 3]
        assert [group.get("ORC-2") for group in groups] == ["PL-1", "PL-2", "PL-3"]
        assert [group.get("RXE-2.2") for group in groups] == ["First", "Second", ""]
        assert [group.count("NTE") for group in groups] == [2, 0, 0]
        assert [len(group.segments()) for group in groups] == [4, 3, 1]
        assert [segment.get("3") for segment in groups[0].segments("NTE")] == ["one", "two"]
        assert groups[0].get("NTE[2]-3") == "two"
        assert groups[1].get("NTE-3") == ""
        assert groups[1].raw_at("RXE-2") == "B^Second"
        assert groups[0].get("PID-3") == ""

    def test_a_path_names_the_group(self) -> None:
        read = message(TWO_ORDERS)
        assert read.get("ORC[1]/RXE-2.2") == "First"
        assert read.get("ORC/RXE-2.2") == "First"
        assert read.get("ORC[2]/RXE-2.2") == "Second"
        assert read.get("ORC[3]/RXE-2.2") == ""
        assert read.get("ORC[4]/RXE-2.2") == ""
        assert read.get("ORC[1]/NTE[2]-3") == "two"
        assert read.raw_at("ORC[2]/RXR") == "RXR|PO"

    @pytest.mark.parametrize("orc", ["", "ORC|NW|PL-1\r"])
    def test_a_single_order_owns_the_whole_message(self, orc: str) -> None:
        # Long-term-care senders put PV1 after RXE, others RXE before ORC.
        read = message(HEAD + "PID|1||7\rRXE||A^First\r" + orc + "PV1|1|I\r")
        (group,) = read.groups()
        assert (group.get("PID-3"), group.get("RXE-2.2"), group.get("PV1-2")) == ("7", "First", "I")
        assert read.get("ORC[1]/RXE-2.2") == "First"
        assert read.get("ORC[2]/RXE-2.2") == ""

    def test_any_segment_may_lead(self) -> None:
        groups = message(TWO_ORDERS).groups("RXE")
        assert [group.get("RXE-2.1") for group in groups] == ["A", "B"]


class TestSet:
    @pytest.mark.parametrize(
        ("path", "value", "source"),
        [
            ("PID-3", "X", "PID|1||X"),
            ("PID-3.1", "X", "PID|1||X^b&c~d"),
            ("PID-3.2.2", "X", "PID|1||a^b&X~d"),
            ("PID-3.2", "X", "PID|1||a^X~d"),
            ("PID-3[2]", "X", "PID|1||a^b&c~X"),
            ("PID-3[4].2", "X", "PID|1||a^b&c~d~~^X"),
            ("PID-6", "X", "PID|1||a^b&c~d|||X"),
            ("PID-3.1", "", "PID|1||^b&c~d"),
            ("PID-3", er7.NULL, 'PID|1||""'),
            ("PID-1", "A|B", "PID|A\\F\\B||a^b&c~d"),
        ],
    )
    def test_it_replaces_what_the_path_names(self, path: str, value: str, source: str) -> None:
        read = message(HEAD + "PID|1||a^b&c~d\rPV1|1\r")
        read.set(path, value)
        assert read.encode() == (HEAD + source + "\rPV1|1\r").encode()
        assert read.get(path) == value
        assert read.raw_at("PID") == source

    def test_what_was_read_before_is_read_anew(self) -> None:
        read = message(TWO_ORDERS)
        group = read.groups()[1]
        assert (read.get("ORC[2]/RXE-2.2"), group.get("RXE-2.2")) == ("Second", "Second")
        read.set("ORC[2]/RXE-2.2", "Other")
        assert (read.get("ORC[2]/RXE-2.2"), read.get("RXE[2]-2.2"), group.get("RXE-2.2")) == ("Other",) * 3
        assert read.get("RXE-2.2") == "First"

    @pytest.mark.parametrize("path", ["ZZZ-1", "ORC[4]-1", "ORC[3]/RXE-2", "PID", "MSH-1", "MSH-2", "MSH-2.1", "PID-x"])
    def test_a_refusal_names_the_path_and_changes_nothing(self, path: str) -> None:
        read = message(TWO_ORDERS)
        with pytest.raises(er7.PathError) as refusal:
            read.set(path, "X")
        assert refusal.value.place == path
        assert read.encode() == TWO_ORDERS.encode()

    def test_a_value_the_character_set_lacks_is_refused_without_repeating_it(self) -> None:
        read = message("MSH|^~\\&" + "|" * 16 + "8859/1\rPID|1\r")
        with pytest.raises(er7.PathError) as refusal:
            read.set("PID-5", "Łukasz")
        assert refusal.value.place == "PID-5"
        assert "Łukasz" not in str(refusal.value)
        assert read.encode() == read.raw

    def test_a_level_without_delimiter_is_refused(self) -> None:
        read = message("MSH^~^\rPID^1\r")  # MSH-1 took the usual component separator
        with pytest.raises(er7.PathError) as refusal:
            read.set("PID-5.2", "X")
        assert refusal.value.place == "PID-5.2"
        read.set("PID-5.1", "X")
        assert read.encode() == b"MSH^~^\rPID^1^^^^X\r"

    def test_header_fields_are_set_at_their_number(self) -> None:
        read = message(HEAD)
        read.set("MSH-10", "NEW")
        read.set("MSH-15", "AL")
        assert read.encode() == HEAD.replace("|M1|", "|NEW|").replace("|2.5\r", "|2.5|||AL\r").encode()


@pytest.mark.timeout(30)
@pytest.mark.parametrize("wrapped", [False, True])
def test_forty_megabytes_of_base64_are_read_in_one_pass(wrapped: bool) -> None:
    line = "JVBERi0xLjcKJeLjz9MKMyAwIG9iago8PCAvVHlwZSAvUGFnZSAvUGFyZW50IDEgMCBSIC9SZXNv"
    payload = ("\r\n" if wrapped else "").join([line] * (40_000_000 // len(line)))
    raw = f"{HEAD}OBX|1|ED|PDF^Chart||^application^pdf^Base64^{payload}||||||F\rNTE|1||after\r".encode()
    read = er7.parse(raw)
    assert read.names == ["MSH", "OBX", "NTE"]
    for _ in range(3):
        assert len(read.get("OBX-5.5")) == len(payload)
        assert read.get("OBX-11") == "F"
    read.set("NTE-3", "changed")
    assert len(read.encode()) == len(raw) + len("changed") - len("after")


def test_a_long_run_of_segments_is_read_by_number() -> None:
    read = message(HEAD + "".join(f"OBX|{number}|NM|||{number}\r" for number in range(1, 20_001)))
    assert sum(int(read.get(f"OBX[{number}]-5")) for number in range(1, 20_001)) == 200_010_000


def test_the_sample_of_the_benchmarks_is_an_order_of_about_700_bytes() -> None:
    raw = rde_o11("CONTROL-1", family="O|Neil")
    read = er7.parse(raw)
    assert 650 <= len(raw) <= 750
    assert (read.get("MSH-10"), read.get("PID-5.1"), read.warnings) == ("CONTROL-1", "O|Neil", [])
