"""A delivery that a profile composes: its page shows what would be sent before it is, and why nothing can be."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from tests.journeys.conftest import SignIn, problems
from tests.journeys.hub import DEADLINE_S, RunningHub
from tests.support.samples import rde_o11

from officina.actions import connectors, site
from officina.store import deliveries

SITE = """
[[profile]]
name = "board dialect"
body = '''
extends = "tracking-status"
[send]
character_set = "8859/1"
'''

[[connector]]
name = "board"
kind = "mllp_sender"
state = "suspended"
settings = { host = "127.0.0.1", port = 9 }

[[subscription]]
name = "status to the board"
event = "order.*"
place = "ELM"
connector = "board"
payload = "board dialect"
"""


@pytest.fixture
def board(hub: RunningHub) -> Iterator[int]:
    """The connector's id."""
    writer = hub.hub.store.writer
    writer.submit(lambda tx: site.apply(tx, site.parse(SITE), actor="system", at=1)).result(DEADLINE_S)
    hub.until(lambda: "board" in hub.hub.supervisor.site().connectors)
    number = hub.hub.supervisor.site().connectors["board"].id
    yield number
    writer.submit(lambda tx: connectors.set_state(tx, number, "inactive", actor="system", at=1)).result(DEADLINE_S)


def take_in(hub: RunningHub, board: int, family: str) -> int:
    """The delivery that an order of this patient makes."""
    numbers = dict.fromkeys(("placer_number", "filler_number", "prescription_number"), f"B-{len(family)}")
    own = {"PID-3[1].1": f"B-{len(family)}", "PID-5.1": family, "MSH-18": "UNICODE UTF-8", "MSH-15": "", "MSH-16": ""}
    assert hub.submit(rde_o11(f"B-{len(family)}", facility="ELM02", **numbers, **own)).state == "accepted"
    with hub.hub.store.read() as tx:
        return deliveries.listed(tx, state="queued", connector_id=board)[0].id


def test_what_would_be_sent_is_shown(sign_in: SignIn, hub: RunningHub, board: int) -> None:
    number = take_in(hub, board, "Larkin")
    page = sign_in("ada")
    page.goto(f"{hub.address}/deliveries/{number}")
    sent = page.get_by_role("region", name="What would be sent")
    expect(sent).to_contain_text("Larkin^Edith")
    expect(sent).to_contain_text("Status Pending")
    expect(page.get_by_role("region", name="What it tells of")).to_contain_text("Order entered")
    assert problems(page) == []


def test_why_nothing_can_be_composed_is_said(sign_in: SignIn, hub: RunningHub, board: int) -> None:
    number = take_in(hub, board, "Wałęsowa")
    page = sign_in("ada")
    page.goto(f"{hub.address}/deliveries/{number}")
    expect(page.get_by_role("alert")).to_contain_text("PID-5 the value has characters that iso8859-1 lacks")
    expect(page.locator("main")).not_to_contain_text("Wałęsowa")
