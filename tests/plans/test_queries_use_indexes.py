"""Every named query of the book reads by an index: the database is asked how it would run the very same text."""

from __future__ import annotations

import importlib
import pkgutil
import re
from typing import Any

import pytest
from sqlalchemy import text

import officina.store
from officina.store import Store, Tx, deliveries, events, intake, messages, orders
from officina.store.query import QUERIES, Query
from officina.store.sqlite import gathered_sql

for _module in pkgutil.iter_modules(officina.store.__path__, "officina.store."):
    importlib.import_module(_module.name)

# Tables that grow with the traffic. The others are as large as the site is.
GROWING = (
    "message",
    "message_body",
    "message_number",
    "kept_back",
    "order",
    "order_version",
    "patient",
    "patient_identifier",
    "visit",
    "event",
    "delivery",
    "attempt",
    "alert",
    "notice",
    "traffic",
    "review",
    "medication",
    "decision",
)
VALUES: dict[str, Any] = {
    "bigint": 7,
    "text": "P7",
    "bytea": b"\x07" * 16,
}
PARAMS: dict[str, Any] = {
    "id": 7,
    "limit": 50,
    "most": 1000,
    "state": "parked",
    "start": "name1",
    "end": "name2",
    "start_id": -1,
    "identifier": "7",
    "type": "ORM^O01",
    "facility_code": "OAK",
    "reason": "facility_unknown",
    "connector_id": 5,
    "control_id": "C7",
    "order_number": "P7",
    "order_id": 7,
    "outward": True,
    "uncommon": True,
    "number": "P7",
    "patient_id": 7,
    "direction": "in",
    "since": 1_767_225_700_000_000,
    "until": 1_767_225_800_000_000,
    "at": 1_767_225_700_000_000,
    "before": 5000,
    "after": 5000,
    "status": "active",
    "place_id": 2,
    "subject": "order",
    "subject_id": 7,
    "message_id": 7,
    "kind": "person.signed_in",
    "actor": "person:rose",
    "unprompted": True,
    "name": "deliveries:7",
    "holder": "hub",
    "of_holder": "hub",
    "token": 7,
    "span": 15_000_000,
    "age": 15_000_000,
    "begins_at": 1_767_225_600_000_000,
    **dict.fromkeys(("opened_at", "changed_at"), 1_767_225_600_000_000),
    **dict.fromkeys(("assigned_to", "first_by", "note"), ""),
    "version": 1,
    **dict.fromkeys(("taken", "no_effect", "refused", "sent", "not_sent"), 1),
}
_SHAPES = [
    (),
    ("before",),
    ("after",),
    ("within",),
    ("within", "before"),
    ("within", "after"),
]
_MESSAGES = [
    *_SHAPES,
    *[
        (key, *rest)
        for key in ("type", "facility_code", "control_id", "order_number", "patient_id", "since", "until")
        for rest in ((), ("before",), ("within",))
    ],
    ("since", "until"),
    ("state",),  # accepted
    *[("state", "uncommon", *rest) for rest in ((), ("before",), ("within",))],
    ("state", "uncommon", "type"),
    ("state", "uncommon", "since", "until", "within", "before"),
    ("state", "uncommon", "type", "facility_code", "before"),
    ("connector_id",),
    ("direction",),
    ("direction", "outward"),
    ("direction", "state", "uncommon"),
]
_ORDERS = [
    *_SHAPES,
    *[
        (key, *rest)
        for key in ("number", "status", "patient_id", "place_id")
        for rest in ((), ("before",), ("within",))
    ],
]
_DELIVERIES = [(state, "within", *rest) for state in ("queued", "failed") for rest in ((), ("before",), ("after",))]
_EVENTS = [
    (),
    ("before",),
    ("subject", "subject_id"),
    ("patient_id", "before"),
    ("message_id",),
    ("unprompted", "before"),
    ("kind", "unprompted"),
    ("actor", "unprompted", "before"),
]


