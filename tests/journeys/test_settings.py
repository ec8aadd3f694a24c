"""The site is changed on the screen, with the keyboard alone: what is wrong is said, what others did is seen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.conftest import SignIn, problems
from tests.journeys.hub import CONNECTOR, DEADLINE_S, RunningHub
from tests.support.samples import rde_o11

from officina.actions import site
from officina.actions.site.versions import digest_of
from officina.store import connectors, site_versions

PACE = 60  # milliseconds between two keys of a person; a scanner's follow each other faster
TABS = ("connector", "subscription", "code_map", "place", "profile", "file", "history")


@pytest.fixture
def page(sign_in: SignIn, hub: RunningHub) -> Iterator[Page]:
    """Ada's; afterwards the site is as it was."""
    with hub.hub.store.read() as tx:
        before = site.stored_document(tx)
    yield sign_in("ada")
    work = hub.hub.store.writer.submit(lambda tx: site.apply(tx, before, actor="system", at=1, prune=True))
    work.result(DEADLINE_S)


def fill(page: Page, path: str, text: str) -> None:
    """Goes to a field and types, as one does who tabs to it."""
    page.locator(f"[name='{path}']").focus()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).focus()
    page.keyboard.press("Enter")


def open_settings(page: Page, tab: str) -> None:
    page.keyboard.type("gs", delay=PACE)
    page.wait_for_url("**/settings/connector")
    if tab != "1":
        page.keyboard.press(tab)
    page.wait_for_url(f"**/settings/{TABS[int(tab) - 1]}")


def test_a_connector_is_added_and_runs_without_restart(page: Page, hub: RunningHub) -> None:
    before = hub.hub.supervisor.states()[CONNECTOR]
    open_settings(page, "1")
    page.keyboard.type("a1", delay=PACE)
    page.wait_for_url("**/settings/connector/new?kind=mllp_listener")
    fill(page, "name", "second pharmacy")
    fill(page, "settings.port", "70000")
    fill(page, "settings.max_in_flight", "many")
    page.keyboard.press("Enter")
    summary = page.locator("#errors")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("2 things are not right")
    assert problems(page) == []
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[name='settings.port']")).to_be_focused()
    expect(page.locator("[name='settings.max_in_flight']")).to_have_value("many")
    fill(page, "settings.port", "0")
    fill(page, "settings.max_in_flight", "")
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/connector")
    expect(page.get_by_role("link", name="second pharmacy")).to_be_visible()
    assert hub.hub.supervisor.states()["second pharmacy"].state == "running"
    assert hub.hub.supervisor.states()[CONNECTOR] == before


def test_everything_that_is_not_right_is_said_at_once(page: Page) -> None:
    open_settings(page, "1")
    page.keyboard.type("a1", delay=PACE)
    page.wait_for_url("**/settings/connector/new?kind=mllp_listener")
    expect(page.locator("#field-kind")).to_have_text("MLLP listener")
    fill(page, "settings.port", "70000")
    fill(page, "settings.tls.key", "/key.pem")
    page.keyboard.press("Enter")
    summary = page.locator("#errors")
    expect(summary).to_be_focused()
    for said in ("Name: is missing", "Port: ", "TLS: is not used, but something is filled in"):
        expect(summary.locator("li", has_text=said)).to_have_count(1)
    expect(page.locator("[name='settings.tls.key']")).to_have_value("/key.pem")
    expect(page.get_by_text("Choose Used, or empty its fields")).to_be_visible()


