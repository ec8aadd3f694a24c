"""Which characters the bytes mean: BOM and UTF-16, MSH-18 (HL7 table 0211), strict UTF-8, else a fallback.

Decoding loses nothing: a byte without a character in the fallback stands as the control character of its number.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from typing import NamedTuple

from officina.wire.remark import Remark

# HL7 table 0211, and spellings met in practice -> Python codec. UTF-16 and UTF-32 show in the bytes themselves,
# so where a readable MSH declares them the bytes are something else, most often UTF-8.
_CODECS = {
    "ASCII": "ascii",
    "US-ASCII": "ascii",
    "ISO IR6": "ascii",
    "ISO IR14": "iso2022_jp",
    "ISO IR87": "iso2022_jp",
    "ISO IR159": "iso2022_jp_1",
    "GB 18030-2000": "gb18030",
    "KS X 1001": "euc_kr",
    "BIG-5": "big5",
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "UNICODE UTF-16": "utf-8",
    "UNICODE UTF-32": "utf-8",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
    "LATIN1": "iso8859-1",
    "LATIN-1": "iso8859-1",
    "SHIFT_JIS": "cp932",
    "SHIFT-JIS": "cp932",
}
_ISO_8859 = re.compile(r"(?:ISO[ _-]?)?8859[/_-](1[013-6]|[1-9])")
_WINDOWS = re.compile(r"(?:WINDOWS|WIN|CP)[ _-]?(125[0-8])")
_SHIFTING = frozenset({"iso2022_jp", "iso2022_jp_1"})
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_WIDE_STARTS = tuple(
    (name.encode(encoding), encoding) for name in ("MSH", "FHS", "BHS") for encoding in ("utf-16-le", "utf-16-be")
)
_PROBE = rb"ABC abc 0123456789 |^~\\\\&#+AGE-\u0041"  # what ASCII is to HL7 and escapes elsewhere
_PLACE = "MSH-18"
_LONGEST = 100  # bytes; no cache holds a longer MSH-18
_BYTE = "officina-byte"


class Decoded(NamedTuple):
    """Text without its byte order mark; ``bom`` is that mark, ``encoding`` the Python codec that was right."""

    text: str
    encoding: str
    bom: bytes = b""
    remarks: tuple[Remark, ...] = ()


def decode(raw: bytes, fallback: str = "cp1252") -> Decoded:
    """Read one message's bytes; never fails, whatever the bytes are."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return _marked(raw[len(mark) :], encoding, mark, fallback)
    for start, encoding in _WIDE_STARTS:
        if raw.startswith(start):
            return _wide(raw, encoding, b"")
    return _declared(raw, fallback)


def encode(text: str, encoding: str) -> bytes:
    """The bytes of a text; raises UnicodeEncodeError when the character set lacks a character."""
    return text.encode(encoding, _BYTE)


def unfit(name: str) -> str:
    """Why no message can be read in the Python codec of this name; '' when one can."""
    try:
        read = _PROBE.decode(name)
        b"\xe9".decode(name, _BYTE)
    except LookupError:  # also for codecs that are none of text, such as rot13
        return f"there is no character set {name}"
    except ValueError:
        read = ""
    if read != _PROBE.decode("ascii"):  # UTF-16, EBCDIC, escapes of a programming language
        return f"{name} does not write the delimiters and letters of HL7 as ASCII does"
    return ""


def wide_encoding(raw: bytes) -> str:
    """The UTF-16 codec the first bytes show, by their mark or by the NULs in `MSH`, else ''."""
    for start, encoding in (*_MARKS[1:], *_WIDE_STARTS):
        if raw.startswith(start):
            return encoding
    return ""


