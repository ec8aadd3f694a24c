"""A message as a person reads it."""

from __future__ import annotations

from officina.wire import er7, show

RAW = (
    b"MSH|^~\\&|PHARM||||20260304||RDE^O11^RDE_O11|C-1|T|2.5.1\r"
    b'PID|||7^^^HOME&1.2&ISO^MR~8^^^SSA||Test\\T\\person^Ada||""\r'
    b"OBX|1|CE|||a^b\r"
    b"OBX|2|ED|||^^PDF^Base64^" + b"QUJD" * 2000 + b"\r"
    b"ZRX|x^y|one\\.br\\two \x1b[31m\r"
)


def tree() -> list[show.SegmentView]:
    return show.tree(er7.parse(RAW))


def test_segments_have_titles_and_numbers_where_there_are_several() -> None:
    assert [(view.name, view.path, view.title) for view in tree()] == [
        ("MSH", "MSH", "Message Header"),
        ("PID", "PID", "Patient Identification"),
        ("OBX", "OBX[1]", "Observation/Result"),
        ("OBX", "OBX[2]", "Observation/Result"),
        ("ZRX", "ZRX", "Z segment"),
    ]


def test_the_delimiters_are_fields_like_any_other() -> None:
    assert [(field.path, field.text) for field in tree()[0].fields[:3]] == [
        ("MSH-1", "|"),
        ("MSH-2", "^~\\&"),
        ("MSH-3", "PHARM"),
    ]


def test_a_field_repeats_and_has_components_and_subcomponents() -> None:
    first, second, name, born = tree()[1].fields
    assert (first.path, first.title, first.text) == ("PID-3[1]", "Patient Identifier List", "7^^^HOME&1.2&ISO^MR")
    assert [(each.path, each.title, each.text) for each in first.components] == [
        ("PID-3[1].1", "ID Number", "7"),
        ("PID-3[1].4", "Assigning Authority", "HOME&1.2&ISO"),
        ("PID-3[1].5", "Identifier Type Code", "MR"),
    ]
    assert [tuple(each) for each in first.components[1].subcomponents] == [
        ("PID-3[1].4.1", "Namespace ID", "HOME"),
        ("PID-3[1].4.2", "Universal ID", "1.2"),
        ("PID-3[1].4.3", "Universal ID Type", "ISO"),
    ]
    assert second.path == "PID-3[2]"
    assert name.components[0].text == "Test&person"
    assert born.null
    assert not name.null


def test_every_path_can_be_read_from_the_message() -> None:
    message = er7.parse(RAW)
    for segment in show.tree(message, longest=10**9):
        for field in segment.fields:
            for leaf in field.components or (field,):
                parts = getattr(leaf, "subcomponents", ())
                for part in parts or (leaf,):
                    assert message.get(part.path) == part.text


def test_components_of_an_observation_are_named_by_its_type() -> None:
    _, _, one, two, _ = tree()
    assert [each.title for each in one.fields[-1].components] == ["Identifier", "Text"]
    assert [each.title for each in two.fields[-1].components] == ["Data Subtype", "Encoding", "Data"]


def test_long_values_are_cut() -> None:
    data = tree()[3].fields[-1].components[-1].text
    assert data.endswith("… (8,000 characters)")
    assert len(data) < show.LONGEST + 30


def test_the_text_for_a_terminal() -> None:
    lines = show.text(er7.parse(RAW), width=80).splitlines()
    assert lines[:4] == [
        "MSH  Message Header",
        "  MSH-1             Field Separator                     |",
        "  MSH-2             Encoding Characters                 ^~\\&",
        "  MSH-3             Sending Application                 PHARM",
    ]
    assert '  PID-7             Date/Time of Birth                  "" (clears the value)' in lines
    assert lines[-2:] == [
        "  ZRX-2                                                 one",
        " " * 56 + "two ␛[31m",
    ]
    assert max(map(len, lines)) <= 80


def test_colour_is_only_where_it_is_asked_for() -> None:
    message = er7.parse(RAW)
    assert "\x1b" not in show.text(message)
    assert "\x1b[1;36mPID\x1b[0m" in show.text(message, color=True)


def test_delimiters_that_a_message_does_not_have_divide_nothing() -> None:
    message = er7.parse(b"MSH|^|A&B|C~D\rPID|x~y\r")
    assert [field.text for segment in show.tree(message) for field in segment.fields]
