"""A book with enough rows that a plan matters, with statistics, made once per database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.support.book import (
    AT,
    Site,
    add_site,
    identifier_row,
    message_row,
    order_row,
    patient_row,
    visit_row,
)
from tests.support.databases import Server

from officina.packed import Like, pack
from officina.store import Store, Tx, alerts, deliveries, intake, migrate, open_store, traffic
from officina.store.rows import AlertRow, AttemptRow, BodyRow, DeliveryRow, EventRow, MessageRow, NoticeRow, VersionRow
from officina.store.traffic import TrafficRow

COUNT = 3_000


@pytest.fixture(scope="session", params=["sqlite", "sqlite analysed", "postgresql"])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Some thousand messages and all they caused. SQLite has no statistics unless someone asks for them."""
    if request.param != "postgresql":
        folder: Path = tmp_path_factory.mktemp("plans")
        url = f"sqlite:///{folder / 'officina.db'}"
    else:
        server: Server = request.getfixturevalue("postgresql_server")
        url = server.url(server.create())
    migrate(url)
    with open_store(url) as store:
        _fill(store)
        if request.param != "sqlite":
            with store.write() as tx:
                tx.execute(text("ANALYZE"))
        yield store


def _fill(store: Store) -> None:
    with store.write() as tx:
        site = add_site(tx)
        patients = [patient_row(tx, site, family=f"NAME{i}") for i in range(COUNT // 10)]
        intake.insert_patients(tx, patients)
        intake.insert_identifiers(tx, [identifier_row(site, row.id, f"{i}") for i, row in enumerate(patients)])
        intake.insert_visits(tx, [visit_row(tx, site, row.id) for row in patients])
        received = [
            message_row(
                tx,
                site,
                control_id=f"C{i}" if i % 20 else "",
                received_at=AT + i * 1_000_000,
                patient_id=patients[i % len(patients)].id,
                place_id=(site.oak, site.elm)[i % 2],
                state="parked" if i % 50 == 0 else "accepted",
                type=("RDE^O11", "ORM^O01")[i % 3 == 0],
                duplicate_of=1 if i % 100 == 0 else None,
            )
            for i in range(COUNT)
        ]
        intake.insert_messages(tx, received)
        intake.insert_bodies(tx, [BodyRow(row.id, pack(b"MSH|", Like.MESSAGE), b"MSA|", "[]") for row in received])
        _fill_orders(tx, site, received)
        _fill_alerts(tx)


def _fill_orders(tx: Tx, site: Site, received: list[MessageRow]) -> None:
    orders = [
        order_row(
            tx,
            site,
            row.patient_id or 0,
            row.id,
            place_id=row.place_id,
            placer_number=f"P{i}" if i % 20 else "",
            filler_number=f"F{i}" if i % 20 else "",
        )
        for i, row in enumerate(received)
    ]
    versions = [VersionRow(tx.id(), row.id, 1, row.message_id, AT, pack(b"{}", Like.FACTS)) for row in orders]
    events = [
        EventRow(
            tx.id(),
            AT,
            "order.created",
            "order",
            row.id,
            "connector:trees-in",
            row.patient_id,
            row.place_id,
            row.message_id if i % 10 else None,
            None,
        )
        for i, row in enumerate(orders)
    ]
    intake.insert_orders(tx, orders)
    intake.insert_versions(tx, versions)
    intake.insert_events(tx, events)
    _fill_deliveries(tx, site, events)


def _fill_deliveries(tx: Tx, site: Site, events: list[EventRow]) -> None:
    """Half of them delivered, the rest in the queue and in the error queue."""
    rows = [
        DeliveryRow(
            tx.id(),
            row.id,
            site.subscription,
            site.connector,
            f"patient {row.patient_id}",
            ("delivered", "queued", "delivered", "failed")[i % 4],
            AT,
            message_id=row.message_id,
            attempts=i % 4,
        )
        for i, row in enumerate(events)
    ]
    intake.insert_deliveries(tx, rows)
    tried = [(row, number) for row in rows for number in range(1, row.attempts + 1)]
    attempts = [
        AttemptRow(tx.id(), row.id, number, row.message_id or 0, AT, 900, "accepted", "AA", "", "", b"MSA|AA")
        for row, number in tried
    ]
    deliveries.insert_attempts(tx, attempts)
    traffic.add(tx, [TrafficRow(AT + i * 300_000_000, site.connector, 1, 0, 0, 0, 0) for i in range(COUNT)])


def _fill_alerts(tx: Tx) -> None:
    """All but a few are over, and told."""
    over = [AlertRow(tx.id(), "disk", "database", "full", 1, AT + i, AT + i + 1) for i in range(COUNT)]
    still = [AlertRow(tx.id(), "silence", f"partner {i}", "silent", 0, AT) for i in range(5)]
    alerts.add(tx, over + still)
    alerts.add_notices(tx, [NoticeRow(tx.id(), row.id, "mail", "opened", "told", AT, 1, AT) for row in over])
    alerts.add_notices(tx, [NoticeRow(tx.id(), row.id, "mail", "opened", "waiting", AT, 0, None) for row in still])
