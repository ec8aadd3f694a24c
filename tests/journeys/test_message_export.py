"""The list of messages taken away as a file: all pages of it, as filtered, harmless to a spreadsheet, and noted."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Page
from tests.journeys.conftest import SignIn
from tests.journeys.hub import RunningHub
from tests.support.samples import rde_o11

from officina.store import events
from officina.store.events import EventFilter
from officina.web import message_export


def downloaded(page: Page) -> list[dict[str, str]]:
    """What the link at the end of the list gives, by keyboard."""
    page.get_by_role("link", name="Download all as CSV").focus()
    with page.expect_download() as coming:
        page.keyboard.press("Enter")
    file = coming.value
    assert file.suggested_filename == "messages.csv"
    return list(csv.DictReader(Path(file.path()).read_text(encoding="utf-8").splitlines()))


def test_the_list_is_taken_away_as_it_is_filtered(
    sign_in: SignIn, hub: RunningHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_export, "PAGE", 2)
    ids = [
        hub.submit(rde_o11(control_id=f"EXPORT-{number}", facility="FILE5", **{"PID-5.1": "Zzyzxcanary"})).message_id
        for number in range(5)
    ]
    hub.submit(rde_o11(control_id="EXPORT-OTHER", facility="FILE6"))
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages?facility=FILE5")
    rows = downloaded(page)
    assert [int(row["id"]) for row in rows] == ids[::-1]
    assert {(row["state"], row["acknowledgement"], row["place"]) for row in rows} == {("parked", "CA", "")}
    assert "Zzyzxcanary" not in str(rows)
    with hub.hub.store.read() as tx:
        (told,) = events.listed(tx, EventFilter(kind="message.exported"))
    assert told.actor.startswith("person:")
    assert told.detail == '{"filters":["facility"]}'


@pytest.mark.parametrize("control_id", ["=1+1", "+44", "-2", "@SUM(A1)"])
def test_what_a_sender_wrote_is_no_formula(sign_in: SignIn, hub: RunningHub, control_id: str) -> None:
    message_id = hub.submit(rde_o11(control_id=control_id, facility="FILE7")).message_id
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages?facility=FILE7")
    found = {row["id"]: row["control_id"] for row in downloaded(page)}
    assert found[str(message_id)] == f"'{control_id}"
