"""`officina prune`: what goes, what is kept and why, tried out first."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.cli.conftest import Officina
from tests.unit.cli.test_site import SITE

from officina.packed import Like, pack
from officina.store import connectors, intake, open_store
from officina.store.rows import BodyRow, MessageRow

DAYS = "keep_bodies_days = 30\nkeep_metadata_days = 60\n[connector.settings]"


@pytest.fixture
def book(officina: Officina, tmp_path: Path) -> str:
    """An old message, one that is parked, and one that is the newest; all from long ago."""
    officina("migrate")
    assert officina("apply", "-", given=SITE.replace("[connector.settings]", DAYS).encode()).code == 0
    url = f"sqlite:///{tmp_path}/officina.db"
    with open_store(url) as store, store.write() as tx:
        row = connectors.by_name(tx, "care-pharmacy")
        assert row is not None
        for state in ("accepted", "parked", "accepted"):
            parts = (tx.id(), row.id, "in", 1, "", "RDE^O11", "2.5", "A|B", "", None, None, state, "")
            message = MessageRow(*parts, "AA", "written", None, b"", 4, "ascii", 0)
            intake.insert_messages(tx, [message])
            intake.insert_bodies(tx, [BodyRow(message.id, pack(b"MSH|", Like.MESSAGE), b"", "[]")])
    return url


def test_it_is_tried_out_then_done(officina: Officina, book: str) -> None:
    tried = officina("prune", "--dry-run")
    assert (tried.code, tried.out.splitlines()) == (
        0,
        [
            "care-pharmacy:",
            "  what messages said, after 30 days: 2 would go",
            "    1 kept: parked: a person has yet to remove the cause",
            "  messages, after 60 days: 1 would go",
            "    1 kept: the newest of its connector, by which silence is told",
            "    1 kept: parked: a person has yet to remove the cause",
        ],
    )
    assert officina("prune", "--dry-run").out == tried.out
    assert officina("prune").out == tried.out.replace("would go", "gone")
    assert "said, after 30 days: 0 would go" in officina("prune", "--dry-run").out


def test_without_a_number_of_days_nothing_goes(officina: Officina) -> None:
    officina("migrate")
    officina("apply", "-", given=SITE.encode())
    assert officina("prune").out.startswith("Every connector keeps its messages for ever")
