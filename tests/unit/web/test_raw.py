"""Bytes made visible."""

from __future__ import annotations

from officina.web import raw
from officina.wire import er7


def shown(lines: list[list[raw.Piece]]) -> list[str]:
    return ["".join(f"<{piece.text}>" if piece.kind == "char" else piece.text for piece in line) for line in lines]


def fields(lines: list[list[raw.Piece]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        for piece in line:
            if piece.field:
                found[piece.field] = found.get(piece.field, "") + piece.text
    return found


def test_every_control_character_is_named_and_every_field_has_its_path() -> None:
    message = er7.parse(b"MSH|^~\\&|A\x0bB|C\rOBX|1|TX\rOBX|2|TX\x85\r")
    lines = raw.of_message(message)
    assert shown(lines) == ["MSH|^~\\&|A<VT>B|C<CR>", "OBX|1|TX<CR>", "OBX|2|TX…<CR>"]
    found = fields(lines)
    assert found["MSH-2"] == "^~\\&"
    assert found["MSH-3"] == "AVTB"
    assert found["OBX[1]-1"] == "1"
    assert found["OBX[2]-1"] == "2"


def test_fields_have_the_paths_of_the_tree() -> None:
    from officina.web import segments

    message = er7.parse(b"MSH|^~\\&|APP\rPID|1||1^^^A~2^^^B\rORC|NW\rRXE|1\rORC|XO\rRXE|2|D^rug\r")
    of_tree = {element.field for segment in segments.of_message(message) for element in segment.elements}
    assert set(fields(raw.of_message(message))) - of_tree == set()


def test_lines_that_are_no_segments_are_text() -> None:
    assert shown(raw.of_bytes(b"hello\n\x00\xff")) == ["hello<LF>", "<NUL>ÿ"]
    assert fields(raw.of_bytes(b"PID|1")) == {}


def test_invisible_unicode_is_shown() -> None:
    assert shown(raw.lines("a\u200bb\ufeff")) == ["a<200B>b<FEFF>"]
    assert raw.visible("two\nlines\x07") == "two\nlines‹BEL›"


def test_hexadecimal_rows_hold_sixteen_bytes() -> None:
    rows = raw.hex_rows(b"MSH|^~\\&|0123456789")
    assert [row.at for row in rows] == ["000000", "000010"]
    assert rows[0].hex == "4d 53 48 7c 5e 7e 5c 26  7c 30 31 32 33 34 35 36"
    assert rows[0].text == "MSH|^~\\&|0123456"
    assert rows[1].hex.split() == ["37", "38", "39"]


def test_much_is_cut() -> None:
    assert sum(len(piece.text) for line in raw.of_bytes(b"x" * 100_000) for piece in line) == raw.MOST
