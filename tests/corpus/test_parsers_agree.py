"""Our reader against python-hl7 and hl7apy over the corpus: every value at every place, or a listed reason why not.

The reasons are argued in docs/explain/parser-differences.md. A disagreement outside them fails, and so does a reason
that no message needs any more.
"""

from __future__ import annotations

import os
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import hl7
import pytest
from hl7apy.exceptions import HL7apyException
from hl7apy.parser import parse_message

from officina.wire import batch, charset, er7
from officina.wire.escapes import unescape

CORPUS = Path(os.environ.get("OFFICINA_CORPORA", Path(__file__).parents[2] / ".." / "shared" / "corpora")) / "hl7v2"
EXPLAINED = Path(__file__).parents[2] / "docs" / "explain" / "parser-differences.md"
HL7APY_SHARE = 3  # every third file: hl7apy takes some 15 ms per message
HL7APY_LONGEST = 20_000

Leaf: TypeAlias = tuple[int, int, int, int]
Leaves: TypeAlias = dict[Leaf, str]

PYTHON_HL7_REASONS = {
    "both-refuse",
    "unusable-delimiters",
    "shortened-delimiters",
    "header-alone",
    "line-joined",
    "blank-line",
    "segment-indented",
    "segment-lower-case",
    "white-space-kept",
    "layout-text",
    "highlight-text",
    "unknown-escape",
    "zero-bytes",
}
HL7APY_REASONS = {
    "both-refuse",
    "shortened-delimiters",
    "truncation-character",
    "doubled-delimiters",
    "version-unknown",
    "segment-unknown",
    "line-joined",
    "white-space-kept",
    "number-as-written",
    "escape-written-again",
    "place-as-written",
}


class Case(NamedTuple):
    """One message of the corpus: what we make of it (None when refused) and the text another reader gets."""

    place: str
    message: er7.Message | None
    text: str


class Verdicts:
    """Reasons met, and disagreements without one."""

    def __init__(self) -> None:
        self.reasons: Counter[str] = Counter()
        self.unexplained: list[str] = []
        self.compared = 0

    def note(self, reason: str, place: str, detail: str) -> None:
        if reason:
            self.reasons[reason] += 1
        else:
            self.unexplained.append(f"{place}: {detail}")

    def hold(self, reasons: set[str]) -> None:
        assert self.unexplained == []
        assert set(self.reasons) == reasons
        assert self.compared > 300


def corpus() -> list[Path]:
    if not CORPUS.is_dir():
        pytest.skip(f"the corpora are not at {CORPUS}; set OFFICINA_CORPORA")
    return sorted(path for path in CORPUS.rglob("*") if path.is_file() and path.name != "MANIFEST.tsv")


def cases(path: Path) -> Iterator[Case]:
    for number, raw in enumerate(batch.split(path.read_bytes()).messages, start=1):
        place = f"{path.relative_to(CORPUS)}#{number}"
        # Both oracles end segments at CR alone, so they get CR; line ends are our own tests' affair.
        text = charset.decode(raw).text.lstrip("\ufeff").replace("\r\n", "\r").replace("\n", "\r")
        try:
            yield Case(place, er7.parse(raw), text)
        except er7.ParseError:
            yield Case(place, None, text)


def our_leaves(message: er7.Message, segment: er7.Segment) -> Leaves:
    _, component, repetition, _, subcomponent, _ = message.delimiters
    leaves: Leaves = {}
    for number, field in enumerate(segment.fields[1:], start=1):
        if segment.name == "MSH" and number <= 2:
            leaves[number, 1, 1, 1] = field
            continue
        for r, repeat in enumerate(parts(field, repetition), start=1):
            for c, part in enumerate(parts(repeat, component), start=1):
                leaves |= {(number, r, c, s): leaf for s, leaf in enumerate(parts(part, subcomponent), start=1) if leaf}
    return leaves


def parts(text: str, separator: str) -> list[str]:
    return text.split(separator) if separator else [text]


# --- python-hl7 ------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:The 'warn' method is deprecated")
def test_python_hl7_agrees() -> None:
    verdicts = Verdicts()
    for path in corpus():
        for case in cases(path):
            compare_with_python_hl7(case, verdicts)
    verdicts.hold(PYTHON_HL7_REASONS)


