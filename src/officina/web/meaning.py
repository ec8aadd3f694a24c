"""What a profile reads each field of a message as, so that the message shows where its values go.

Of several places a value may stand in, the first that is not empty counts; the others say that they were not used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from officina.message.profile import FAMILIES, LIST_KEYS
from officina.message.transforms import WHOLE
from officina.web.segments import Element, Shown

Body = Mapping[str, Any]

_NUMBERS = re.compile(r"\[\d+\]")
_LATER = re.compile(r"-\d+\[(?!1\])")  # a repetition after the first
_OF_ALL = ("route", "patient", "visit")
_LEADERS = ("RXO", "RXE", "RXD")


class Meaning(NamedTuple):
    """What the element is read as; ``unused`` where another place came first."""

    used: str
    unused: str


class _Candidate(NamedTuple):
    """A place a key may be read from, without repetitions; ``whole``: all of the field, not its first part."""

    path: str
    whole: bool

    @property
    def segment(self) -> str:
        return self.path.partition("-")[0]


Keys = Mapping[str, Sequence[_Candidate]]


class _Scope:
    """The segments a key is read from: the elements that stand at each place."""

    def __init__(self, segments: Iterable[Shown], *, every: bool = False) -> None:
        self._leaves: dict[str, list[str]] = {}
        self._wholes: dict[str, list[str]] = {}
        seen: set[str] = set()
        for segment in segments:
            if every or segment.name not in seen:
                seen.add(segment.name)
                for element in segment.elements:
                    if every or not _LATER.search(element.path):
                        self._enter(segment.name, element)

    def _enter(self, name: str, element: Element) -> None:
        plain = f"{name}-{_NUMBERS.sub('', element.path).partition('-')[2]}"
        self._wholes.setdefault(plain, []).append(element.path)
        if not element.source:
            for same in _same_leaf(plain):
                self._leaves.setdefault(same, []).append(element.path)

    def at(self, candidate: _Candidate) -> list[str]:
        """The paths of the elements that stand there; none if it is empty."""
        return (self._wholes if candidate.whole else self._leaves).get(candidate.path, [])


class _Found:
    """Words for the elements, as they are found."""

    def __init__(self) -> None:
        self.used: dict[str, list[str]] = {}
        self.unused: dict[str, list[str]] = {}

    def key(self, word: str, candidates: Sequence[_Candidate], scope: _Scope, within: str | None = None) -> None:
        """The first candidate that is not empty is used; ``within`` names the segment that a family was taken from."""
        chosen = False
        for candidate in candidates:
            taken = not chosen and within in (None, candidate.segment) and scope.at(candidate)
            chosen = chosen or bool(taken)
            for path in scope.at(candidate):
                words = (self.used if taken else self.unused).setdefault(path, [])
                if word not in words:
                    words.append(word)

    def meanings(self) -> dict[str, Meaning]:
        def joined(words: Sequence[str]) -> str:
            return ", ".join(words).replace("_", " ")

        paths = [*self.used, *self.unused]
        return {path: Meaning(joined(self.used.get(path, ())), joined(self.unused.get(path, ()))) for path in paths}


def of_message(body: Body, tree: Sequence[Shown]) -> dict[str, Meaning]:
    """From the path of an element of the tree to what the profile makes of it."""
    found, everything = _Found(), _Scope(tree)
    for section in _OF_ALL:
        for key, candidates in _keys(body, section).items():
            found.key(key, candidates, everything)
    identifiers = _candidates(body.get("identifiers", {}), "words")
    found.key("identifier", identifiers, _Scope(_named(tree, identifiers), every=True))
    _orders(found, _keys(body, "order"), tree)
    for key, candidates in _keys(body, "component").items():
        for segment in _named(tree, candidates):
            found.key(key, candidates, _Scope([segment]))
    return found.meanings()


def _orders(found: _Found, keys: Keys, tree: Sequence[Shown]) -> None:
    read = _named(tree, [each for candidates in keys.values() for each in candidates], "ORC", *_LEADERS)
    for group in _groups(read):
        _order(found, keys, group)


def _named(tree: Sequence[Shown], candidates: Iterable[_Candidate], *others: str) -> list[Shown]:
    """The segments that matter; of some kinds a message may have thousands that do not."""
    names = {each.segment for each in candidates}.union(others)
    return [segment for segment in tree if segment.name in names]


def _order(found: _Found, keys: Keys, group: Sequence[Shown]) -> None:
    first, every = _Scope(group), _Scope(group, every=True)
    taken_from = {
        key: _deciding_segment([each for name in deciding for each in keys.get(name, ())], first)
        for deciding, following in FAMILIES
        for key in (*deciding, *following)
    }
    for key, candidates in keys.items():
        found.key(key, candidates, every if key in LIST_KEYS else first, taken_from.get(key))


def _deciding_segment(candidates: Sequence[_Candidate], scope: _Scope) -> str | None:
    """Where all of a family is taken from: the first segment that gives one of the values that decide."""
    segments = dict.fromkeys(each.segment for each in candidates)
    given = {each.segment for each in candidates if scope.at(each)}
    return next((segment for segment in segments if segment in given), None)


def _groups(tree: Sequence[Shown]) -> list[list[Shown]]:
    """The segments of each order, from its ORC to the next. With one ORC or none, all of them are one order."""
    several = sum(segment.name == "ORC" for segment in tree) > 1
    groups: list[list[Shown]] = [[]]
    for segment in tree:
        again = segment.name in _LEADERS and any(each.name == segment.name for each in groups[-1])
        if again or (several and segment.name == "ORC"):
            groups.append([])
        groups[-1].append(segment)
    return groups


def _same_leaf(path: str) -> Iterator[str]:
    """A value without parts is its own first part: ``PID-5`` is also ``PID-5.1``; and the other way round."""
    yield path
    field, *parts = path.split(".")
    while len(parts) < 2:
        parts.append("1")
        yield ".".join((field, *parts))
    parts = path.split(".")[1:]
    while parts and parts[-1] == "1":
        parts.pop()
        yield ".".join((field, *parts))


def _keys(body: Body, section: str) -> dict[str, list[_Candidate]]:
    return {key: _candidates(source) for key, source in body.get(section, {}).items()}


def _candidates(source: Any, how: str = "") -> list[_Candidate]:
    """A profile's source: a path, several, or a table of them with what is done to the text."""
    if isinstance(source, Mapping):
        steps = source.get("as", how)
        first = steps if isinstance(steps, str) else steps[0] if steps else ""
        return _candidates(source.get("from", ()), first if isinstance(first, str) else "")
    if isinstance(source, str):
        return [_Candidate(_NUMBERS.sub("", source), how in WHOLE)]
    return [each for part in source for each in _candidates(part, how)]
