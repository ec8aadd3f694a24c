"""Cutting one field's source text by a message's delimiters: what transforms of whole fields work with.

Where a message cannot express a level its delimiter is ABSENT, and only the first element of that level exists.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from officina.wire.delimiters import Delimiters
from officina.wire.element import ABSENT
from officina.wire.er7 import NULL, Message
from officina.wire.escapes import unescape

__all__ = ["NULL", "Cut", "Whole"]


class Cut:
    """The delimiters and the character set of a message. Texts that go in are escaped source, those that come out are
    not, and have no blanks at their ends.
    """

    __slots__ = ("_delimiters", "_encoding", "component", "escape", "repetition", "subcomponent")

    def __init__(self, delimiters: Delimiters, encoding: str) -> None:
        self._delimiters = delimiters
        self._encoding = encoding
        self.repetition = delimiters.repetition or ABSENT
        self.component = delimiters.component or ABSENT
        self.subcomponent = delimiters.subcomponent or ABSENT
        self.escape = delimiters.escape or ABSENT

    @staticmethod
    def of(message: Message) -> Cut:
        """The cut of a message; most senders write the same, so there are few."""
        return _cut(message.delimiters, message.encoding)

    def plain(self, text: str) -> str:
        """A leaf without escapes and surrounding blanks."""
        if self.escape in text:
            text = unescape(text, self._delimiters, self._encoding)
        return text.strip()

    def first(self, text: str) -> str:
        """The first leaf of a field's source text; a null field is null in all its leaves."""
        if text == NULL:
            return text
        if self.repetition in text:
            text = text.split(self.repetition, 1)[0]
        if self.component in text:
            text = text.split(self.component, 1)[0]
        if self.subcomponent in text:
            text = text.split(self.subcomponent, 1)[0]
        if self.escape in text:
            text = unescape(text, self._delimiters, self._encoding)
        return text.strip()

    def leaf(self, text: str, repetition: int, component: int, subcomponent: int) -> str:
        """The subcomponent (all counted from 1) of a field's source text, "" where it is absent."""
        if repetition > 1 or self.repetition in text:
            text = _nth(text.split(self.repetition), repetition)
        if component > 1 or self.component in text:
            text = _nth(text.split(self.component), component)
        if subcomponent > 1 or self.subcomponent in text:
            text = _nth(text.split(self.subcomponent), subcomponent)
        return self.plain(text)

    def repetitions(self, text: str) -> list[str]:
        """The repetitions of a field, still escaped."""
        return text.split(self.repetition)

    def components(self, repetition: str) -> list[str]:
        """The components of one repetition, the first subcomponent of each."""
        parts = repetition.split(self.component)
        if self.subcomponent in repetition:
            parts = [part.split(self.subcomponent, 1)[0] for part in parts]
        if self.escape in repetition:
            parts = [unescape(part, self._delimiters, self._encoding) for part in parts]
        return list(map(str.strip, parts))

    def parts(self, text: str) -> list[str]:
        """The components of a field's first repetition."""
        return self.components(text.split(self.repetition, 1)[0] if self.repetition in text else text)


@lru_cache(maxsize=256)
def _cut(delimiters: Delimiters, encoding: str) -> Cut:
    return Cut(delimiters, encoding)


def _nth(parts: Sequence[str], number: int) -> str:
    return parts[number - 1] if number <= len(parts) else ""


Whole = Callable[[str, Cut], str]
