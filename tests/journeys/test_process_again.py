"""A parked message: its code is mapped, it is processed again from its page, and its order stands."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect
from tests.journeys.conftest import SignIn, problems
from tests.journeys.hub import CONNECTOR, DEADLINE_S, RunningHub
from tests.support.samples import rde_o11

from officina.actions import site

CODE = f'[[code_map]]\nsource = "{CONNECTOR}"\ncode = "LARCH9"\nplace = "OAK"\n'


def test_a_parked_message_is_processed_again_from_its_page(sign_in: SignIn, hub: RunningHub) -> None:
    parked = hub.submit(rde_o11(control_id="LARCH-1", facility="LARCH9"))
    assert parked.state == "parked"
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages/{parked.message_id}?state=parked")
    expect(page.locator(".title-line .tag")).to_have_text("Parked")

    document = site.parse(CODE)
    hub.hub.store.writer.submit(lambda tx: site.apply(tx, document, actor="system", at=1)).result(DEADLINE_S)
    hub.until(lambda: "LARCH9" in hub.hub.supervisor.site().connectors[CONNECTOR].routes)
    button = page.get_by_role("button", name="Process again")
    button.focus()
    page.keyboard.press("Enter")

    expect(page.locator(".title-line .tag")).to_have_text("Accepted")
    assert page.url == f"{hub.address}/messages/{parked.message_id}?state=parked"
    expect(page.get_by_text("Processed again")).to_be_visible()
    expect(page.get_by_role("link", name="Atorvastatin")).to_be_visible()
    expect(button).to_have_count(0)


def test_bytes_without_a_header_are_not_offered_to_be_processed_again(sign_in: SignIn, hub: RunningHub) -> None:
    unreadable = hub.submit(b"no header at all")
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages/{unreadable.message_id}")
    expect(page.get_by_role("alert")).to_contain_text("Show these bytes to whoever runs the sending system")
    expect(page.get_by_role("button", name="Process again")).to_have_count(0)


def test_who_may_not_process_messages_is_not_offered_it(sign_in: SignIn, hub: RunningHub) -> None:
    parked = hub.submit(rde_o11(control_id="LARCH-2", facility="YEW7"))
    page = sign_in("phil")
    page.goto(f"{hub.address}/messages/{parked.message_id}")
    expect(page.get_by_role("button", name="Process again")).to_have_count(0)


def opened(page: Page, code: str) -> Locator:
    """The group of a facility code on the worklist; the first is open already."""
    group = page.locator("details.group", has_text=code)
    if group.get_attribute("open") is None:
        group.locator("summary").focus()
        page.keyboard.press("Enter")
    return group


def test_all_that_waits_for_one_reason_is_tried_and_released(sign_in: SignIn, hub: RunningHub) -> None:
    for number in range(3):
        numbers = {name: f"GROVE-{number}" for name in ("placer_number", "filler_number", "prescription_number")}
        assert hub.submit(rde_o11(control_id=f"GROVE-{number}", facility="GROVE4", **numbers)).state == "parked"
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages")
    page.keyboard.press("g")
    page.keyboard.press("w")
    page.wait_for_url("**/worklist")
    row = opened(page, "GROVE4")
    expect(row.locator("summary")).to_contain_text("Facility code not known: GROVE4")
    expect(row.locator("summary")).to_contain_text("3 messages")
    expect(row.get_by_role("link", name="All 3 messages")).to_be_visible()
    row.get_by_role("button", name="What would come of it?").focus()
    page.keyboard.press("Enter")
    expect(row).to_contain_text("3 parked")

    document = site.parse(CODE.replace("LARCH9", "GROVE4"))
    hub.hub.store.writer.submit(lambda tx: site.apply(tx, document, actor="system", at=1)).result(DEADLINE_S)
    hub.until(lambda: "GROVE4" in hub.hub.supervisor.site().connectors[CONNECTOR].routes)
    page.keyboard.press("Enter")
    expect(row).to_contain_text("3 accepted")
    expect(row).to_contain_text("3 new and 0 changed orders")
    row.get_by_role("button", name="Process all again").focus()
    page.keyboard.press("Enter")
    expect(row).to_contain_text("Came to")
    page.reload()
    expect(page.locator("details", has_text="GROVE4")).to_have_count(0)


def test_a_group_alone_is_opened_with_the_way_out_and_its_messages(sign_in: SignIn, hub: RunningHub) -> None:
    parked = hub.submit(rde_o11(control_id="THORN-1", facility="THORN1"))
    page = sign_in("ada")
    page.goto(f"{hub.address}/worklist")
    row = opened(page, "THORN1")
    expect(row.get_by_text("maps the code to a facility")).to_be_visible()
    assert problems(page) == []
    row.get_by_role("link", name="Map this code").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/code_map/new?code=THORN1&source=*")
    page.goto(f"{hub.address}/worklist")
    opened(page, "THORN1").get_by_role("link", name=re.compile("among the messages")).focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"#m{parked.message_id}")).to_be_visible()
