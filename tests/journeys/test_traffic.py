"""Traffic over the day, read with the keyboard alone: the plot, its bars in words, and the same as numbers."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from tests.journeys.conftest import SignIn, problems
from tests.journeys.hub import CONNECTOR, RunningHub
from tests.journeys.test_live import written


def count(hub: RunningHub, control_id: str) -> None:
    """A message comes, and the book has it counted."""
    hub.submit(written(control_id))
    hub.run(hub.hub.traffic.enter())


def said(page: Page) -> str:
    return page.evaluate("document.activeElement.getAttribute('aria-label')") or ""


def test_bars_are_walked_and_lead_to_their_messages(sign_in: SignIn, hub: RunningHub) -> None:
    count(hub, "FLOW-1")
    page = sign_in("ada")
    page.keyboard.press("g")
    page.keyboard.press("m")
    page.wait_for_url("**/messages")
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.wait_for_url("**/traffic")
    expect(page.locator(".legend").first).to_contain_text("taken")
    assert problems(page) == []

    page.locator("section:has(#received-title) [tabindex='0']").focus()
    assert "taken" in said(page)
    expect(page.locator(".tip")).to_have_text(said(page))
    newest = said(page)
    page.keyboard.press("ArrowLeft")
    assert said(page) != newest
    expect(page.locator(".tip")).to_have_text(said(page))
    page.keyboard.press("Escape")
    expect(page.locator(".tip")).to_be_hidden()
    page.keyboard.press("End")
    assert said(page) == newest
    page.keyboard.press("Enter")
    page.wait_for_url("**/messages?**when=between**")
    expect(page.get_by_role("link", name="FLOW-1", exact=True)).to_be_visible()


def test_what_a_person_opened_stays_open_while_the_numbers_change(sign_in: SignIn, hub: RunningHub) -> None:
    count(hub, "FLOW-2")
    page = sign_in("ada", timezone_id="Europe/Berlin")
    page.goto(f"{hub.address}/traffic?connector={CONNECTOR}")
    expect(page.locator("section")).to_have_count(1)  # a listener sends nothing
    page.locator("summary", has_text="The same as numbers").focus()
    page.keyboard.press("Enter")
    newest = page.locator(".numbers tbody tr").first
    expect(newest).to_be_visible()
    before = newest.inner_text()
    count(hub, "FLOW-3")
    expect(newest).not_to_have_text(before, use_inner_text=True, timeout=20_000)
    expect(newest).to_be_visible()


def test_a_week_is_drawn_anew_as_a_week(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("ada")
    page.goto(f"{hub.address}/traffic")
    page.get_by_label("Period").focus()
    page.keyboard.type("Last 7")
    page.wait_for_url("**/traffic?span=7d")
    bars, newest = page.locator("section:has(#received-title) [data-bar]"), page.locator(".numbers tbody tr").first
    expect(bars).to_have_count(56)
    before = newest.text_content()
    count(hub, "FLOW-4")
    expect(newest).not_to_have_text(before or "", timeout=20_000)
    expect(bars).to_have_count(56)  # it is still the week that is drawn anew
    answer = page.goto(f"{hub.address}/traffic?connector=nobody")
    assert answer is not None
    assert answer.status == 404