def declared_codec(raw: bytes) -> tuple[str, str]:
    """(codec, name) of MSH-18's first usable repetition; codec '' when unknown, name '' when MSH-18 is empty."""
    header = raw[:end] if (end := raw.find(b"\r")) >= 0 else raw
    header = header[:end] if (end := header.find(b"\n")) >= 0 else header
    fields = header.split(header[3:4], 18) if len(header) > 3 else []
    if len(fields) < 18 or not fields[17]:
        return "", ""
    declared = fields[17]
    names, codecs_found = (_usual_names if len(declared) <= _LONGEST else _names)(declared)
    # "ASCII~ISO IR87": ISO 2022 text starts in ASCII and shifts where an ESC byte says so (chapter 2.15.9.18).
    shifting = [codec for codec in codecs_found if codec in _SHIFTING]
    if shifting and codecs_found[0] in ("ascii", "") and b"\x1b" in raw:
        return shifting[0], names[codecs_found.index(shifting[0])]
    return (codecs_found[0], names[0]) if names else ("", "")


def _names(declared: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The repetitions of MSH-18, and their codecs."""
    names = tuple([_word(part) for part in re.split(rb"[~^]", declared) if part])
    return names, tuple(map(codec, names))


_usual_names = lru_cache(maxsize=256)(_names)  # most senders write the same


def _declared(raw: bytes, fallback: str) -> Decoded:
    codec, name = declared_codec(raw)
    if codec:
        try:
            return Decoded(raw.decode(codec), codec)
        except UnicodeDecodeError:
            text = f"the bytes are not {name}, which the message declares"
            return _guessed(raw, fallback, Remark(_PLACE, "charset-mismatch", text))
    unknown = Remark(_PLACE, "charset-unknown", "the declared character set is not in HL7 table 0211") if name else None
    return _guessed(raw, fallback, unknown)


def _guessed(raw: bytes, fallback: str, remark: Remark | None) -> Decoded:
    remarks = (remark,) if remark else ()
    try:
        return Decoded(raw.decode("utf-8"), "utf-8", b"", remarks)
    except UnicodeDecodeError:
        pass
    encoding = fallback
    text = raw.decode(encoding, _BYTE)
    try:
        reversible = encode(text, encoding) == raw
    except UnicodeEncodeError:
        reversible = False
    if not reversible:
        encoding = "iso8859-1"
        text = raw.decode(encoding)
    used = Remark(_PLACE, "charset-fallback", f"the bytes are not UTF-8; read as {encoding}")
    return Decoded(text, encoding, b"", (*remarks, used))


def _marked(raw: bytes, encoding: str, mark: bytes, fallback: str) -> Decoded:
    if encoding != "utf-8":
        return _wide(raw, encoding, mark)
    return _guessed(raw, fallback, None)._replace(bom=mark)


def _wide(raw: bytes, encoding: str, mark: bytes) -> Decoded:
    try:
        return Decoded(raw.decode(encoding), encoding, mark)
    except UnicodeDecodeError:
        text = "the bytes are not whole UTF-16 characters; the broken ones are replaced"
        broken = Remark(_PLACE, "charset-mismatch", text)
        return Decoded(raw.decode(encoding, "replace"), encoding, mark, (broken,))


def _word(part: bytes) -> str:
    return " ".join(part.decode("ascii", "replace").upper().split())


def codec(name: str) -> str:
    known = _CODECS.get(name)
    if known:
        return known
    iso = _ISO_8859.fullmatch(name)
    if iso:
        return f"iso8859-{iso[1]}"
    windows = _WINDOWS.fullmatch(name)
    return f"cp{windows[1]}" if windows else ""


def _stand_in(error: UnicodeError) -> tuple[str | bytes, int]:
    if isinstance(error, UnicodeDecodeError):
        return error.object[error.start : error.end].decode("iso8859-1"), error.end
    if isinstance(error, UnicodeEncodeError):
        codes = [ord(character) for character in error.object[error.start : error.end]]
        if all(0x80 <= code <= 0xFF for code in codes):
            return bytes(codes), error.end
    raise error


codecs.register_error(_BYTE, _stand_in)
