"""The workspace Settings: rows of the site as lists and forms. What is saved goes through the checks of the file."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import NamedTuple
from zlib import crc32

import anyio.from_thread
from starlette.responses import RedirectResponse, Response

from officina.actions import site
from officina.actions.site import edit
from officina.connectors import registry
from officina.errors import Conflict, Forbidden, Invalid, NotFound
from officina.store import connectors, worklist
from officina.store.worklist import Group
from officina.web import fields
from officina.web.rendering import address
from officina.web.visit import Visit

HOME = "/settings"


class Table(NamedTuple):
    """A table of the site as its tab has it. ``columns`` are shown in its list, the keys of the row first."""

    name: str
    title: str
    noun: str
    columns: tuple[str, ...]
    about: str


TABLES: Mapping[str, Table] = {
    each.name: each
    for each in (
        Table("connector", "Connectors", "connector", ("kind", "profile"), "A way for messages to come or go."),
        Table("subscription", "Subscriptions", "subscription", ("event", "place", "connector"), "Who is told of what."),
        Table("code_map", "Code maps", "code", ("source", "place"), "What a partner calls one of our places."),
        Table("place", "Places", "place", ("name", "kind", "parent"), "Where care happens, or medication is made."),
        Table("profile", "Profiles", "profile", (), "A partner's dialect, as TOML."),
    )
}


class Line(NamedTuple):
    """A row in a list. ``waiting`` are the parked messages that name its code."""

    row: site.Row
    anchor: str
    key: str
    href: str
    cells: tuple[str, ...]
    state: str
    waiting: tuple[Group, ...] = ()


def home(visit: Visit) -> Response:
    """Connectors first."""
    return RedirectResponse(f"{HOME}/connector", 303)


def show(visit: Visit) -> Response:
    """The list of one table."""
    table = _table(visit)
    document = site.stored_document(visit.tx)
    groups = _unknown_codes(visit) if table.name == "code_map" else []
    names = _connector_names(visit)
    lines = [_line(table, row, document, groups, names) for row in document.table(table.name).values()]
    lines.sort(key=lambda line: (line.state == "inactive", line.key))
    matched = {group for line in lines for group in line.waiting}
    return visit.page(
        "settings/list.html",
        workspace="settings",
        tab=table.name,
        table=table,
        lines=lines,
        unmapped=[group for group in groups if group not in matched],
        names=names,
        kinds=[registry.kind(name) for name in registry.kinds()] if table.name == "connector" else [],
        may_write=_may_write(visit),
        may_release=visit.session.rights.may("messages.write", None),
    )


def show_form(visit: Visit) -> Response:
    """The form of one row, or of a new one with what the address says filled in."""
    table = _table(visit)
    document = site.stored_document(visit.tx)
    row = document.table(table.name).get(_key(table, visit.query))
    if row is None and not _is_new(visit):
        raise NotFound(f"there is no such {table.noun}")
    values = fields.typed(row) if row else _defaults(table) | dict(visit.query)
    return _form(visit, table, values, edit.fingerprint(row), document)


def save(visit: Visit) -> Response:
    """Adds or changes the row; what is wrong is said beside its field, and what was typed stays."""
    table, values, seen = _table(visit), visit.form, visit.form.get("seen", "")
    document = site.stored_document(visit.tx)
    try:
        row = _row(table, values)
        _write(visit, lambda tx: edit.put(tx, row, seen=seen, actor=visit.session.actor, at=visit.now))
    except site.SiteInvalid as refused:
        return _form(visit, table, values, seen, document, problems=refused.problems, status=422)
    except edit.Overtaken as refused:
        return _form(visit, table, values, edit.fingerprint(refused.now), document, overtaken=refused, status=409)
    return _back_to(table, tuple(str(getattr(row, name)) for name in row.key_names))


def retire(visit: Visit) -> Response:
    """Takes the row out of use, or says what still uses it."""
    table, values, seen = _table(visit), visit.form, visit.form.get("seen", "")
    key = _key(table, values)
    try:
        _write(visit, lambda tx: edit.retire(tx, table.name, key, seen=seen, actor=visit.session.actor, at=visit.now))
    except edit.Overtaken as refused:
        now = fields.typed(refused.now) if refused.now else values
        document = site.stored_document(visit.tx)
        return _form(visit, table, now, edit.fingerprint(refused.now), document, refusal=refused, status=409)
    except Conflict as refusal:
        document = site.stored_document(visit.tx)
        there = document.table(table.name)[key]
        return _form(visit, table, fields.typed(there), seen, document, refusal=refusal, status=409)
    return _back_to(table, key)


def _back_to(table: Table, key: tuple[str, ...]) -> Response:
    """The list, with the keyboard at the row that was changed."""
    return RedirectResponse(f"{HOME}/{table.name}#{_anchor(key)}", 303)


def _anchor(key: tuple[str, ...]) -> str:
    """The id of a row on its page: a key may hold what no id may."""
    return f"s{crc32(repr(key).encode()):x}"


def _form(
    visit: Visit,
    table: Table,
    values: Mapping[str, str],
    seen: str,
    document: site.Document,
    *,
    problems: tuple[Invalid, ...] = (),
    overtaken: edit.Overtaken | None = None,
    refusal: Conflict | None = None,
    status: int = 200,
) -> Response:
    new = seen == edit.ABSENT
    name = " ".join(values.get(one, "") for one in site.ROWS[table.name].key_names)
    found = fields.of_row(table.name, values, document, new=new)
    count = len(found)
    found += fields.of_settings(values.get("kind", ""), values) if table.name == "connector" else []
    found, elsewhere = fields.with_errors(found, problems, f"{table.name} {name}")
    now = fields.typed(overtaken.now) if overtaken and overtaken.now else {}
    users = [row.name for row in document.of(site.ConnectorRow).values() if row.profile == values.get("name")]
    return visit.page(
        "settings/form.html",
        status,
        workspace="settings",
        tab=table.name,
        table=table,
        title=name if not new else f"New {table.noun}",
        fields=found[:count],
        settings=found[count:],
        elsewhere=elsewhere,
        seen=seen,
        new=new,
        overtaken=overtaken,
        theirs=[(each.title, now.get(each.path, ""), each.value) for each in found if _differs(each, now)]
        if now
        else [],
        refusal=refusal,
        users=users if table.name == "profile" else [],
        may_write=_may_write(visit),
    )


def _differs(field: fields.Field, now: Mapping[str, str]) -> bool:
    return now.get(field.path, "") != field.value.replace("\r\n", "\n")


def _write(visit: Visit, work: site.Work) -> None:
    """In force with the answer: the supervisor follows the commit."""
    if not _may_write(visit):
        raise Forbidden("your roles do not include changing the site")
    visit.services.store.writer.submit(work).result()
    anyio.from_thread.run(visit.services.supervisor.caught_up)


def _row(table: Table, values: Mapping[str, str]) -> site.Row:
    """The row that the fields say, checked as a row of a file is."""
    kind = site.ROWS[table.name]
    given: dict[str, object] = {
        one.name: values[one.name] if one.name == "body" else fields.value_of(one, values[one.name].strip())
        for one in dataclasses.fields(kind)
        if one.name != "settings" and values.get(one.name, "").strip()
    }
    if kind is site.ConnectorRow:
        given["settings"] = fields.settings_of(values.get("kind", ""), values)
    where = f"{table.name} {' '.join(values.get(one, '') for one in kind.key_names)}"
    problems = fields.unused(values.get("kind", ""), values, where) if kind is site.ConnectorRow else []
    try:
        row = site.read_row(table.name, given, where)
    except site.SiteInvalid as refused:
        problems = [*refused.problems, *problems]
    if problems:  # all at once, also what is wrong below
        more = given.get("settings")
        told = site.settings_problems(values.get("kind", ""), more, where) if isinstance(more, dict) else []
        raise site.SiteInvalid([*problems, *told])
    return row


def _defaults(table: Table) -> dict[str, str]:
    every = dataclasses.fields(site.ROWS[table.name])
    return {one.name: fields.shown(one.default) for one in every if one.default is not dataclasses.MISSING}


def _table(visit: Visit) -> Table:
    found = TABLES.get(str(visit.request.path_params["table"]))
    if found is None:
        raise NotFound("there is no such table")
    return found


def _is_new(visit: Visit) -> bool:
    return visit.request.url.path.endswith("/new")


def _key(table: Table, values: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(values.get(name, "") for name in site.ROWS[table.name].key_names)


def _line(table: Table, row: site.Row, document: site.Document, groups: list[Group], names: Mapping[int, str]) -> Line:
    key = {name: getattr(row, name) for name in row.key_names}
    waits: tuple[Group, ...] = ()
    if isinstance(row, site.CodeMapRow):
        waits = tuple(
            group
            for group in groups
            if group.cause.facility_code == row.code and row.source in ("*", names.get(group.cause.connector_id))
        )
    cells = tuple(_cell(row, column) for column in table.columns)
    if isinstance(row, site.ProfileRow):
        users = [each.name for each in document.of(site.ConnectorRow).values() if each.profile == row.name]
        cells = (", ".join(users) or "no connector",)
    shown = row.code if isinstance(row, site.CodeMapRow) else " ".join(key.values())
    return Line(
        row,
        _anchor(tuple(key.values())),
        shown,
        address(f"{HOME}/{table.name}/edit", key),
        cells,
        getattr(row, "state", ""),
        waits,
    )


def _cell(row: site.Row, column: str) -> str:
    value = str(getattr(row, column))
    return fields.kind_label(value) if isinstance(row, site.ConnectorRow) and column == "kind" else value


def _unknown_codes(visit: Visit) -> list[Group]:
    """The facility codes that parked messages name."""
    return [group for group in worklist.groups(visit.tx) if group.cause.reason == "facility_unknown"]


def _connector_names(visit: Visit) -> dict[int, str]:
    return {each.id: each.name for each in connectors.every(visit.tx)}


def _may_write(visit: Visit) -> bool:
    return visit.session.rights.may("site.write")
