"""A message's text cut into segments, whatever ends the lines: CR, LF, CRLF or a mixture. Knows no field."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import NamedTuple

from officina.wire.remark import Remark

# The segments met in pharmacy traffic: a quick yes; any other name is tested by its form. A lower-case name counts
# only when it is one of these, because free text after a line end may start with any three letters.
_USUAL = """
ABS ACC ADD AIG AIL AIP AIS AL1 ARV BHS BLG BTS CDM CON CTI DB1 DG1 DRG DSC DSP EQU ERR EVN FAC FHS FT1 FTS GOL
GP1 GP2 GT1 IAM IN1 IN2 IN3 LAN MFA MFE MFI MRG MSA MSH NK1 NPU NTE OBR OBX ODS ODT OM1 ORC ORG PD1 PDA PID PR1
PRA PRB PRD PRT PV1 PV2 QAK QPD QRD QRF RCP RDF RDT RF1 RGS ROL RXA RXC RXD RXE RXG RXO RXR RXV SAC SCH SFT SPM
STF TQ1 TQ2 TXA UAC UB1 UB2 VAR ZPI
"""
USUAL = frozenset(_USUAL.split())
_INDENT = " \t"
_EMPTY = " \t\x0b\x1c"


class Lines(NamedTuple):
    """``segments[i]`` is followed by ``gaps[i]`` (its terminator and any blank lines); ``head`` stands before all.

    ``head + segments[0] + gaps[0] + …`` is the text again, character for character. ``names`` are upper case.
    """

    segments: list[str]
    gaps: list[str]
    head: str
    names: list[str]
    remarks: list[Remark]


@lru_cache(maxsize=64)
def name_pattern(separator: str) -> re.Pattern[str]:
    """What a segment starts with: its name, then the field separator or nothing more."""
    return re.compile(rf"[A-Z][A-Z0-9]{{2}}(?:{re.escape(separator)}|\Z)")


def uniform(text: str, separator: str) -> tuple[list[str], list[str], str] | None:
    """(lines, their names, terminator) when one terminator ends every line and every line is a segment; else None.

    The last line is '' and has no name when the text ends with a terminator.
    """
    if "\n" not in text:
        end = "\r"
    elif "\r" not in text:
        end = "\n"
    elif text.count("\r\n") == text.count("\n") == text.count("\r"):
        end = "\r\n"
    else:
        return None
    lines = text.split(end)
    closed = not lines[-1]
    if closed:
        lines.pop()
    usual = _usual_starts(separator)
    try:
        names = [usual[line[:4]] for line in lines]
    except KeyError:
        if not all(map(name_pattern(separator).match, lines)):
            return None
        names = [line[:3] for line in lines]
    if closed:
        lines.append("")
    return lines, names, end


@lru_cache(maxsize=64)
def _usual_starts(separator: str) -> dict[str, str]:
    """The first four characters of the usual segments (three, where the segment is only its name) and their names."""
    return {start: name for name in USUAL for start in (name + separator, name)}


def cut(text: str, separator: str) -> Lines:
    """Any text, line by line: a line that does not start like a segment continues the one before it."""
    cutter = _Cutter(separator)
    for chunk_number, chunk in enumerate(text.split("\r")):
        for line_number, line in enumerate(chunk.split("\n")):
            if line_number:
                cutter.blank.append("\n")
            elif chunk_number:
                cutter.blank.append("\r")
            cutter.line(line)
    return cutter.close()


class _Cutter:
    def __init__(self, separator: str) -> None:
        self.separator = separator
        self.starts = name_pattern(separator)
        self.lines = Lines([], [], "", [], [])
        self.head = ""
        self.parts: list[str] = []  # of the segment being read
        self.blank: list[str] = []  # line ends and blank lines since its last part
        self.joined = False
        self.seen: Counter[str] = Counter()

    def line(self, line: str) -> None:
        if not line.strip(_EMPTY):
            if line:
                self.blank.append(line)
            return
        bare = line.lstrip(_INDENT)
        name = bare[:3]
        if self.starts.match(bare) or self._careless(bare, name):
            self._begin(line, bare, name)
        elif self.parts:
            self.parts.extend(self.blank)
            self.parts.append(line)
            self.blank.clear()
            self.joined = True

    def close(self) -> Lines:
        self._finish()
        return self.lines._replace(head=self.head)

    def _careless(self, bare: str, name: str) -> bool:
        return bare[3:4] == self.separator and name.upper() in USUAL

    def _begin(self, line: str, bare: str, name: str) -> None:
        self.blank.append(line[: len(line) - len(bare)])
        self._finish()
        self.parts = [bare]
        self.lines.names.append(name.upper())
        self.seen[name.upper()] += 1
        if len(bare) != len(line):
            self._remark("segment-indented", "the segment is indented; the white space is left out")
        if name != name.upper():
            self._remark("segment-lower-case", "the segment's name is in lower case")

    def _finish(self) -> None:
        gap = "".join(self.blank)
        self.blank.clear()
        if not self.parts:
            self.head += gap
            return
        self.lines.segments.append("".join(self.parts))
        self.lines.gaps.append(gap)
        if self.joined:
            self._remark("line-joined", "a line that starts like no segment is read as part of the segment before it")
        self.joined = False

    def _remark(self, code: str, text: str) -> None:
        name = self.lines.names[-1]
        path = f"{name}[{self.seen[name]}]"
        self.lines.remarks.append(Remark(path, code, text))
