"""What applying a site file would change: the difference between two documents, in words. Pure."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from officina.actions.site.document import (
    KINDS,
    AlertRow,
    CodeMapRow,
    ConnectorRow,
    Document,
    Key,
    ProfileRow,
    Row,
    SubscriptionRow,
    key_of,
)

Act = Literal["add", "change", "inactivate", "remove", "keep"]
_SIGNS: dict[Act, str] = {"add": "+", "change": "~", "inactivate": "-", "remove": "-", "keep": "="}


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one row. ``fields`` are (key, old, new); empty unless ``act`` is change."""

    act: Act
    row: Row
    fields: tuple[tuple[str, Any, Any], ...] = ()

    @property
    def title(self) -> str:
        return f"{self.row.table} {' '.join(key_of(self.row))}"

    def lines(self) -> list[str]:
        after = {
            "inactivate": ": not in the file, becomes inactive",
            "remove": ": not in the file, is removed",
            "keep": ": not in the file, stays as it is (--prune would take it out)",
        }
        head = f"{_SIGNS[self.act]} {self.title}{after.get(self.act, '')}"
        return [head, *(f"    {name}: {_shown(old)} → {_shown(new)}" for name, old, new in self.fields)]


@dataclass(frozen=True, slots=True)
class Changes:
    """Every row that differs, in the order of the tables. ``result`` is what the book holds afterwards."""

    rows: tuple[Change, ...]
    result: Document

    @property
    def effective(self) -> tuple[Change, ...]:
        """Those that write something."""
        return tuple(change for change in self.rows if change.act != "keep")

    def __bool__(self) -> bool:
        return bool(self.effective)

    def __str__(self) -> str:
        return "\n".join(line for change in self.rows for line in change.lines())

    def lines(self) -> list[str]:
        """What is written, without what merely is not in the file."""
        return [line for change in self.effective for line in change.lines()]

    def summary(self) -> str:
        """``2 added, 1 changed``; what the audit line and the last line of the command say."""
        words = (("add", "added"), ("change", "changed"), ("inactivate", "set inactive"), ("remove", "removed"))
        counts = [(sum(change.act == act for change in self.rows), word) for act, word in words]
        return ", ".join(f"{count} {word}" for count, word in counts if count) or "no change"

    def headline(self, most: int = 3) -> str:
        """``1 changed: connector care-home-a``; what the history of the site says."""
        titles = [change.title for change in self.effective]
        more = f" and {len(titles) - most} more" if len(titles) > most else ""
        return f"{self.summary()}: {', '.join(titles[:most])}{more}"


def compare(current: Document, wanted: Document, *, prune: bool = False) -> Changes:
    """What makes `current` into `wanted`.

    A row that the file does not name stays as it is. With `prune` it goes: places, connectors and subscriptions become
    inactive, since messages and orders point at them; so do ways to tell. Code maps and alerts' rules are removed, and
    profiles that no connector names.
    """
    found: list[Change] = []
    positions: dict[tuple[str, Key], str] = {}
    for kind in KINDS:
        now, then = current.table(kind.table), wanted.table(kind.table)
        for key, row in then.items():
            positions[kind.table, key] = wanted.place_of(row)
            if key not in now:
                found.append(Change("add", row))
            elif fields := _fields(now[key], row):
                found.append(Change("change", row, fields))
        found += [_absent(row, prune) for key, row in now.items() if key not in then]
    found = _without_used_profiles(found, current, wanted)
    gone = {(change.row.table, key_of(change.row)) for change in found if change.act == "remove"}
    stayed = [row for row in current if (row.table, key_of(row)) not in gone]
    result = Document([*stayed, *wanted, *(change.row for change in found if change.act == "inactivate")], positions)
    return Changes(tuple(change for change in found if change.act != "keep" or _in_use(change.row)), result)


def _absent(row: Row, prune: bool) -> Change:
    """What happens to a row of the book that the file does not name."""
    if prune and isinstance(row, AlertRow):  # without it the defaults hold again
        return Change("remove", row)
    if not prune or not _in_use(row):
        return Change("keep", row)
    if isinstance(row, CodeMapRow | ProfileRow):
        return Change("remove", row)
    return Change("inactivate", dataclasses.replace(row, state="inactive"))


def _in_use(row: Row) -> bool:
    return getattr(row, "state", "") != "inactive"


def _without_used_profiles(changes: list[Change], current: Document, wanted: Document) -> list[Change]:
    """A connector keeps its profile, even an inactive one: what it received may be processed again. A subscription
    keeps the one that composes what it sends: what is queued is still sent.
    """
    connectors = {**current.of(ConnectorRow), **wanted.of(ConnectorRow)}
    profiles = {**current.of(ProfileRow), **wanted.of(ProfileRow)}
    used: set[str] = set()
    subscriptions = {**current.of(SubscriptionRow), **wanted.of(SubscriptionRow)}
    waiting = {row.profile for row in connectors.values()} | {row.payload for row in subscriptions.values()}
    while waiting:
        name = waiting.pop()
        used.add(name)
        row = profiles.get((name,))
        waiting |= parents(row) - used if row else set()
    return [c for c in changes if not (c.act == "remove" and isinstance(c.row, ProfileRow) and c.row.name in used)]


def parents(row: ProfileRow) -> set[str]:
    """The profile that this one extends, if any."""
    try:
        parent = tomllib.loads(row.body).get("extends")
    except tomllib.TOMLDecodeError:  # refused later, with its place
        return set()
    return {parent} if isinstance(parent, str) else set()


def _fields(old: Row, new: Row) -> tuple[tuple[str, Any, Any], ...]:
    found: list[tuple[str, Any, Any]] = []
    for one in dataclasses.fields(new):
        before, after = getattr(old, one.name), getattr(new, one.name)
        if before == after:
            continue
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            found += _leaves(one.name, before, after)
        else:
            found.append((one.name, before, after))
    return tuple(found)


def _leaves(path: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    found: list[tuple[str, Any, Any]] = []
    for name in sorted({*old, *new}):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            found += _leaves(f"{path}.{name}", before, after)
        else:
            found.append((f"{path}.{name}", before, after))
    return found


def _shown(value: Any) -> str:
    if value is None:
        return "(not set)"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}…"
