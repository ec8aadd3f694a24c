"""The site file as rows: reading TOML, naming every mistake, writing it back. Knows neither book nor connectors.

A row's place in an error counts from one, as people count: ``connector[2].settings.port`` is the key ``port`` in the
settings of the second ``[[connector]]``.
"""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import math
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import tomli_w

from officina.errors import Invalid
from officina.workflow.alert import EVERY, WATCHED
from officina.workflow.retention import MOST_DAYS

Key = tuple[str, ...]
STATES = ("active", "inactive")
DAYS: Mapping[str, int] = {"most": MOST_DAYS}  # a whole number from 1 to that


class SiteInvalid(Invalid):
    """The site file cannot be applied. ``problems`` holds every mistake found, the first one is this error's own."""

    code = "site_invalid"

    def __init__(self, problems: Sequence[Invalid]) -> None:
        first = problems[0]
        super().__init__(first.text, place=first.place, remedy=first.remedy)
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """An organisation, facility, unit or dispensary. ``parent`` is the code of the place it belongs to."""

    table: ClassVar[str] = "place"
    key_names: ClassVar[Key] = ("code",)

    code: str
    kind: str = field(metadata={"words": ("organisation", "facility", "unit", "dispensary")})
    name: str
    parent: str = ""
    time_zone: str = "UTC"
    state: str = field(default="active", metadata={"words": STATES})


@dataclass(frozen=True, slots=True)
class CodeMapRow:
    """What a partner calls one of our places. ``source`` is a connector's name, or ``*`` for every connector."""

    table: ClassVar[str] = "code_map"
    key_names: ClassVar[Key] = ("source", "kind", "code")

    code: str
    place: str
    source: str = "*"
    kind: str = field(default="facility", metadata={"words": ("facility",)})


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """A partner's dialect. ``body`` is the profile's TOML; a file may name another ``file`` that holds it."""

    table: ClassVar[str] = "profile"
    key_names: ClassVar[Key] = ("name",)

    name: str
    body: str


@dataclass(frozen=True, slots=True)
class ConnectorRow:
    """A configured instance of a connector kind. ``settings`` are those of the kind; secrets are references.

    ``suspended``: it takes nothing for now. On a port of its own nobody listens; on a shared one its messages are kept
    as failed and answered AE, so that they are sent again. ``inactive``: as if it were not there.

    Messages older than ``keep_metadata_days`` are pruned, what they said already after ``keep_bodies_days``; without a
    number they are kept for ever.
    """

    table: ClassVar[str] = "connector"
    key_names: ClassVar[Key] = ("name",)

    name: str
    kind: str
    profile: str = "hl7"
    state: str = field(default="active", metadata={"words": ("active", "suspended", "inactive")})
    settings: Mapping[str, Any] = field(default_factory=dict)
    keep_bodies_days: int | None = field(default=None, metadata=DAYS)
    keep_metadata_days: int | None = field(default=None, metadata=DAYS)


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """Who is told of what: an event kind (or a prefix ending in ``*``), at a place or anywhere, through a connector.
    ``payload``: ``source`` passes the received message on; else a profile, which composes a message of each event.
    ``order_type``: only events about orders of this type, as the sender's profile reads it; none: all.
    """

    table: ClassVar[str] = "subscription"
    key_names: ClassVar[Key] = ("name",)

    name: str
    event: str
    connector: str
    payload: str
    place: str = ""
    order_type: str = ""
    state: str = field(default="active", metadata={"words": STATES})


@dataclass(frozen=True, slots=True)
class AlertRow:
    """When an alert of a kind opens for a ``subject`` (a connector's name, or ``*`` for every subject). Without such a
    row the defaults of the kind hold; ``inactive``: it is not watched."""

    table: ClassVar[str] = "alert"
    key_names: ClassVar[Key] = ("kind", "subject")

    kind: str = field(metadata={"words": tuple(WATCHED)})
    subject: str = EVERY
    state: str = field(default="active", metadata={"words": STATES})
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotifyRow:
    """A way in which alerts are told. Secrets are named by their environment variable."""

    table: ClassVar[str] = "notify"
    key_names: ClassVar[Key] = ("name",)

    name: str
    kind: str = field(metadata={"words": ("email", "webhook")})
    state: str = field(default="active", metadata={"words": STATES})
    settings: Mapping[str, Any] = field(default_factory=dict)


Row = PlaceRow | CodeMapRow | ProfileRow | ConnectorRow | SubscriptionRow | AlertRow | NotifyRow
R = TypeVar("R", bound=Row)
KINDS: tuple[type[Row], ...] = (
    PlaceRow,
    CodeMapRow,
    ProfileRow,
    ConnectorRow,
    SubscriptionRow,
    AlertRow,
    NotifyRow,
)


