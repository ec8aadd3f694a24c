"""A transaction behaves alike on both databases."""

from __future__ import annotations

import sqlite3
from typing import Any

import psycopg
import pytest
from sqlalchemy import Table, bindparam, delete, func, insert, select, update

from officina.errors import OfficinaError
from officina.store import Store, Tx, rows
from officina.store import schema as book
from officina.store.query import Query, among
from officina.store.schema import place


def _add(tx: Tx, *codes: str) -> list[int]:
    ids = list(tx.ids(len(codes)))
    tx.insert(
        place,
        [{"id": id, "kind": "unit", "code": code, "name": code} for id, code in zip(ids, codes, strict=True)],
    )
    return ids


@pytest.mark.parametrize(
    ("row", "table"),
    [
        (rows.MessageRow, book.message),
        (rows.BodyRow, book.message_body),
        (rows.PatientRow, book.patient),
        (rows.IdentifierRow, book.patient_identifier),
        (rows.VisitRow, book.visit),
        (rows.OrderRow, book.order),
        (rows.VersionRow, book.order_version),
        (rows.EventRow, book.event),
        (rows.DeliveryRow, book.delivery),
    ],
    ids=lambda value: value.name if isinstance(value, Table) else None,
)
def test_rows_have_the_columns_of_their_tables(row: Any, table: Table) -> None:
    assert row._fields == tuple(column.name for column in table.columns)


def test_core_statements_run_as_they_are_built(store: Store) -> None:
    with store.write() as tx:
        assert tx.execute(insert(place).values(id=tx.id(), kind="unit", code="oak", name="Oak")).rowcount == 1
        assert tx.execute(update(place).where(place.c.code == "oak").values(name="100% oak")).rowcount == 1
    with store.read() as tx:
        found = tx.execute(select(place.c.code, place.c.name).where(place.c.code.in_(["oak", "elm"])))
        assert found.columns == ("code", "name")
        assert found.all() == list(found) == [("oak", "100% oak")]
        assert found.first() == ("oak", "100% oak")
        assert found.scalar() == "oak"
        assert found.mappings() == [{"code": "oak", "name": "100% oak"}]
        none = tx.execute(select(place.c.code).where(place.c.code == bindparam("code")), {"code": "no"})
        assert (none.first(), none.scalar(), none.all()) == (None, None, [])
        like = tx.execute(select(func.count()).select_from(place).where(place.c.name.like("100\\%%", escape="\\")))
        assert like.scalar() == 1
    with store.write() as tx:
        assert tx.execute(delete(place)).rowcount == 1


def test_named_queries(store: Store) -> None:
    by_code = Query("test.by_code", select(place.c.id).where(place.c.code == bindparam("code")))
    by_codes = Query("test.by_codes", select(place.c.id).where(among(place.c.code, "codes")), sets={"codes": ["text"]})
    rename = Query("test.rename", update(place).where(place.c.code == bindparam("old")).values(name=bindparam("new")))
    with store.write() as tx:
        oak, elm = _add(tx, "oak", "elm")
        assert tx.one(by_code, code="oak") == (oak,)
        assert tx.one(by_code, code="ash") is None
        assert sorted(tx.all(by_codes, codes=["elm", "ash", "oak"])) == [(oak,), (elm,)]
        assert tx.all(by_codes, codes=[]) == []
        assert tx.change(rename, old="oak", new="Oak House") == 1
        assert tx.change(rename, old="ash", new="Ash House") == 0
        tx.run(rename, [{"old": "oak", "new": "A"}, {"old": "elm", "new": "B"}])
        tx.run(rename, [])
        assert tx.execute(select(place.c.name).order_by(place.c.id)).all() == [("A",), ("B",)]
    assert repr(by_code) == "Query(test.by_code)"


def test_values_come_back_as_they_went_in(store: Store) -> None:
    values: list[dict[str, Any]] = [
        {"control_id": "Ä\U0001f48a'\"\\%s:x$1", "digest": bytes(range(256)), "size": 2**31 - 1, "patient_id": None},
        {"control_id": "", "digest": b"", "size": 0, "patient_id": 2**62},
        {"control_id": "{a,b}", "digest": b"\x00", "size": -1, "patient_id": -(2**62)},
    ]
    fixed = {
        "connector_id": 1,
        "direction": "in",
        "received_at": 1_767_225_600_123_456,
        "state": "x",
        "ack_outcome": "none",
    }
    with store.write() as tx:
        tx.insert(book.message, [{"id": tx.id(), **fixed, **value} for value in values])
        tx.insert(book.message, [])
    columns = [book.message.c[name] for name in (*values[0], "received_at", "reason")]
    with store.read() as tx:
        found = tx.execute(select(*columns).order_by(book.message.c.id)).all()
    assert found == [(*value.values(), fixed["received_at"], "") for value in values]


def test_rows_that_do_not_give_the_same_columns_are_refused(store: Store) -> None:
    with pytest.raises(KeyError), store.write() as tx:
        tx.insert(place, [{"id": 1, "kind": "unit", "code": "a", "name": "a"}, {"id": 2, "kind": "unit", "code": "b"}])


def test_updates_by_key(store: Store) -> None:
    with store.write() as tx:
        oak, elm, ash = _add(tx, "oak", "elm", "ash")
        tx.update(place, [{"id": oak, "name": "Oak"}, {"name": "Elm", "state": "inactive", "id": elm}])
        tx.update(place, [])
        assert tx.execute(select(place.c.id, place.c.name, place.c.state).order_by(place.c.id)).all() == [
            (oak, "Oak", "active"),
            (elm, "Elm", "inactive"),
            (ash, "ash", "active"),
        ]


def test_ids_rise_and_never_repeat(store: Store) -> None:
    taken: list[int] = []
    for count in (1, 3, 100, 1):
        with store.write() as tx:
            taken += [*tx.ids(count), tx.id(), *tx.ids(count)]
    assert taken == sorted(set(taken))


def test_what_is_nested_is_undone_alone(store: Store) -> None:
    def raising(tx: Tx) -> None:
        _add(tx, "lost")
        tx.touch("orders")
        raise ValueError

    def refused(tx: Tx) -> None:
        _add(tx, "lost", "oak")

    with store.write() as tx:
        _add(tx, "oak")
        for undone, error in ((raising, ValueError), (refused, (sqlite3.IntegrityError, psycopg.IntegrityError))):
            with pytest.raises(error), tx.nested():
                undone(tx)
        with tx.nested():
            _add(tx, "elm")
            tx.touch("site")
        assert tx.topics == {"site"}
    with store.read() as tx:
        assert tx.execute(select(place.c.code).order_by(place.c.id)).all() == [("oak",), ("elm",)]


def test_an_error_of_the_hub_passes_through_unchanged(store: Store) -> None:
    error = OfficinaError("no", code="some_code")
    for transaction in (store.write, store.read):
        with pytest.raises(OfficinaError) as refusal, transaction():
            raise error
        assert refusal.value is error