def test_a_code_is_mapped_and_what_waited_is_released(page: Page, hub: RunningHub) -> None:
    numbers = {name: "SET-1" for name in ("placer_number", "filler_number", "prescription_number")}
    parked = hub.submit(rde_o11(control_id="SET-1", facility="SETTLE", **numbers))
    assert parked.state == "parked"
    open_settings(page, "3")
    link = page.get_by_role("note").filter(has_text="SETTLE").get_by_role("link", name="Map this code")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/code_map/new?*")
    expect(page.locator("[name=code]")).to_have_value("SETTLE")
    expect(page.locator("[name=source]")).to_have_value(CONNECTOR)
    press(page, "Save")
    expect(page.get_by_role("alert")).to_contain_text("Place: is missing")
    page.locator("[name=place]").focus()
    page.keyboard.type("Oakwood")
    press(page, "Save")
    page.wait_for_url("**/settings/code_map")
    row = page.locator("tr", has_text="SETTLE")
    row.get_by_role("button", name="Process 1 again").focus()
    page.keyboard.press("Enter")
    expect(row).to_contain_text("1 accepted")


def test_a_profile_is_broken_mended_and_gone_back_from(page: Page, hub: RunningHub) -> None:
    open_settings(page, "5")
    page.keyboard.press("a")
    page.wait_for_url("**/settings/profile/new")
    fill(page, "name", "own")
    fill(page, "body", 'extends = "ltc"\n[order]\ndoes = "RXE-3"\n')
    press(page, "Save")
    expect(page.locator("#errors")).to_contain_text("order.does")
    expect(page.locator("[name=body]")).to_have_value(re.compile("does"))
    fill(page, "body", 'extends = "ltc"\ntitle = "Ours"\n')
    press(page, "Save")
    page.wait_for_url("**/settings/profile")
    page.get_by_role("link", name="own").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/profile/edit?name=own")
    fill(page, "body", 'extends = "ltc"\ntitle = "Theirs"\n')
    press(page, "Save")
    page.wait_for_url("**/settings/profile")

    page.keyboard.press("7")
    page.wait_for_url("**/settings/history")
    with hub.hub.store.read() as tx:
        number = site_versions.newest(tx)
    page.get_by_role("link", name=str(number), exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/settings/history/{number}")
    expect(page.locator(".unified del")).to_have_text(["Ours"])
    expect(page.locator(".unified ins")).to_have_text(["Theirs"])
    assert problems(page) == []
    page.goto(f"{hub.address}/settings/history/{number - 1}")
    expect(page.get_by_label("What going back changes")).to_contain_text("~ profile own")
    page.keyboard.press("B")
    page.wait_for_url("**/settings/history")
    expect(page.locator("tbody tr").first).to_contain_text(f"back to version {number - 1}")
    with hub.hub.store.read() as tx:
        assert 'title = "Ours"' in site.export(tx)


def test_how_long_a_connector_keeps_its_messages_is_set_and_put_right(page: Page, hub: RunningHub) -> None:
    page.goto(f"{hub.address}/settings/connector/edit?{urlencode({'name': CONNECTOR})}")
    days = {"keep_bodies_days": "90", "keep_metadata_days": "30"}
    for name, text in days.items():
        expect(page.locator(f"[name={name}]")).to_have_value("")
        fill(page, name, text)
    page.keyboard.press("Enter")
    expect(page.locator("#errors")).to_contain_text("a message cannot go before what it said")
    expect(page.locator("[name=keep_metadata_days]")).to_have_attribute("aria-invalid", "true")
    assert problems(page) == []
    for text in ("a month", "0", "1.5"):
        fill(page, "keep_bodies_days", text)
        page.keyboard.press("Enter")
        expect(page.locator("#errors")).to_contain_text("is no whole number from 1 to 36500")
        expect(page.locator("[name=keep_bodies_days]")).to_have_value(text)
    for name, text in {"keep_bodies_days": "30", "keep_metadata_days": "400"}.items():
        fill(page, name, text)
    press(page, "Save")
    page.wait_for_url("**/settings/connector")
    with hub.hub.store.read() as tx:
        row = connectors.by_name(tx, CONNECTOR)
        exported = site.export(tx)
    assert row is not None
    assert (row.keep_bodies_days, row.keep_metadata_days) == (30, 400)
    assert "keep_bodies_days = 30\n" in exported
    page.get_by_role("link", name=CONNECTOR).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/connector/edit?*")
    expect(page.locator("[name=keep_metadata_days]")).to_have_value("400")
    fill(page, "keep_metadata_days", "")
    press(page, "Save")
    page.wait_for_url("**/settings/connector")
    with hub.hub.store.read() as tx:
        assert "keep_metadata_days" not in site.export(tx)


def test_who_saves_second_is_shown_what_the_first_did(page: Page, hub: RunningHub) -> None:
    page.goto(f"{hub.address}/settings/place/edit?code=OAK")
    change = site.parse('[[place]]\ncode="OAK"\nkind="facility"\nname="Oak by Ben"\nparent="HARBOUR"\n')
    hub.hub.store.writer.submit(lambda tx: site.apply(tx, change, actor="person:ben", at=1)).result(DEADLINE_S)
    fill(page, "name", "Oak by Ada")
    page.keyboard.press("Enter")
    told = page.get_by_role("alert").first
    expect(told).to_contain_text("Somebody else changed this since you opened it")
    expect(told.locator("del", has_text="Oak by Ben")).to_be_visible()
    expect(told.locator("ins", has_text="Oak by Ada")).to_be_visible()
    assert problems(page) == []
    with hub.hub.store.read() as tx:
        assert "Oak by Ben" in site.export(tx)
    press(page, "Save")
    page.wait_for_url("**/settings/place")
    expect(page.get_by_role("cell", name="Oak by Ada")).to_be_visible()


def test_what_is_in_use_is_not_retired(page: Page, hub: RunningHub) -> None:
    page.goto(f"{hub.address}/settings/place/edit?code=OAK")
    press(page, "Retire")
    expect(page.get_by_role("alert")).to_contain_text("OAK is in use: code OAK01")


def test_a_file_is_compared_then_applied_unless_the_site_moved_on(page: Page, hub: RunningHub) -> None:
    open_settings(page, "6")
    fill(page, "text", '[[profile]]\nname = "stolen"\nfile = "/etc/hostname"\n')
    press(page, "Show what it changes")
    expect(page.get_by_role("alert")).to_contain_text("names a file")
    fill(page, "text", '[[place]]\ncode = "ASH"\nkind = "facility"\nname = "Ash House"\nparent = "HARBOUR"\n')
    press(page, "Show what it changes")
    expect(page.get_by_role("status").first).to_contain_text("+ place ASH")
    change = site.parse('[[place]]\ncode="ASH"\nkind="facility"\nname="Ash by Ben"\nparent="HARBOUR"\n')
    hub.hub.store.writer.submit(lambda tx: site.apply(tx, change, actor="person:ben", at=1)).result(DEADLINE_S)
    page.get_by_role("button", name="Apply these changes").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Not applied: the site was changed since you looked at it")).to_be_visible()
    expect(page.get_by_role("status").first).to_contain_text('name: "Ash by Ben" → "Ash House"')
    page.get_by_role("button", name="Apply these changes").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/history")
    with hub.hub.store.read() as tx:
        newest = site_versions.listed(tx, limit=1)[0]
        assert newest.digest == digest_of(site.export(tx))
    assert (newest.actor, newest.summary) == ("person:ada", "1 changed: place ASH")


def test_the_settings_are_for_those_who_may(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("nora")
    expect(page.get_by_role("link", name="Settings")).to_have_count(0)
    for path in ("connector", "file", "history", "profile/new", "site.toml"):
        assert page.request.get(f"{hub.address}/settings/{path}").status == 403
    for path in ("place/edit", "place/retire", "file", "history/1"):
        assert page.request.post(f"{hub.address}/settings/{path}", form={}).status == 403


ADDRESSES = [f"/settings/{name}" for name in (*site.ROWS, "file", "history")]


@pytest.mark.parametrize("address", [*ADDRESSES, "/settings/connector/new?kind=mllp_sender", "/settings/profile/new"])
def test_screens_pass_axe_and_fit_a_phone(sign_in: SignIn, hub: RunningHub, address: str) -> None:
    page = sign_in("ada")
    page.goto(hub.address + address)
    assert problems(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
