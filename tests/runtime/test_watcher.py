"""What a running hub finds wrong with itself: real sockets, certificates and queues."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from sqlalchemy import insert
from tests.support.hub import SITE, running_hub, site_store
from tests.support.ports import free_port
from tests.support.receivers import Receiver
from tests.support.samples import rde_o11

from officina.actions import site
from officina.app import Hub
from officina.store import alerts, schema
from officina.store.rows import AlertRow

DEADLINE_S = 20.0
LISTENER = """
[[connector]]
name = "cabinet room"
kind = "mllp_listener"
[connector.settings]
port = PORT
"""
SENDER = """
[[connector]]
name = "cabinet"
kind = "mllp_sender"
settings = { host = "127.0.0.1", port = PORT, retry_interval_s = 3600 }

[[subscription]]
name = "orders to the cabinet"
event = "order.*"
connector = "cabinet"
payload = "source"

[[alert]]
kind = "queue_depth"
subject = "cabinet"
settings = { opens = 2, closes = 0 }
"""


def still_open(hub: Hub) -> dict[tuple[str, str], AlertRow]:
    with hub.store.read() as tx:
        return {(row.kind, row.subject): row for row in alerts.still_open(tx) if row.kind != "disk"}


async def changed(hub: Hub, holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_S), hub.bus.subscribe() as watch:
        if holds():
            return
        async for topic in watch:
            if topic == "alerts" and holds():
                return


async def test_a_connector_that_does_not_run_is_told_until_its_port_is_free(database_url: str) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        async with running_hub(database_url, SITE + LISTENER.replace("PORT", str(port))) as hub:
            await changed(hub, lambda: ("connector_failed", "cabinet room") in still_open(hub))
            moved = site.parse(LISTENER.replace("PORT", str(free_port())))
            hub.store.writer.submit(lambda tx: site.apply(tx, moved, actor="system", at=2)).result(DEADLINE_S)
            await changed(hub, lambda: still_open(hub) == {})
            text = hub.metrics.text().decode()
    assert 'officina_open_alerts{kind="connector_failed"} 0.0' in text


async def test_a_queue_that_grows_too_long_opens_an_alert_at_once(database_url: str) -> None:
    async with running_hub(database_url, SITE + SENDER.replace("PORT", str(free_port()))) as hub:
        for number in range(2):
            own = {"placer_number": f"P{number}", "filler_number": f"F{number}", "prescription_number": f"F{number}"}
            await hub.intake.submit(rde_o11(f"C{number}", **own), "pharmacy")
        await changed(hub, lambda: ("queue_depth", "cabinet") in still_open(hub))
        assert still_open(hub)["queue_depth", "cabinet"].text == "2 deliveries wait"
        assert 'officina_open_alerts{kind="queue_depth"} 1.0' in hub.metrics.text().decode()


async def test_certificates_that_end_soon_are_told_and_renewed_ones_no_more(sqlite_url: str, tmp_path: Path) -> None:
    def issue(days: int) -> None:
        issued = authority.issue_cert("localhost", not_after=datetime.now(UTC) + timedelta(days=days, hours=1))
        issued.private_key_pem.write_to_path(tmp_path / "key.pem")
        issued.cert_chain_pems[0].write_to_path(tmp_path / "certificate.pem")

    authority = trustme.CA()
    issue(5)
    listener = LISTENER.replace("PORT", str(free_port()))
    listener += f'tls = {{ certificate = "{tmp_path}/certificate.pem", key = "{tmp_path}/key.pem" }}\n'
    subject = "cabinet room: tls.certificate"
    async with running_hub(sqlite_url, SITE + listener) as hub:
        await changed(hub, lambda: len(still_open(hub)) == 2)
        found = still_open(hub)
        assert set(found) == {("certificate", subject), ("certificate_last_days", subject)}
        assert found["certificate_last_days", subject].urgent
        issue(20)
        await hub.watcher.look()
        assert set(still_open(hub)) == {("certificate", subject)}
        issue(300)
        await hub.watcher.look()
        assert still_open(hub) == {}


async def test_the_certificate_of_a_receiver_is_seen_when_it_is_met(sqlite_url: str, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    issued = authority.issue_cert("localhost", not_after=datetime.now(UTC) + timedelta(days=12, hours=1))
    issued.configure_cert(context)
    async with Receiver(tls=context) as receiver:
        text = SENDER.replace("PORT", str(receiver.port)).replace("127.0.0.1", "localhost")
        text = text.replace("retry_interval_s", f'tls = {{ ca = "{tmp_path}/ca.pem" }}, retry_interval_s')
        async with running_hub(sqlite_url, SITE + text) as hub:
            await hub.watcher.look()
            assert still_open(hub) == {}
            await hub.intake.submit(rde_o11("C1"), "pharmacy")
            await changed(hub, lambda: ("certificate", "cabinet: receiver") in still_open(hub))
            assert set(still_open(hub)) == {("certificate", "cabinet: receiver")}


async def test_the_certificates_of_a_sender_are_watched(sqlite_url: str, tmp_path: Path) -> None:
    """The hub's own, which it shows with mutual TLS, and the authority it trusts."""
    authority = trustme.CA()
    issued = authority.issue_cert("hub", not_after=datetime.now(UTC) + timedelta(days=12, hours=1))
    for name in ("certificate", "ca"):
        issued.cert_chain_pems[0].write_to_path(tmp_path / f"{name}.pem")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    tls = ", ".join(f'{name} = "{tmp_path}/{name}.pem"' for name in ("certificate", "ca", "key"))
    text = SENDER.replace("PORT", str(free_port())).replace("retry_interval_s", f"tls = {{ {tls} }}, retry_interval_s")
    async with running_hub(sqlite_url, SITE + text) as hub:
        await changed(hub, lambda: len(still_open(hub)) == 2)
        assert set(still_open(hub)) == {("certificate", f"cabinet: tls.{name}") for name in ("certificate", "ca")}
        assert not still_open(hub)["certificate", "cabinet: tls.ca"].urgent
        hub.watcher.at = lambda: hub.clock() + 6 * 86_400 * 1_000_000
        await hub.watcher.look()
        assert ("certificate_last_days", "cabinet: tls.certificate") in still_open(hub)


