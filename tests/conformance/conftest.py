"""A store that already knows a small site."""

from __future__ import annotations

import pytest
from tests.support.book import Site, add_site

from officina.store import Store


@pytest.fixture
def site(store: Store) -> Site:
    with store.write() as tx:
        return add_site(tx)
