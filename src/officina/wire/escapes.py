"""Escape sequences of HL7 v2 chapter 2.7: both ways, for any delimiters. What is not known stays as it was written."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from officina.wire.delimiters import Delimiters

_LAYOUT = r"\.(?:br|ce|fi|nf|(?:sp|sk)(?:[+-]?\d{1,2})?|(?:in|ti)(?:[+-]?\d{1,3})?)"
_CONTROLS = {"\r": "X0D", "\n": "X0A", "\x0b": "X0B", "\x1c": "X1C"}  # ends of segments; what MLLP frames with


def unescape(text: str, delimiters: Delimiters, encoding: str = "utf-8") -> str:
    """The text a person reads. Hexadecimal bytes are read in ``encoding``; if they do not fit it they stay literal.

    `\\H\\` and `\\N\\` (highlighting) vanish, `\\.br\\` and `\\.sp\\` become line ends, other layout commands vanish.
    """
    if not delimiters.escape or delimiters.escape not in text:
        return text
    pattern, meaning = _reading(delimiters, "utf-8" if encoding.startswith("utf-16") else encoding)
    return pattern.sub(meaning, text)


def escape(text: str, delimiters: Delimiters) -> str:
    """The text as it may stand in a field: delimiters, line ends and the bytes of MLLP frames escaped.

    Raises ValueError when the text holds a NUL, or needs an escape character and the message has none.
    """
    if "\0" in text:
        raise ValueError("the text holds a NUL character, which HL7 cannot carry")
    pattern, sequences = _writing(delimiters)
    if pattern.search(text) is None:
        return text
    if not delimiters.escape:
        raise ValueError(
            "the text holds a delimiter or control character, and the message declares no escape character"
        )
    return pattern.sub(lambda match: sequences[match[0]], text)


def _replacement(meanings: dict[str, str], encoding: str) -> Callable[[re.Match[str]], str]:
    def meaning(match: re.Match[str]) -> str:
        body = match[1]
        known = meanings.get(body)
        if known is not None:
            return known
        if body[0] == "X":
            return _hexadecimal(body[1:], encoding, match[0])
        return _layout(body)

    return meaning


def _hexadecimal(digits: str, encoding: str, written: str) -> str:
    try:
        text = bytes.fromhex(digits).decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return written
    # NUL cannot be text anywhere it goes later; "\X00E0\" is a sender's UTF-16 and stays readable as written.
    return written if "\0" in text else text


def _layout(body: str) -> str:
    command, amount = body[1:3], body[3:]
    if command in ("br", "ce"):
        return "\n"
    if command == "sp":
        return "\n" * max(int(amount or 1), 1)
    if command == "sk":
        return " " * max(int(amount or 1), 0)
    return ""


@lru_cache(maxsize=256)
def _reading(delimiters: Delimiters, encoding: str) -> tuple[re.Pattern[str], Callable[[re.Match[str]], str]]:
    mark = re.escape(delimiters.escape)
    letters = zip("FSRETP", delimiters, strict=True)
    meanings = {letter: character for letter, character in letters if character} | {"H": "", "N": ""}
    body = f"[{''.join(meanings)}]|X(?:[0-9A-Fa-f]{{2}})+|{_LAYOUT}"
    return re.compile(f"{mark}({body}){mark}"), _replacement(meanings, encoding)


@lru_cache(maxsize=256)
def _writing(delimiters: Delimiters) -> tuple[re.Pattern[str], dict[str, str]]:
    mark = delimiters.escape
    letters = zip("FSRETP", delimiters, strict=True)
    sequences = {character: f"{mark}{letter}{mark}" for letter, character in letters if character}
    sequences |= {control: f"{mark}{code}{mark}" for control, code in _CONTROLS.items()}
    return re.compile("[" + re.escape("".join(sequences)) + "]"), sequences
