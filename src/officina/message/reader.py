"""Writes the Python function that reads the values of a plan, and compiles it.

The intake reads some seventy fields per message. Walking over a description of them costs three times what reading them
costs, so the description is turned into straight code once per profile. It consists of numbers, of `repr` of texts and
of names given here; nothing a profile's author writes becomes code.

The function of a plan that wants PID-5.1, PID-7 as a date, and RXE-2.1 or else RXO-1.1:

    def read(segments, cut, problems):
        chosen, first, leaf, parts = {}, cut.first, cut.leaf, cut.parts
        if 'PID' in segments:
            fields = segments['PID'][0] + blank8
            v0 = fields[5]
            if v0 and not v0.isalnum():
                v0 = first(v0)
            …
        else:
            v0 = v1 = ''
        …
        if v0:
            chosen['family'] = v0
        value = v1
        if value and value != NULL:
            try:
                value = f0(value)
            except Unreadable as reason:
                problems.append(Problem('PID-7', 'born_on', str(reason)))
        if value:
            chosen['born_on'] = value
        if value := v2 or v3:
            chosen['drug_code'] = value
        return chosen
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import CodeType
from typing import NamedTuple

from officina.message.cut import NULL, Cut, Whole
from officina.message.dates import Unreadable
from officina.message.source import Place, Problem, Segments, Source
from officina.message.transforms import Transform

Read = Callable[[Segments, Cut, list[Problem]], dict[str, str]]
Families = Sequence[tuple[Sequence[str], Sequence[str]]]

_INDENT = "    "


class _Step(NamedTuple):
    """One source of one key: the variable that holds its text, and the names of what is done to it ("" for nothing)."""

    variable: str
    whole: str
    transform: str
    source: Source


class _Leaf(NamedTuple):
    """The variable that takes a leaf of a field, and where it stands, counted from 1."""

    variable: str
    repetition: int
    component: int
    subcomponent: int


def written(keys: Mapping[str, Sequence[Source]], families: Families) -> Read:
    """The function of a plan. It reads the first segment of each name and gives the keys that have a value."""
    writer = _Writer()
    steps = {key: [writer.step(source) for source in sources] for key, sources in keys.items()}
    grouped = {key for family in families for key in (*family[0], *family[1])}
    free = {key: each for key, each in steps.items() if key not in grouped}
    writer.begin()
    # Keys with one source come first: findings stand in the order of the reading.
    for key, own in sorted(free.items(), key=lambda each: len(each[1]) > 1):
        writer.key(0, key, own)
    for deciding, following in families:
        writer.family(deciding, following, steps)
    return writer.close()


class _Writer:
    """The lines of one function, and the objects it names."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._names: dict[str, object] = {"NULL": NULL, "Problem": Problem, "Unreadable": Unreadable}
        self._variables: dict[tuple[Place, bool], str] = {}

    def step(self, source: Source) -> _Step:
        """A source made ready; equal places are read into one variable."""
        variable = self._variables.setdefault((source.place, source.whole is not None), f"v{len(self._variables)}")
        return _Step(variable, self._named(source.whole), self._named(_chained(source.chain)), source)

    def begin(self) -> None:
        """The beginning, and the reading of every segment."""
        self._line(0, "chosen, first, leaf, parts = {}, cut.first, cut.leaf, cut.parts")
        by_segment: dict[str, dict[int, list[tuple[Place, bool, str]]]] = {}
        for (place, whole), variable in self._variables.items():
            fields = by_segment.setdefault(place.segment, {})
            fields.setdefault(place.field, []).append((place, whole, variable))
        for name, fields in by_segment.items():
            self._line(0, f"if {name!r} in segments:")
            self._line(1, f"fields = segments[{name!r}][0] + {self._blank(max(fields) + 1)}")
            for number, wanted in sorted(fields.items()):
                self._field(number, wanted)
            self._line(0, "else:")
            self._line(1, f"{' = '.join(each[2] for wanted in fields.values() for each in wanted)} = ''")

    def key(self, depth: int, key: str, steps: Sequence[_Step]) -> None:
        """The first of its sources that is not empty becomes the key's value."""
        if not steps:
            return
        if not any(step.whole or step.transform for step in steps):
            self._line(depth, f"if value := {' or '.join(step.variable for step in steps)}:")
        else:
            for number, step in enumerate(steps):
                if number:
                    self._line(depth, "if not value:")
                self._value(depth + bool(number), key, step)
            self._line(depth, "if value:")
        self._line(depth + 1, f"chosen[{key!r}] = value")

    def family(self, deciding: Sequence[str], following: Sequence[str], steps: Mapping[str, Sequence[_Step]]) -> None:
        """All keys of the family from the first segment where a deciding key has a value."""
        keys = [key for key in (*deciding, *following) if steps.get(key)]
        segments = dict.fromkeys(step.source.place.segment for key in deciding for step in steps.get(key, ()))
        condition = "if"
        for segment in segments:
            own = {key: [step for step in steps[key] if step.source.place.segment == segment] for key in keys}
            told = dict.fromkeys(step.variable for key in deciding for step in own.get(key, ()))
            self._line(0, f"{condition} {' or '.join(told)}:")
            for key in keys:
                self.key(1, key, own[key])
            condition = "elif"
        left = [key for key in following if steps.get(key)]
        if segments and left:
            self._line(0, "else:")
        for key in left:
            self.key(bool(segments), key, steps[key])

    def close(self) -> Read:
        self._line(0, "return chosen")
        exec(_compiled("\n".join(("def read(segments, cut, problems):", *self._lines))), self._names)
        read: Read = self._names["read"]  # type: ignore[assignment]
        return read

    def _line(self, depth: int, text: str) -> None:
        self._lines.append(_INDENT * (depth + 1) + text)

    def _named(self, function: Whole | Transform | None) -> str:
        if function is None:
            return ""
        name = f"f{len(self._names)}"
        self._names[name] = function
        return name

    def _blank(self, length: int) -> str:
        """What is absent is read as empty: that costs less than asking for each field whether it is there."""
        name = f"blank{length}"
        self._names[name] = [""] * length
        return name

    def _field(self, number: int, wanted: Sequence[tuple[Place, bool, str]]) -> None:
        """The reading of all that is wanted of one field."""
        wholes = [variable for _, whole, variable in wanted if whole]
        leaves = [_Leaf(variable, *(each or 1 for each in place[2:])) for place, whole, variable in wanted if not whole]
        if wholes:
            self._line(1, f"{' = '.join(wholes)} = fields[{number}]")
        if not leaves:
            return
        variables = " = ".join(leaf.variable for leaf in leaves)
        if all(leaf[1:] == (1, 1, 1) for leaf in leaves):
            one = leaves[0].variable
            self._line(1, f"{variables} = fields[{number}]")
            self._line(1, f"if {one} and not {one}.isalnum():")
            self._line(2, f"{variables} = first({one})")
            return
        self._line(1, f"text = fields[{number}]")
        self._line(1, "if text and text != NULL:")
        self._leaves(leaves)
        self._line(1, "else:")  # a null field clears all of its components
        self._line(2, f"{variables} = text")

    def _leaves(self, leaves: Sequence[_Leaf]) -> None:
        if any(leaf.repetition == leaf.subcomponent == 1 for leaf in leaves):
            self._line(2, f"found = parts(text) + {self._blank(max(leaf.component for leaf in leaves))}")
        for variable, repetition, component, subcomponent in leaves:
            if repetition == subcomponent == 1:
                self._line(2, f"{variable} = found[{component - 1}]")
            else:
                self._line(2, f"{variable} = leaf(text, {repetition}, {component}, {subcomponent})")

    def _value(self, depth: int, key: str, step: _Step) -> None:
        """``value`` of one source; HL7 null is not transformed, what cannot be read stays as it is."""
        self._line(depth, f"value = {step.variable}")
        if not step.whole and not step.transform:
            return
        self._line(depth, "if value and value != NULL:")
        self._line(depth + 1, "try:")
        if step.whole:
            self._line(depth + 2, f"value = {step.whole}(value, cut)")
        if step.whole and step.transform:
            self._line(depth + 2, "if value:")
        if step.transform:
            self._line(depth + (3 if step.whole else 2), f"value = {step.transform}(value)")
        self._line(depth + 1, "except Unreadable as reason:")
        self._line(depth + 2, f"problems.append(Problem({step.source.path!r}, {key!r}, str(reason)))")


def _chained(chain: tuple[Transform, ...]) -> Transform | None:
    if len(chain) <= 1:
        return chain[0] if chain else None

    def each(value: str) -> str:
        for transform in chain:
            if not value:
                break
            value = transform(value)
        return value

    return each


@lru_cache(maxsize=64)
def _compiled(source: str) -> CodeType:
    """Profiles are loaded anew with every change of the site, and their plans are mostly the same."""
    return compile(source, "<plan of a profile>", "exec")
