"""Which files have stopped growing. Pure: what was seen and when, in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from officina.connectors.port import Item


class _Seen(NamedTuple):
    mark: str
    since: float


class Stillness:
    """A file is ready once two looks that lie ``still_s`` apart have found it the same."""

    def __init__(self, still_s: float) -> None:
        self._still_s = still_s
        self._seen: dict[str, _Seen] = {}
        self.moving = False  # something has yet to show that it is still

    def ready(self, found: Sequence[Item], now: float) -> list[Item]:
        """Those that may be read; what was not found any more is forgotten."""
        before, self._seen, ready = self._seen, {}, []
        for item in found:
            last = before.get(item.name)
            same = last is not None and last.mark == item.mark
            seen = self._seen[item.name] = last if last is not None and same else _Seen(item.mark, now)
            if item.settled or (same and now - seen.since >= self._still_s):
                ready.append(item)
        self.moving = len(ready) < len(found)
        return ready

    def since(self, item: Item, now: float) -> float:
        """For how many seconds it has been as it is."""
        seen = self._seen.get(item.name)
        return now - seen.since if seen else 0.0
