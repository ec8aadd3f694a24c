"""Cutting one field's source text by a message's delimiters: what transforms of whole fields work with.

A delimiter may be "" where a message cannot express that level; then only the first element of the level exists.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from officina.wire.er7 import NULL, Message
from officina.wire.escapes import unescape

__all__ = ["NULL", "Cut", "Whole"]


class Cut:
    """The delimiters of one message, bound for speed. Texts that come in are escaped source, those that go out are not."""

    __slots__ = ("_delimiters", "_message", "component", "escape", "field", "repetition", "subcomponent")

    def __init__(self, message: Message) -> None:
        delimiters = message.delimiters
        self._message = message
        self._delimiters = delimiters
        self.field = delimiters.field
        self.component = delimiters.component
        self.repetition = delimiters.repetition
        self.escape = delimiters.escape
        self.subcomponent = delimiters.subcomponent

    def plain(self, text: str) -> str:
        """Without escapes and surrounding blanks."""
        if self.escape and self.escape in text:
            text = unescape(text, self._delimiters, self._message.encoding)
        return text.strip()

    def leaf(self, text: str, repetition: int, component: int, subcomponent: int) -> str:
        """The subcomponent (all counted from 1) of a field's source text, "" where it is absent."""
        if self.repetition and (repetition > 1 or self.repetition in text):
            text = _nth(text.split(self.repetition), repetition)
        if self.component and (component > 1 or self.component in text):
            text = _nth(text.split(self.component), component)
        if self.subcomponent and (subcomponent > 1 or self.subcomponent in text):
            text = _nth(text.split(self.subcomponent), subcomponent)
        return self.plain(text)

    def repetitions(self, text: str) -> list[str]:
        """The repetitions of a field, still escaped."""
        return text.split(self.repetition) if self.repetition else [text]

    def components(self, repetition: str) -> list[str]:
        """The components of one repetition, the first subcomponent of each."""
        first = self.subcomponent
        parts = repetition.split(self.component) if self.component else [repetition]
        return [self.plain(part.split(first, 1)[0] if first and first in part else part) for part in parts]

    def nested(self, text: str) -> list[list[list[str]]]:
        """A whole field: repetitions of components of subcomponents."""
        return [
            [
                [self.plain(leaf) for leaf in (part.split(self.subcomponent) if self.subcomponent else [part])]
                for part in (repetition.split(self.component) if self.component else [repetition])
            ]
            for repetition in self.repetitions(text)
        ]


def _nth(parts: Sequence[str], number: int) -> str:
    return parts[number - 1] if number <= len(parts) else ""


Whole = Callable[[str, Cut], str]