async def test_a_renewed_certificate_of_a_listener_holds_without_restart(sqlite_url: str, tmp_path: Path) -> None:
    def issue() -> bytes:
        issued = authority.issue_cert("localhost")
        issued.private_key_pem.write_to_path(tmp_path / "key.pem")
        issued.cert_chain_pems[0].write_to_path(tmp_path / "certificate.pem")
        return ssl.PEM_cert_to_DER_cert(issued.cert_chain_pems[0].bytes().decode())

    def shown() -> bytes:
        return ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", port)))

    authority, port = trustme.CA(), free_port()
    first = issue()
    listener = LISTENER.replace("PORT", str(port))
    listener += f'tls = {{ certificate = "{tmp_path}/certificate.pem", key = "{tmp_path}/key.pem" }}\n'
    async with running_hub(sqlite_url, SITE + listener) as hub:
        assert await asyncio.to_thread(shown) == first
        async with hub.bus.subscribe() as watch:
            second = issue()
            async with asyncio.timeout(DEADLINE_S):
                async for topic in watch:  # the supervisor has looked, and made what runs agree with the files
                    if topic == "connectors":
                        break
        assert await asyncio.to_thread(shown) == second


async def test_a_disk_that_fills_up_opens_an_alert_until_there_is_room(sqlite_url: str, tmp_path: Path) -> None:
    """The reading is that of the disk with the book; what counts as full is moved past it and back."""
    usage = shutil.disk_usage(tmp_path)
    free = 100 * usage.free / usage.total
    rule = '[[alert]]\nkind = "disk"\nsettings = { opens = OPENS, closes = CLOSES }\n'

    def full_at(opens: float, closes: float) -> str:
        return rule.replace("OPENS", str(opens)).replace("CLOSES", str(closes))

    def disk(hub: Hub) -> list[AlertRow]:
        with hub.store.read() as tx:
            return [row for row in alerts.still_open(tx) if row.kind == "disk"]

    async with running_hub(sqlite_url, SITE + full_at(min(free + 5, 100), 100)) as hub:
        await changed(hub, lambda: bool(disk(hub)))
        [row] = disk(hub)
        assert (row.subject, row.urgent) == ("database", 1)
        said = re.fullmatch(r"(\d+) % of the disk is free", row.text)
        assert said is not None
        assert abs(int(said[1]) - free) < 5
        room = site.parse(full_at(0, max(free - 5, 0)))
        hub.store.writer.submit(lambda tx: site.apply(tx, room, actor="system", at=2)).result(DEADLINE_S)
        await changed(hub, lambda: not disk(hub))


async def test_silence_is_told_where_somebody_asked_for_it(sqlite_url: str) -> None:
    rule = '[[alert]]\nkind = "silence"\nsubject = "pharmacy"\nsettings = { opens = 2 }\n'
    async with running_hub(sqlite_url, SITE + rule) as hub:
        await hub.intake.submit(rde_o11("C1"), "pharmacy")
        await hub.watcher.look()
        assert still_open(hub) == {}
        hub.watcher.at = lambda: hub.clock() + 3 * 3600 * 1_000_000
        await hub.watcher.look()
        assert still_open(hub)["silence", "pharmacy"].text.startswith("nothing came for 3.0 hours")
        hub.watcher.at = hub.clock
        await hub.intake.submit(rde_o11("C2", placer_number="P2"), "pharmacy")
        await hub.watcher.look()
        assert still_open(hub) == {}


def test_a_book_without_alerts_has_none_unanswered(database_url: str) -> None:
    with site_store(database_url) as store, store.write() as tx:
        assert alerts.unanswered(tx) == (0, False)
        tx.execute(insert(schema.alert).values(**AlertRow(tx.id(), "disk", "database", "full", 1, 1)._asdict()))
        assert (alerts.unanswered(tx), alerts.counts(tx)) == ((1, True), {"disk": 1})
