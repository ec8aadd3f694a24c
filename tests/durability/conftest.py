"""The databases whose hubs are killed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from benchmarks.databases import Sqlite
from tests.support.databases import Server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database; the PostgreSQL server itself stays up."""
    if request.param == "sqlite":
        yield Sqlite(tmp_path).url
        return
    server: Server = request.getfixturevalue("postgresql_server")
    name = server.create()
    yield server.url(name)
    server.drop(name)