# Lists whose conditions nearly every row meets go along the primary key, newest first, until the page is full;
# SQLite calls that a scan.
ALONG_THE_KEY = {
    "messages.listed()",
    "messages.listed(direction)",
    "messages.listed(state)",
    "orders.listed()",
    "events.listed()",
    "messages.listed(direction, outward)",
    "events.listed(kind, unprompted)",
}
# The same along an index of the few rows that are meant: what went out, and the audit trail.
OF_FEW = (
    ["SCAN message USING INDEX ix_message_id_outward"],
    ["SCAN event USING INDEX ix_event_id_unprompted"],
)
# The error queues of all connectors are counted along their index, up to a limit.
OF_FAILED = ("SCAN delivery USING INDEX ix_delivery_failed", "SCAN delivery USING COVERING INDEX ix_delivery_failed")
# What is open or waits to be told is a few rows with an index of their own.
OF_ALERTS = tuple(
    f"SCAN {rows} USING {kind}INDEX {index}"
    for rows, index in (("alert", "uq_alert_open"), ("notice", "ix_notice_waiting"))
    for kind in ("", "COVERING ")
)
# Sorted is the page itself, put together from one page per place; or the few rows of one number.
SORTED = {"within", "order_number", "number", "control_id"}


def _queries() -> list[Query]:
    lists = [
        *[messages.LISTING.query(frozenset(shape)) for shape in _MESSAGES],
        *[orders.LISTING.query(frozenset(shape)) for shape in _ORDERS],
        *[events.LISTING.query(frozenset(shape)) for shape in _EVENTS],
        *[deliveries.LISTING.query(frozenset(shape)) for shape in _DELIVERIES],
    ]
    return sorted({query.name: query for query in [*QUERIES.values(), *lists]}.values(), key=lambda query: query.name)


def _params(tx: Tx, query: Query) -> dict[str, Any]:
    params = {**query.fixed(tx.link.dialect), **PARAMS}
    for name, kinds in query.sets.items():
        given = [VALUES[kinds[0]]] if len(kinds) == 1 else [tuple(VALUES[kind] for kind in kinds)]
        params.update(tx.link.bind_set(name, kinds, given))
    return params


def _plan(tx: Tx, query: Query) -> list[str]:
    link, params = tx.link, _params(tx, query)
    explain = "EXPLAIN QUERY PLAN " if link.dialect.name == "sqlite" else "EXPLAIN "
    return [str(row[-1]) for row in link.rows(explain + query.text(link.dialect), params)]


def _scans(dialect: str, plan: list[str]) -> list[str]:
    tables = "|".join(GROWING)
    if dialect == "postgresql":
        return [line for line in plan if re.search(rf'Seq Scan on "?({tables})"?\b', line)]
    return [
        line
        for line in plan
        if re.match(rf"SCAN ({tables}|candidate)\b", line) and line not in (*OF_FAILED, *OF_ALERTS)
    ]


@pytest.mark.parametrize("query", _queries(), ids=lambda query: query.name)
def test_no_query_scans_a_table_that_grows(filled: Store, query: Query) -> None:
    with filled.read() as tx:
        if tx.link.dialect.name == "postgresql":
            tx.execute(text("SET LOCAL enable_seqscan TO off"))
        plan = _plan(tx, query)
        scans = _scans(tx.link.dialect.name, plan)
    if filled.kind == "sqlite" and query.name in ALONG_THE_KEY:
        assert plan in (["SCAN message"], ["SCAN order"], ["SCAN event"], *OF_FEW)
        return
    assert scans == [], "\n".join(plan)


def test_asking_for_all_of_a_batch_at_once_scans_nothing_either(filled: Store) -> None:
    if filled.kind != "sqlite":  # the others run the statements one by one
        return
    together = (intake.KNOWN_MESSAGES, intake.PATIENTS_BY_IDENTIFIER, intake.VISITS, intake.ORDERS_BY_NUMBER)
    with filled.read() as tx:
        params = {name: value for query in together for name, value in _params(tx, query).items()}
        plan = [str(row[-1]) for row in tx.link.rows("EXPLAIN QUERY PLAN " + gathered_sql(together), params)]
        assert _scans("sqlite", plan) == [], "\n".join(plan)


@pytest.mark.parametrize("query", _queries(), ids=lambda query: query.name)
def test_no_list_sorts_more_than_it_shows(filled: Store, query: Query) -> None:
    if ".listed(" not in query.name or filled.kind == "postgresql":
        return
    with filled.read() as tx:
        plan = _plan(tx, query)
    sorts = [line for line in plan if "TEMP B-TREE FOR ORDER BY" in line]
    assert len(sorts) <= len(SORTED.intersection(re.split(r"\W+", query.name))), "\n".join(plan)