def key_of(row: Row) -> Key:
    return tuple(getattr(row, name) for name in row.key_names)


class Document:
    """The rows of a site, by table and key. ``positions`` says where the file has each row (empty for the book)."""

    def __init__(self, rows: Sequence[Row] = (), positions: Mapping[tuple[str, Key], str] | None = None) -> None:
        self._tables: dict[str, dict[Key, Row]] = {kind.table: {} for kind in KINDS}
        for row in rows:
            self._tables[row.table][key_of(row)] = row
        self._positions = dict(positions or {})

    def __iter__(self) -> Iterator[Row]:
        for rows in self._tables.values():
            yield from rows.values()

    def of(self, kind: type[R]) -> dict[Key, R]:
        """The rows of one table, by key."""
        return self._tables[kind.table]  # type: ignore[return-value]  # __init__ files each row under its own table

    def table(self, name: str) -> dict[Key, Row]:
        return self._tables[name]

    def place_of(self, row: Row) -> str:
        """Where to look for a row: ``connector[2]`` in a file, ``connector care-home-a`` in the book."""
        key = key_of(row)
        return self._positions.get((row.table, key)) or f"{row.table} {' '.join(key)}"

    def problem(self, row: Row, path: str, text: str, remedy: str = "") -> Invalid:
        """An error about one key of one row."""
        return Invalid(text, place=f"{self.place_of(row)}.{path}" if path else self.place_of(row), remedy=remedy)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Document) and self._tables == other._tables

    __hash__ = None  # type: ignore[assignment]  # a mutable-looking value: comparing is wanted, hashing is not


