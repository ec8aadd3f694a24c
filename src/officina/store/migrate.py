"""Bringing a database to the schema of this version. Alembic is loaded only where there is something to migrate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.schema import CreateIndex, CreateTable

from officina.errors import OfficinaError
from officina.store import care  # noqa: F401 (its tables belong to the metadata)
from officina.store.link import Link
from officina.store.opening import connect, database_kind, sqlite_path
from officina.store.schema import REVISION, metadata, ticket

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Engine

_MIGRATIONS = Path(__file__).with_name("migrations")
_ALEMBIC_VERSION = """
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
)
"""


def current(url: str) -> str:
    """The revision of the database's schema; '' if there is none yet."""
    link = connect(url)
    try:
        return _current(link)
    finally:
        link.close()


def require_current(url: str) -> None:
    """Refuse a database whose schema is not that of this version."""
    found = current(url)
    if found == REVISION:
        return
    if not found:
        reason, remedy = "the database has no schema yet", "run: officina migrate"
    elif found in known_revisions():
        reason, remedy = f"the database has an older schema ({found})", "back it up, then run: officina migrate"
    else:
        reason = f"the database has a schema of a newer version of Officina ({found})"
        remedy = "install that version again"
    raise OfficinaError(reason, place="database_url", remedy=remedy, code="schema_mismatch")


def migrate(url: str) -> str:
    """Create the schema, or bring it to this version; the revision reached."""
    link = connect(url)
    try:
        found = _current(link)
        if not found:
            _create(link)
            found = REVISION
    finally:
        link.close()
    if found != REVISION:
        if found not in known_revisions():
            require_current(url)
        _upgrade(url)
    return REVISION


def known_revisions() -> set[str]:
    """The revisions this version can migrate from: each is a file named after it."""
    return {path.stem.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py")}


def _current(link: Link) -> str:
    catalogue = {
        "sqlite": "SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'",
        "postgresql": "SELECT count(*) FROM pg_tables"
        " WHERE tablename = 'alembic_version' AND schemaname = current_schema()",
    }[link.dialect.name]
    if not link.rows(catalogue, {})[0][0]:
        return ""
    rows = link.rows("SELECT version_num FROM alembic_version", {})
    return str(rows[0][0]) if rows else ""


def _create(link: Link) -> None:
    """A new database gets the schema at once; tests/conformance proves it equal to the sum of the migrations."""
    link.begin()
    try:
        for table in metadata.sorted_tables:
            link.rows(str(CreateTable(table).compile(dialect=link.dialect)), {})
            for index in sorted(table.indexes, key=lambda index: str(index.name)):
                link.rows(str(CreateIndex(index).compile(dialect=link.dialect)), {})
        link.insert(ticket, [{"id": 1, "next": 1}])
        link.rows(_ALEMBIC_VERSION, {})
        link.rows(f"INSERT INTO alembic_version VALUES ('{REVISION}')", {})
        link.commit()
    except BaseException:
        link.rollback()
        raise


def _upgrade(url: str) -> None:
    from alembic import command

    with alembic_config(url) as config:
        command.upgrade(config, "head")


def check(url: str) -> list[str]:
    """What differs between the database and the schema of this version, in words; empty if nothing does."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with _engine(url).connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "target_metadata": metadata}
        )
        return [str(difference) for difference in compare_metadata(context, metadata)]


@contextmanager
def alembic_config(url: str) -> Iterator[Config]:
    """What Alembic needs to migrate this database: for `officina migrate`, tests, and the writing of migrations."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with _engine(url).begin() as connection:
        config.attributes["connection"] = connection
        yield config


def _engine(url: str) -> Engine:
    """Alembic works on SQLAlchemy's own connections; nothing else does."""
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    if database_kind(url) == "sqlite":
        from officina.store.sqlite import connect as open_file

        return create_engine("sqlite://", creator=lambda: open_file(sqlite_path(url)), poolclass=NullPool)
    from officina.store.postgresql import connect as open_server

    return create_engine("postgresql+psycopg://", creator=lambda: open_server(url), poolclass=NullPool)
