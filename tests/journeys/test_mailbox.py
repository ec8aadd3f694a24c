"""A mailbox in the cockpit, with the keyboard alone: in trouble, tried again, emptied."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect
from tests.journeys.conftest import SignIn, problems
from tests.journeys.hub import DEADLINE_S, RunningHub
from tests.journeys.test_exchange import press, state_of
from tests.support.samples import rde_o11

from officina.actions import connectors, site

SITE = """
[[connector]]
name = "maple mailbox"
kind = "mailbox_poller"
profile = "hl7"
settings = { mailbox = "folder", location = "PATH", still_s = 0.1, interval_s = 3600, retry_most_s = 3600 }
"""


def test_a_mailbox_says_what_is_wrong_and_is_looked_into_at_once(
    sign_in: SignIn, hub: RunningHub, tmp_path: Path
) -> None:
    box = tmp_path / "box"
    document = site.parse(SITE.replace("PATH", str(box)))
    writer = hub.hub.store.writer
    writer.submit(lambda tx: site.apply(tx, document, actor="system", at=1)).result(DEADLINE_S)
    hub.until(lambda: hub.hub.supervisor.fault("maple mailbox") is not None)
    assert state_of(hub, "maple mailbox") == "running"  # one look is no failure yet
    page = sign_in("ada")
    page.goto(f"{hub.address}/connectors")
    row = page.locator("tr", has_text="maple mailbox").first
    expect(row.locator(".tag").first).to_have_text("Waiting")
    expect(row).to_contain_text("The folder cannot be read: No such file or directory")
    expect(row).to_contain_text("next look")
    assert problems(page) == []

    row.get_by_role("button", name="Test").focus()
    press(page, "Enter")
    expect(row).to_contain_text("Not reached: the folder cannot be read")
    box.mkdir()
    row.get_by_role("button", name="Try now").focus()
    press(page, "Enter")
    expect(row.locator(".tag").first).to_have_text("Running")
    expect(row).to_contain_text("last look")

    (box / "one.hl7").write_bytes(rde_o11("X-POLLED", facility="ELM02"))
    row.get_by_role("button", name="Look now").focus()
    press(page, "Enter")
    hub.until(lambda: (box / "one.hl7.done").exists())
    expect(row.get_by_role("link", name="last", exact=True)).to_be_visible()

    row.get_by_role("button", name="Suspend").focus()
    press(page, "Enter")
    expect(row.locator(".tag").first).to_have_text("Suspended")
    number = hub.hub.supervisor.site().connectors["maple mailbox"].id
    writer.submit(lambda tx: connectors.set_state(tx, number, "inactive", actor="system", at=1)).result(DEADLINE_S)
