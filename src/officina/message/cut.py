"""Cutting one field's source text by a message's delimiters: what transforms of whole fields work with.

Where a message cannot express a level its delimiter is ABSENT, and only the first element of that level exists.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from officina.wire.element import ABSENT
from officina.wire.er7 import NULL, Message
from officina.wire.escapes import unescape

__all__ = ["NULL", "Cut", "Whole"]


class Cut:
    """One message's delimiters, bound for speed. Texts that go in are escaped source, those that come out are not.

    ``plain`` takes escapes and surrounding blanks off a leaf; ``escapes`` says whether the message has any escape at
    all, for most have none.
    """

    __slots__ = ("_delimiters", "_message", "component", "plain", "repetition", "subcomponent")

    def __init__(self, message: Message, *, escapes: bool = True) -> None:
        delimiters = message.delimiters
        self._message = message
        self._delimiters = delimiters
        self.repetition = delimiters.repetition or ABSENT
        self.component = delimiters.component or ABSENT
        self.subcomponent = delimiters.subcomponent or ABSENT
        self.plain: Callable[[str], str] = self._unescaped if escapes and delimiters.escape else str.strip

    def _unescaped(self, text: str) -> str:
        if self._delimiters.escape in text:
            text = unescape(text, self._delimiters, self._message.encoding)
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
        plain = self.plain
        return [plain(part) for part in parts]


def _nth(parts: Sequence[str], number: int) -> str:
    return parts[number - 1] if number <= len(parts) else ""


Whole = Callable[[str, Cut], str]
