"""What a message says, in the character set it was taken in."""

from __future__ import annotations

from officina.web.message import Content, content_of

NAMED = "MSH|^~\\&|PHARMCO|MAIN|||20260304||RDE^O11|1|P|2.5\rPID|1||7||Dvořák^Žofie\r"


def family(content: Content) -> tuple[str, str]:
    """As the tree has it, and as the bytes do."""
    assert content.tree is not None
    by_name = next(each.value for segment in content.tree for each in segment.elements if each.path == "PID-5.1")
    in_bytes = next(piece.text for line in content.lines for piece in line if piece.field == "PID-5")
    return by_name, in_bytes


def test_undeclared_bytes_are_read_as_the_listener_read_them() -> None:
    assert family(content_of(NAMED.encode("cp1250"), "cp1250")) == ("Dvořák", "Dvořák^Žofie")


def test_what_the_message_declares_comes_first() -> None:
    declared = NAMED.replace("|P|2.5\r", "|P|2.5||||||8859/2\r")
    assert family(content_of(declared.encode("iso8859-2"), "cp1252"))[0] == "Dvořák"


def test_bytes_of_no_message_are_shown_by_lines() -> None:
    assert content_of(b"\x00not a message", "").tree is None
