"""The words of TQ fields and TQ1 segments, taken apart and not yet understood: `officina.order.timing` reads them."""

from __future__ import annotations

from collections.abc import Iterable

from officina.message.cut import NULL, Cut
from officina.message.source import Fields

Words = dict[str, str]

# TQ, HL7 2.5.1 chapter 4.3.1: (component, subcomponent), both from 0.
_TQ = (
    ("quantity", 0, 0),
    ("quantity_units", 0, 1),
    ("interval", 1, 0),
    ("times", 1, 1),
    ("duration", 2, 0),
    ("start", 3, 0),
    ("stop", 4, 0),
    ("priority", 5, 0),
    ("condition", 6, 0),
    ("text", 7, 0),
    ("occurrences", 11, 0),
)
# TQ1, chapter 4.5.4: field, then component (from 0) and word
_TQ1 = (
    (2, ((0, "dose"), (1, "dose_units"))),
    (3, ((0, "pattern"), (1, "every"), (3, "times_of_pattern"))),
    (6, ((0, "duration"), (1, "duration_units"))),
    (7, ((0, "start"),)),
    (8, ((0, "stop"),)),
    (9, ((0, "priority"),)),
    (10, ((0, "condition"),)),
    (11, ((0, "text"),)),
    (14, ((0, "occurrences"),)),
)
_EXPLICIT_TIMES = 4
_REPEATED = (3, 9)  # repeat pattern and priority
_JOINTS = {"every": ",", "times_of_pattern": ","}


def quantity_timing(text: str, cut: Cut) -> list[Words]:
    """A TQ field (RXE-1, ORC-7): one dict per repetition, without what is empty."""
    return [words for each in cut.repetitions(text) if (words := _quantity_timing(each, cut))]


def _quantity_timing(repetition: str, cut: Cut) -> Words:
    words: Words = {}
    parts = repetition.split(cut.component)
    count, mark = len(parts), cut.subcomponent
    for key, component, subcomponent in _TQ:
        if component >= count:
            break
        part = parts[component]
        if not part:
            continue
        if subcomponent or mark in part:
            leaves = part.split(mark)
            part = leaves[subcomponent] if subcomponent < len(leaves) else ""
        if part and part != NULL and (value := cut.plain(part)):
            words[key] = value
    return words


def schedule(fields: Fields, cut: Cut) -> Words:
    """A TQ1 segment, without what is empty; ``times`` has all repetitions of TQ1-4, commas between.

    Repetitions of TQ1-3 build up one pattern, not several: ``QD~HS`` is daily at bedtime (HL7 2.5.1, 4.5.4.3).
    """
    words: Words = {}
    count = len(fields)
    for number, wanted in _TQ1:
        if number >= count:
            break
        text = fields[number]
        if not text or text == NULL:
            continue
        if text.isalnum():
            words[wanted[0][1]] = text
            continue
        if number in _REPEATED and cut.repetition in text:
            words.update(_built_up(wanted, [cut.components(each) for each in cut.repetitions(text)]))
            continue
        parts = cut.parts(text)
        for component, word in wanted:
            if component < len(parts) and (value := parts[component]) and value != NULL:
                words[word] = value
    if count > _EXPLICIT_TIMES and (text := fields[_EXPLICIT_TIMES]) and text != NULL:
        words["times"] = ",".join(cut.leaf(each, 1, 1, 1) for each in cut.repetitions(text))
    return words


def _built_up(wanted: Iterable[tuple[int, str]], repetitions: list[list[str]]) -> Words:
    """What all repetitions say together."""
    found: Words = {}
    for component, word in wanted:
        values = [each[component] for each in repetitions if component < len(each)]
        if value := _JOINTS.get(word, " ").join(each for each in values if each and each != NULL):
            found[word] = value
    return found
