"""The fields of a form, generated from the rows of the site and the settings of a connector kind, and read back.

A field that is left empty says nothing: its default holds. What cannot be read stays text, so that the check says so.
"""

from __future__ import annotations

import dataclasses
import re
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from officina.actions import site
from officina.connectors import registry
from officina.errors import Invalid
from officina.outbound.subscription import SOURCE
from officina.web import labels

ON = "on"


class Field(NamedTuple):
    """``kind`` text, area or choice; ``options`` are pairs of value and text; ``path`` is its place in an error."""

    path: str
    title: str
    value: str = ""
    kind: Literal["text", "area", "choice"] = "text"
    hint: str = ""
    default: str = ""
    options: Sequence[tuple[str, str]] = ()
    error: str = ""
    remedy: str = ""
    fixed: bool = False


_TITLES = {
    "time_zone": "Time zone",
    "body": "Profile (TOML)",
    "source": "Connector",
    "parent": "Belongs to",
    "keep_bodies_days": "Days to keep what messages say",
    "keep_metadata_days": "Days to keep messages",
}
_HINTS = {
    "code_map.code": "What the partner's messages say, as it stands there.",
    "place.code": "The site's own short name of the place.",
    "place.time_zone": "Such as Europe/London.",
    "place.review": "Orders: the nurses of a facility decide about each order of its pharmacy.",
    "subscription.event": "Such as order.created, or order.* for everything about orders.",
    "subscription.payload": "The received message as it is, or one composed in the dialect of a profile.",
    "subscription.order_type": "Only orders of this type (ORC-29, or what the sender's profile reads); empty: all.",
    "connector.name": "Its name in lists, in the audit and in the site file.",
    "connector.keep_bodies_days": "Then their bytes, answers and findings go, for good.",
    "connector.keep_metadata_days": "Then the messages go; patients, orders and the audit stay.",
}


def of_row(table: str, values: Mapping[str, str], document: site.Document, *, new: bool) -> list[Field]:
    """The fields of a row; a key is fixed once the row is there."""
    kind = site.ROWS[table]
    return [
        Field(
            one.name,
            _TITLES.get(one.name) or labels.spoken(one.name),
            values.get(one.name, ""),
            "area" if one.name == "body" else "choice" if (found := _options(table, one, document)) else "text",
            _HINTS.get(f"{table}.{one.name}", ""),
            default="for ever" if "most" in one.metadata else "",
            options=found if one.name != "body" else (),
            fixed=(not new and one.name in kind.key_names) or (table, one.name) == ("connector", "kind"),
        )
        for one in dataclasses.fields(kind)
        if one.name != "settings"
    ]


def _options(table: str, one: dataclasses.Field[Any], document: site.Document) -> Sequence[tuple[str, str]]:
    if words := one.metadata.get("words"):
        return [(word, labels.spoken(word)) for word in words]
    places = [(row.code, f"{row.name} ({row.code})") for row in document.of(site.PlaceRow).values()]
    connectors = [(row.name, row.name) for row in document.of(site.ConnectorRow).values()]
    match table, one.name:
        case ("code_map", "place"):
            return [("", "Choose a place"), *places]
        case ("place", "parent"):
            return [("", "Nothing"), *places]
        case ("subscription", "place"):
            return [("", "Everywhere"), *places]
        case ("code_map", "source"):
            return [("*", "Every connector"), *connectors]
        case ("subscription", "connector"):
            return [("", "Choose a connector"), *connectors]
        case ("subscription", "payload"):
            return [(SOURCE, "The received message itself"), *_composing(document)]
        case ("connector", "kind"):
            return [(name, kind_label(name)) for name in registry.kinds()]
        case ("connector", "profile"):
            own = [row.name for row in document.of(site.ProfileRow).values()]
            return [(name, name) for name in sorted({*own, *site.shipped()})]
    return ()


def _composing(document: site.Document) -> list[tuple[str, str]]:
    """The profiles that compose messages."""
    own = {row.name: row.body for row in document.of(site.ProfileRow).values()}
    return [(name, f"A message composed by {name}") for name in site.composing(own)]


def kind_label(name: str) -> str:
    """A kind of connector as people read it."""
    return registry.kind(name).label if name in registry.kinds() else name


def of_settings(kind: str, values: Mapping[str, str]) -> list[Field]:
    """The fields of a connector kind's settings, with what its model says about each."""
    try:
        model = registry.kind(kind).settings
    except Exception:  # a kind this version does not have: said by the check
        return []
    return list(_model(model, "settings", values))


def _model(model: type[BaseModel], path: str, values: Mapping[str, str]) -> Iterator[Field]:
    for name, one in model.model_fields.items():
        place = f"{path}.{name}"
        inner, optional = _inner(one.annotation)
        title = labels.spoken(name) if path == "settings" else f"{labels.spoken(path.split('.')[-1])}: {name}"
        title = title.replace("Tls", "TLS").removesuffix(" s").replace("_", " ")
        if inner is None:
            yield _setting(place, title, one, values.get(place, ""))
            continue
        if optional:
            options = [("", "Not used"), (ON, "Used")]
            yield Field(
                place,
                title,
                values.get(place, ""),
                "choice",
                (inner.__doc__ or "").strip().replace("``", ""),
                "",
                options,
            )
        yield from _model(inner, place, values)


