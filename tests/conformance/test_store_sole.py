"""Two hubs on one SQLite file would send everything twice, so the second is refused."""

from __future__ import annotations

import subprocess
import sys

import pytest

from officina.errors import Conflict
from officina.store import open_store, sole

HOLDS = """
import sys
from officina.store import sole
with sole(sys.argv[1]):
    print("has it", flush=True)
    sys.stdin.read()
"""


def test_a_second_hub_is_refused_until_the_first_is_gone(sqlite_url: str) -> None:
    words = [sys.executable, "-c", HOLDS, sqlite_url]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "has it\n"
        with pytest.raises(Conflict, match="another hub serves the SQLite file") as refusal:
            sole(sqlite_url).__enter__()
        assert (refusal.value.code, refusal.value.place) == ("book_in_use", "database_url")
        assert "PostgreSQL" in refusal.value.remedy
        with open_store(sqlite_url) as store, store.write() as tx:  # a command beside it
            assert tx.id()
        first.kill()
        first.wait()
        with sole(sqlite_url):
            pass


def test_several_may_share_a_server(postgresql_url: str) -> None:
    with sole(postgresql_url), sole(postgresql_url):
        pass
