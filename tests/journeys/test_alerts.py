"""Alerts with the keyboard alone: the bell, what is wrong, and taking it on."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect
from tests.journeys.conftest import SignIn, problems
from tests.journeys.hub import DEADLINE_S, PASSWORD, RunningHub
from tests.support.ports import free_port

from officina.actions import connectors, site
from officina.outbound.notify import link
from officina.store import alerts

SITE = """
[[connector]]
name = "unbound pharmacy"
kind = "mllp_listener"
profile = "hl7"
settings = { host = "192.0.2.1", port = PORT }
"""


def open_subjects(hub: RunningHub) -> list[str]:
    with hub.hub.store.read() as tx:
        return [row.subject for row in alerts.still_open(tx) if row.kind == "connector_failed"]


def test_a_connector_that_fails_rings_the_bell_and_is_acknowledged_by_keyboard(
    sign_in: SignIn, hub: RunningHub
) -> None:
    page = sign_in("ada")
    before = page.locator("#bell .count")
    expect(before).to_have_count(0)
    document = site.parse(SITE.replace("PORT", str(free_port())))
    hub.hub.store.writer.submit(lambda tx: site.apply(tx, document, actor="system", at=1)).result(DEADLINE_S)
    expect(page.locator("#bell .count")).to_have_text("1")  # without loading the page again
    page.keyboard.press("g")
    page.keyboard.press("a")
    page.wait_for_url("**/alerts")
    row = page.locator("#alerts tbody tr").filter(has_text="unbound pharmacy")
    expect(row.locator(".tag")).to_have_text("Urgent")
    expect(row).to_contain_text("it does not run")
    assert problems(page) == []
    page.keyboard.press("a")
    expect(row.locator(".tag")).to_have_text("Acknowledged")
    expect(row).to_contain_text("acknowledged by ada (person)")
    expect(page.locator("#bell .count")).to_have_count(0)
    number = _id_of(hub)
    hub.hub.store.writer.submit(lambda tx: connectors.set_state(tx, number, "inactive", actor="system", at=2)).result(
        DEADLINE_S
    )
    expect(page.get_by_text("Nothing is wrong")).to_be_visible()
    expect(page.locator("section", has_text="Over").locator("tbody tr").first).to_contain_text("unbound pharmacy")
    assert open_subjects(hub) == []


def test_who_may_not_see_alerts_has_no_bell(sign_in: SignIn) -> None:
    page = sign_in("nora")
    expect(page.locator("#bell")).to_have_count(0)
    page.goto(page.url.split("/orders")[0] + "/alerts")
    expect(page.locator("h1")).not_to_have_text("Alerts")


def _id_of(hub: RunningHub, name: str = "unbound pharmacy") -> int:
    with hub.hub.store.read() as tx:
        return next(row.id for row in site.book.stored.read(tx).connectors if row.name == name)


def test_the_link_of_an_e_mail_leads_to_its_alert_after_signing_in(
    open_context: Callable[..., BrowserContext], hub: RunningHub
) -> None:
    document = site.parse(SITE.replace("unbound pharmacy", "unbound too").replace("PORT", str(free_port())))
    hub.hub.store.writer.submit(lambda tx: site.apply(tx, document, actor="system", at=1)).result(DEADLINE_S)
    hub.until(lambda: "unbound too" in open_subjects(hub))
    with hub.hub.store.read() as tx:
        number = next(row.id for row in alerts.still_open(tx) if row.subject == "unbound too")
    page = open_context().new_page()
    page.goto(link(hub.address, number))
    page.fill("[name=login]", "ada")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/alerts?alert={number}")
    expect(page.locator(f"#a{number}")).to_be_focused()
    expect(page.locator(f"#a{number}")).to_contain_text("unbound too")
    assert problems(page) == []
    page.keyboard.press("Tab")
    expect(page.locator(f"#a{number} a.open")).to_be_focused()
    unbound = _id_of(hub, "unbound too")
    hub.hub.store.writer.submit(lambda tx: connectors.set_state(tx, unbound, "inactive", actor="system", at=2)).result(
        DEADLINE_S
    )
    hub.until(lambda: open_subjects(hub) == [])
