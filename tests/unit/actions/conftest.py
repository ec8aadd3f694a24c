"""Fixtures for the use cases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from officina.store import Store, open_store


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    """An open store on a new SQLite database."""
    with open_store(sqlite_url) as opened:
        yield opened
