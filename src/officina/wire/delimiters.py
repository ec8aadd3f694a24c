"""The delimiters a message declares in MSH-1 and MSH-2 (FHS and BHS alike), HL7 v2 chapter 2.5.4."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from officina.errors import OfficinaError
from officina.wire.remark import Remark

RECOMMENDED = "^~\\&"


class ParseError(OfficinaError):
    """The bytes have no usable MSH, so nothing in them can be named."""

    code = "unreadable"


class Delimiters(NamedTuple):
    """One character each; ``truncation`` is '' when the message gives none.

    A role whose default is already taken by another role is '' as well: the message cannot express that level.
    """

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"
    truncation: str = ""

    @property
    def encoding_characters(self) -> str:
        """MSH-2 as this message would write it."""
        return "".join(self[1:])


@lru_cache(maxsize=256)
def read(separator: str, declared: str, segment: str = "MSH") -> tuple[Delimiters, tuple[Remark, ...]]:
    """Delimiters from MSH-1 (one character) and MSH-2 (0 to 5 characters); raises ParseError when unusable."""
    if not _separates(separator):
        raise ParseError(
            "the character after the segment name cannot be a field separator",
            place=f"{segment}-1",
            remedy=f"begin the message with {segment}|^~\\&",
        )
    remarks: list[Remark] = []
    characters = _repaired(declared, separator, segment, remarks)
    roles = _roles(characters)
    missing = [name for name, value in roles.items() if not value and name != "truncation"]
    if missing:
        taken = {separator, *roles.values()}
        for name, usual in zip(_ROLES, RECOMMENDED, strict=False):
            if name in missing and usual not in taken:
                roles[name] = usual
        text = f"the encoding characters leave out {' and '.join(missing)}; the usual ones are taken"
        remarks.append(Remark(f"{segment}-2", "delimiters-defaulted", text))
    return Delimiters(separator, **roles), tuple(remarks)


_ROLES = ("component", "repetition", "escape", "subcomponent", "truncation")


def _repaired(declared: str, separator: str, segment: str, remarks: list[Remark]) -> str:
    """The usable encoding characters; known damage is mended with a remark, anything else refused."""
    place = f"{segment}-2"
    characters = declared
    if "\\\\" in characters:  # a backslash escaped once too often by the sender's programming language
        characters = characters.replace("\\\\", "\\")
        remarks.append(Remark(place, "delimiters-doubled", "the escape character is written twice; read as once"))
    if len(characters) > len(_ROLES):
        characters = characters[: len(_ROLES)]
        remarks.append(Remark(place, "delimiters-extra", "more than five encoding characters; the rest is ignored"))
    if not all(map(_separates, characters)):
        raise ParseError("letters, digits, spaces and control characters cannot be encoding characters", place=place)
    if len({separator, *characters}) != len(characters) + 1:
        raise ParseError("one character has two roles among the encoding characters", place=place)
    return characters


def _roles(characters: str) -> dict[str, str]:
    """Role by position; but a shortened form of the recommended set keeps the recommended roles (`^~&`, `~\\&`)."""
    remaining = iter(RECOMMENDED)
    if len(characters) < len(RECOMMENDED) and all(character in remaining for character in characters):
        return {
            role: usual if usual in characters else "" for role, usual in zip(_ROLES, RECOMMENDED + " ", strict=True)
        }
    return dict(zip(_ROLES, (*characters, "", "", "", "", ""), strict=False))


def _separates(character: str) -> bool:
    return len(character) == 1 and character.isprintable() and not character.isalnum() and character != " "