def compare_with_python_hl7(case: Case, verdicts: Verdicts) -> None:
    try:
        theirs = hl7.parse(case.text)
    except (AssertionError, IndexError, hl7.ParseException) as error:
        verdicts.note(why_python_hl7_refuses(case), case.place, f"refused: {type(error).__name__}")
        return
    if case.message is None:
        verdicts.note("unusable-delimiters", case.place, "we refuse")
        return
    ours = case.message.segments()
    if len(ours) != len(theirs) or any(
        segment.name != str(other[0]) for segment, other in zip(ours, theirs, strict=True)
    ):
        verdicts.note(why_segments_differ(case), case.place, "segments")
        return
    verdicts.compared += 1
    for segment, other in zip(ours, theirs, strict=True):
        compare_leaves(case, segment, python_hl7_leaves(other), theirs, verdicts)


def python_hl7_leaves(segment: Any) -> Leaves:
    leaves: Leaves = {}
    for number in range(1, len(segment)):
        for r, repeat in enumerate(levels(segment[number]), start=1):
            for c, part in enumerate(levels(repeat), start=1):
                leaves |= {(number, r, c, s): str(leaf) for s, leaf in enumerate(levels(part), start=1) if str(leaf)}
    return leaves


def levels(container: Any) -> list[Any]:
    return [container] if isinstance(container, str) else list(container)


def compare_leaves(case: Case, segment: er7.Segment, others: Leaves, theirs: Any, verdicts: Verdicts) -> None:
    message = case.message
    assert message is not None
    ours = {place: leaf for place, leaf in our_leaves(message, segment).items() if leaf}
    codes = {remark.code for remark in message.warnings}
    if ours != others:
        stripped = {place: leaf.strip() for place, leaf in ours.items() if leaf.strip()}
        if stripped == {place: leaf.strip() for place, leaf in others.items() if leaf.strip()}:
            reason = "white-space-kept"
        elif message.delimiters.field not in segment.text[4:]:
            reason = "header-alone"
        else:
            reason = "shortened-delimiters" if "delimiters-defaulted" in codes else ""
        verdicts.note(reason, case.place, f"{segment.name}: {sorted(set(ours.items()) ^ set(others.items()))[:4]}")
        return
    for place, leaf in ours.items():
        where = ".".join(map(str, place))
        if segment.name == "MSH" and place[0] <= 2:
            continue
        read = unescape(leaf, message.delimiters, message.encoding)
        assert read == segment.get(f"{place[0]}[{place[1]}].{place[2]}.{place[3]}")
        if message.delimiters.escape in leaf and read != theirs.unescape(leaf):
            verdicts.note(why_texts_differ(leaf), case.place, f"{segment.name}-{where}: {leaf!r}")


def why_python_hl7_refuses(case: Case) -> str:
    if case.message is None:
        return "both-refuse"
    return "shortened-delimiters" if any("delimiters" in each.code for each in case.message.warnings) else ""


def why_segments_differ(case: Case) -> str:
    assert case.message is not None
    codes = {remark.code for remark in case.message.warnings}
    for reason in ("line-joined", "segment-indented", "segment-lower-case"):
        if reason in codes:
            return reason
    return "blank-line" if "\r\r" in case.text else ""


def why_texts_differ(leaf: str) -> str:
    """By the first sequence in the text that the two read differently."""
    for pattern, reason in (
        (r"\\\.[a-z]{2}[^\\]*\\", "layout-text"),
        (r"\\[HN]\\", "highlight-text"),
        (r"\\X[0-9A-Fa-f]*00[0-9A-Fa-f]*\\", "zero-bytes"),
        (r"\\[^FSRETHNX.\\][^\\]*(?:\\|\Z)", "unknown-escape"),
    ):
        if re.search(pattern, leaf):
            return reason
    return ""


# --- hl7apy ----------------------------------------------------------------------------------------------------------


def test_hl7apy_agrees() -> None:
    verdicts = Verdicts()
    for path in corpus():
        chosen = zlib.crc32(str(path.relative_to(CORPUS)).encode()) % HL7APY_SHARE == 0
        if chosen and path.stat().st_size <= HL7APY_LONGEST:
            for case in cases(path):
                compare_with_hl7apy(case, verdicts)
    verdicts.hold(HL7APY_REASONS)