def _setting(path: str, title: str, one: FieldInfo, value: str) -> Field:
    default = "" if one.is_required() else shown(one.get_default(call_default_factory=True))
    words = _words(one.annotation)
    hint = (one.description or "").strip().replace("`", "")
    hint = f"{hint[:1].upper()}{hint[1:]}{'' if hint.endswith('.') else '.'}"
    if path.endswith("_s"):
        hint += " In seconds."
    if words:
        options = [("", f"Default ({default})"), *((word, word) for word in words)]
        return Field(path, title, value, "choice", hint, default, options)
    return Field(path, title, value, "text", hint, default)


def _inner(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """The model of a table within the settings, and whether the table may be absent."""
    options = get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)
    for one in options:
        if isinstance(one, type) and issubclass(one, BaseModel):
            return one, len(options) > 1
    return None, False


def _words(annotation: Any) -> list[str]:
    if annotation is bool:
        return ["true", "false"]
    if get_origin(annotation) is Literal:
        return [str(word) for word in get_args(annotation)]
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [str(one.value) for one in annotation]
    return []


def shown(value: Any) -> str:
    """A value as it stands in a field."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(map(shown, value))
    return "" if value is None else str(value.value if isinstance(value, Enum) else value)


def value_of(one: dataclasses.Field[Any], text: str) -> object:
    """What a field of a row says: a number where it wants one, and text where that is no number."""
    return _number(text) if "most" in one.metadata else text


def typed(row: site.Row) -> dict[str, str]:
    """A row of the book as the fields would have it."""
    values = {one.name: shown(getattr(row, one.name)) for one in dataclasses.fields(row) if one.name != "settings"}
    if isinstance(row, site.ConnectorRow):
        values |= dict(_flat("settings", row.settings))
    return values


def _flat(path: str, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield f"{path}.{name}", ON
            yield from _flat(f"{path}.{name}", value)
        else:
            yield f"{path}.{name}", shown(value)


def settings_of(kind: str, values: Mapping[str, str]) -> dict[str, Any]:
    """The settings that the fields say."""
    try:
        model = registry.kind(kind).settings
    except Exception:  # said by the check
        return {}
    return _read(model, "settings", values)


def unused(kind: str, values: Mapping[str, str], where: str) -> list[Invalid]:
    """The tables that are not used and yet filled in: whoever typed a key expects TLS."""
    if kind not in registry.kinds():
        return []
    found = []
    for name, one in registry.kind(kind).settings.model_fields.items():
        inner, optional = _inner(one.annotation)
        place = f"settings.{name}"
        if inner is None or not optional or values.get(place) or not _read(inner, place, values):
            continue
        remedy = "choose Used, or empty its fields"
        found.append(Invalid("is not used, but something is filled in", place=f"{where}.{place}", remedy=remedy))
    return found


def _read(model: type[BaseModel], path: str, values: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, one in model.model_fields.items():
        place = f"{path}.{name}"
        inner, optional = _inner(one.annotation)
        if inner is not None:
            if (table := _read(inner, place, values)) or (optional and values.get(place)):
                found[name] = table
        elif text := values.get(place, "").strip():
            found[name] = _value(one.annotation, text)
    return found


def _value(annotation: Any, text: str) -> Any:
    if annotation is bool:
        return text == "true" if text in ("true", "false") else text
    if annotation in (int, float):
        return _number(text)
    if get_origin(annotation) in (tuple, list):
        return [part for part in re.split(r"[,\s]+", text) if part]
    return text


def _number(text: str) -> int | float | str:
    for make in (int, float):
        try:
            return make(text)
        except ValueError:
            continue
    return text


def with_errors(fields: Iterable[Field], problems: Iterable[Invalid], head: str) -> tuple[list[Field], list[Invalid]]:
    """The fields with what is wrong with each, and what is wrong elsewhere. ``head`` begins the places of the row."""
    by_path: dict[str, Invalid] = {}
    elsewhere: list[Invalid] = []
    found = list(fields)
    paths = {each.path for each in found}
    for problem in problems:
        path = _within(problem.place.removeprefix(head).lstrip("."), paths) if problem.place.startswith(head) else ""
        if path:
            by_path.setdefault(path, problem)
        else:
            elsewhere.append(problem)
    return [_told(each, by_path.get(each.path)) for each in found], elsewhere


def _within(path: str, paths: set[str]) -> str:
    """The field an error belongs to: ``body: order.dose`` to ``body``, ``settings.allow_from.0`` to its list."""
    path = path.partition(":")[0]
    while path and path not in paths:
        path = path.rpartition(".")[0]
    return path


def _told(field: Field, problem: Invalid | None) -> Field:
    if problem is None:
        return field
    within = problem.place.partition(": ")[2]
    remedy = "" if problem.remedy.startswith("docs/") else problem.remedy  # what it leads to stands as the field's hint
    return field._replace(error=f"{within}: {problem.text}" if within else problem.text, remedy=remedy)