def parse(text: str, *, folder: Path | None = None) -> Document:
    """The document of a site file. ``folder`` is where ``file = …`` of a profile is looked up.

    Raises `SiteInvalid` with every mistake of form; what only the book can tell (unknown parents, connector settings)
    is checked when it is applied.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as reason:
        raise SiteInvalid([Invalid(f"is not TOML: {reason}", place="site file")]) from None
    problems: list[Invalid] = []
    rows: list[Row] = []
    positions: dict[tuple[str, Key], str] = {}
    for name, given in tables.items():
        kind = next((kind for kind in KINDS if kind.table == name), None)
        if kind is None or not isinstance(given, list):
            problems.append(Invalid("is not a table of a site file", place=name, remedy=_tables_are(name)))
            continue
        for number, values in enumerate(given, 1):
            where = f"{name}[{number}]"
            try:
                row = _row(kind, values, where, folder)
            except SiteInvalid as wrong:
                problems += wrong.problems
                continue
            earlier = positions.setdefault((name, key_of(row)), where)
            if earlier != where:
                problems.append(Invalid(f"has the same {' and '.join(kind.key_names)} as {earlier}", place=where))
            rows.append(row)
    if problems:
        raise SiteInvalid(problems)
    return Document(rows, positions)


def parse_sent(text: str) -> Document:
    """The document of a site file that came over the network: it must not make the hub read files of its own."""
    with contextlib.suppress(tomllib.TOMLDecodeError):
        profiles = tomllib.loads(text).get("profile")
        for number, values in enumerate(profiles if isinstance(profiles, list) else (), 1):
            if isinstance(values, dict) and "file" in values:
                remedy = "put the profile itself into body"
                raise SiteInvalid([Invalid("names a file", place=f"profile[{number}].file", remedy=remedy)])
    return parse(text)


def read_row(table: str, given: Mapping[str, object], where: str) -> Row:
    """A row from its keys and values, checked as one of a file. Raises `SiteInvalid` with a place below ``where``."""
    kind = next(kind for kind in KINDS if kind.table == table)
    row: Row = _row(kind, dict(given), where, None)
    return row


def dump(document: Document) -> str:
    """The document as a site file; defaults are left out. `parse` reads back an equal document."""
    return "\n".join(_written(row) for row in document)


def _written(row: Row) -> str:
    values = _values(row)
    settings, body = values.pop("settings", None), values.pop("body", None)
    text = f"[[{row.table}]]\n{tomli_w.dumps(values)}"
    if body is not None:
        text += _body(body)
    if settings:
        text += tomli_w.dumps({row.table: {"settings": settings}})
    return text


_UNSAFE = re.compile(r"'''|'$|[\x00-\x08\x0b-\x1f\x7f]")


def _body(body: str) -> str:
    """A profile as its author wrote it; escaped only where a literal string could not hold it."""
    if _UNSAFE.search(body):
        return tomli_w.dumps({"body": body})
    return f"body = '''\n{body}'''\n"


def _row(kind: type[R], values: object, where: str, folder: Path | None) -> R:
    """Raises `SiteInvalid` with everything that is wrong with it."""
    if not isinstance(values, dict):
        raise SiteInvalid([Invalid("is not a table of keys and values", place=where, remedy=f"write [[{kind.table}]]")])
    try:
        given = _profile_body(dict(values), where, folder) if kind is ProfileRow else values
    except Invalid as problem:
        raise SiteInvalid([problem]) from None
    if problems := list(_mistakes(kind, given, where)):
        raise SiteInvalid(problems)
    return kind(**given)


def _mistakes(kind: type[R], given: Mapping[str, object], where: str) -> Iterator[Invalid]:
    fields = {one.name: one for one in dataclasses.fields(kind)}
    for name, value in given.items():
        if name not in fields:
            yield Invalid("is not a key of this table", place=f"{where}.{name}", remedy=_similar(name, fields))
            continue
        try:
            _check_value(fields[name], value, f"{where}.{name}")
        except Invalid as problem:
            yield problem
    for name, one in fields.items():
        required = one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING
        if required and not given.get(name):
            yield Invalid("is missing", place=f"{where}.{name}")


_CODE = re.compile(r"[^\x00-\x1f\x7f]+")


def _check_value(one: dataclasses.Field[Any], value: object, place: str) -> None:
    if one.name == "settings":
        if not isinstance(value, dict):
            table = place.partition("[")[0]
            raise Invalid("is not a table", place=place, remedy=f"write [{table}.settings] below its [[{table}]]")
        _check_json(value, place)
        return
    if most := one.metadata.get("most"):
        _check_number(value, most, place)
        return
    if not isinstance(value, str):
        raise Invalid(f"is {_toml_type(value)}, not text", place=place, remedy="put it in quotes")
    words = one.metadata.get("words")
    if words and value not in words:
        raise Invalid(f"is none of {', '.join(words)}", place=place, remedy=_similar(value, words, otherwise=""))
    if one.name != "body" and value and not _CODE.fullmatch(value):
        raise Invalid("holds a control character or a line break", place=place)


def _check_number(value: object, most: int, place: str) -> None:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most:
        return
    raise Invalid(f"is no whole number from 1 to {most}", place=place, remedy="leave it out to keep them for ever")


def _check_json(value: object, place: str) -> None:
    """Settings are kept as JSON, which knows fewer kinds of value than TOML."""
    if isinstance(value, dict):
        for name, inner in value.items():
            _check_json(inner, f"{place}.{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value, 1):
            _check_json(inner, f"{place}[{number}]")
    elif isinstance(value, float) and not math.isfinite(value):
        raise Invalid("is not a finite number", place=place)
    elif not isinstance(value, str | int | float):
        raise Invalid("is a date or time", place=place, remedy="put it in quotes")


def _profile_body(values: dict[str, Any], where: str, folder: Path | None) -> dict[str, Any]:
    """`values` with ``file`` replaced by what it holds, and with the newlines TOML itself would write back."""
    if "file" in values:
        if "body" in values:
            raise Invalid("has both a body and a file", place=where, remedy="keep one of the two")
        name = str(values.pop("file"))
        try:
            values["body"] = ((folder or Path()) / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as reason:
            why = getattr(reason, "strerror", None) or "it is not UTF-8 text"
            raise Invalid(f"the file {name} cannot be read: {why}", place=f"{where}.file") from None
    if isinstance(values.get("body"), str):
        values["body"] = values["body"].replace("\r\n", "\n")
    return values


def _values(row: Row) -> dict[str, Any]:
    """What of a row must be written: every key that is required or differs from its default."""
    found: dict[str, Any] = {}
    for one in dataclasses.fields(row):
        value = getattr(row, one.name)
        default = one.default_factory() if one.default_factory is not dataclasses.MISSING else one.default
        if value != default:
            found[one.name] = dict(value) if isinstance(value, Mapping) else value
    return found


def _toml_type(value: object) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a table"}
    return names.get(type(value), "a date or time")


def _similar(name: str, known: Mapping[str, object] | Sequence[str], otherwise: str | None = None) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    if close:
        return f"did you mean {close[0]}?"
    return f"known are {', '.join(known)}" if otherwise is None else otherwise


def _tables_are(name: str) -> str:
    names = [kind.table for kind in KINDS]
    if name in names:
        return f"write [[{name}]], with two brackets"
    return _similar(name, names)