def compare_with_hl7apy(case: Case, verdicts: Verdicts) -> None:
    try:
        theirs = parse_message(case.text, validation_level=2, find_groups=False)
    except (HL7apyException, IndexError) as error:
        verdicts.note(why_hl7apy_refuses(case, error), case.place, f"refused: {type(error).__name__}: {error}")
        return
    if case.message is None:
        verdicts.note("unusable-delimiters", case.place, "we refuse")
        return
    ours = case.message.segments()
    others = list(theirs.children)
    if [segment.name for segment in ours] != [other.name for other in others]:
        joined = any(remark.code == "line-joined" for remark in case.message.warnings)
        verdicts.note("line-joined" if joined else "", case.place, "segments")
        return
    verdicts.compared += 1
    for segment, other in zip(ours, others, strict=True):
        mine = our_leaves(case.message, segment)
        written = er7.parse(f"MSH{case.message.get('MSH-1')}{case.message.get('MSH-2')}\r{other.to_er7()}".encode())
        yours = our_leaves(case.message, written.segments()[-1])
        for reason in why_values_differ(mine, yours):
            verdicts.note(reason, case.place, f"{segment.name}: {sorted(set(mine.items()) ^ set(yours.items()))[:4]}")


def why_hl7apy_refuses(case: Case, error: Exception) -> str:
    if case.message is None:
        return "both-refuse"
    text = str(error)
    codes = {remark.code for remark in case.message.warnings}
    for words, reason in (
        ("Missing required encoding chars", "shortened-delimiters" if codes else "header-alone"),
        ("Found 5 encoding chars", "truncation-character"),
        ("Found duplicate encoding chars", "doubled-delimiters"),
        ("version", "version-unknown"),
        ("Invalid name for Segment", "line-joined" if "line-joined" in codes else "segment-unknown"),
    ):
        if words in text:
            return reason
    return ""


Normal: TypeAlias = Callable[[Leaves], Leaves]


def stripped(leaves: Leaves) -> Leaves:
    return {place: leaf.strip() for place, leaf in leaves.items() if leaf.strip()}


def as_numbers(leaves: Leaves) -> Leaves:
    def number(leaf: str) -> str:
        try:
            return str(Decimal(leaf).normalize()) if re.fullmatch(r"[+-]?[\d.]+", leaf) else leaf
        except InvalidOperation:
            return leaf

    return {place: number(leaf) for place, leaf in leaves.items()}


def unescaped(leaves: Leaves) -> Leaves:
    def plain(leaf: str) -> str:
        while "\\E\\" in leaf:
            leaf = leaf.replace("\\E\\", "\\")
        return leaf

    return {place: plain(leaf) for place, leaf in leaves.items()}


def truncation_plain(leaves: Leaves) -> Leaves:
    return {place: leaf.replace("\\L\\", "#") for place, leaf in leaves.items()}


def in_any_place(leaves: Leaves) -> Leaves:
    return {(number, 0, 0, 0): leaf for number, leaf in enumerate(sorted(leaves.values()))}


NORMALS: Mapping[str, Normal] = {
    "white-space-kept": stripped,
    "escape-written-again": unescaped,
    "number-as-written": as_numbers,
    "truncation-character": truncation_plain,
    "place-as-written": in_any_place,
}


def why_values_differ(mine: Leaves, yours: Leaves) -> list[str]:
    """The fewest differences to look past until both agree; [''] when none suffice."""
    needed = list(NORMALS)
    if not agree(mine, yours, needed):
        return [""]
    for name in NORMALS:
        fewer = [each for each in needed if each != name]
        if agree(mine, yours, fewer):
            needed = fewer
    return needed


def agree(mine: Leaves, yours: Leaves, names: list[str]) -> bool:
    for name in names:
        mine, yours = NORMALS[name](mine), NORMALS[name](yours)
    return mine == yours


# --- the page --------------------------------------------------------------------------------------------------------


def test_every_reason_is_explained() -> None:
    explained = set(re.findall(r"^### `([a-z-]+)`", EXPLAINED.read_text(encoding="utf-8"), re.MULTILINE))
    assert explained == PYTHON_HL7_REASONS | HL7APY_REASONS
