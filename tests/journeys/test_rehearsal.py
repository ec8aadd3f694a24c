"""By keyboard: a changed profile is tried on stored messages and adopted, and what waited is processed again."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update
from tests.journeys.conftest import SignIn, problems
from tests.journeys.hub import CONNECTOR, DEADLINE_S, RunningHub, running
from tests.support.samples import rde_o11

from officina.actions import people, site
from officina.store import Tx, schema
from officina.store import people as store_people
from officina.web import rehearsal, tried

PROFILE = 'extends = "ltc"\n[control]\nRF = "accept"\n[order]\nindication = "RXE-2.3"\n'


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """A hub of its own: the profile of its connector changes."""
    with running(tmp_path_factory.mktemp("rehearsal")) as started:
        for number, control in enumerate(("NW", "RF")):
            own = {name: f"N{number}" for name in ("placer_number", "filler_number", "prescription_number")}
            started.submit(rde_o11(f"TRIAL-{number}", facility="OAK01", control=control, **own))
        own = {name: "N9" for name in ("placer_number", "filler_number", "prescription_number")}
        started.submit(rde_o11("TRIAL-9", facility="ALDER1", **own))
        yield started


def write(page: Page, text: str) -> None:
    page.keyboard.press("e")
    expect(page.locator("#body")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)
    page.keyboard.press("Tab")


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button).focus()
    page.keyboard.press("Enter")


def test_a_profile_is_tried_adopted_and_applied(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages")
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_url("**/rehearsal")
    expect(page.get_by_text("Choose a connector")).to_be_visible()
    page.get_by_label("Connector").focus()
    page.keyboard.type(CONNECTOR)
    press(page, "Choose")
    expect(page.locator("#body")).to_contain_text('extends = "ltc"')

    write(page, PROFILE.replace("indication", "indicatio"))
    press(page, "Try")
    expect(page.get_by_role("alert")).to_have_text("Line 5, order.indicatio: unknown key; did you mean indication?")
    write(page, PROFILE)
    page.get_by_label("Map the facility code").focus()
    page.keyboard.insert_text("ALDER1")
    page.keyboard.press("Tab")
    page.keyboard.type("Oakwood")
    press(page, "Try")

    found = page.locator("#found")
    expect(found).to_contain_text("3 messages: 0 the same, 3 different")
    expect(found).to_contain_text("1 taken as orders instead of parked")
    expect(found).to_contain_text("1 taken as orders instead of ignored")
    expect(found).to_contain_text("1 with other indication")
    expect(found).to_contain_text("2 accepted")
    expect(page.locator("ins:visible", has_text="NDC").first).to_be_visible()
    assert problems(page) == []
    assert hub.hub.supervisor.site().connectors[CONNECTOR].profile.name == "ltc"

    write(page, PROFILE + "# not yet tried")
    press(page, "Make it the profile")
    expect(page.get_by_text("changed since it was tried, so nothing was saved")).to_be_visible()
    assert hub.hub.supervisor.site().connectors[CONNECTOR].profile.name == "ltc"
    press(page, "Make it the profile")
    expect(page.get_by_text("The connector reads by it from now on")).to_be_visible()
    expect(page.get_by_text("it is never done again by itself")).to_be_visible()
    assert hub.hub.supervisor.site().connectors[CONNECTOR].profile.name == "care-home-pharmacy"
    page.keyboard.press("P")
    expect(page.get_by_text("2 messages were processed again")).to_be_visible()
    page.goto(f"{hub.address}/messages?state=accepted")
    expect(page.get_by_role("link", name="TRIAL-9")).to_be_visible()


def test_one_message_is_tried_from_its_page(sign_in: SignIn, hub: RunningHub) -> None:
    taken = hub.submit(rde_o11("TRIAL-20", facility="OAK01", placer_number="N20", filler_number="N20"))
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages/{taken.message_id}")
    link = page.get_by_role("link", name="Try another profile on this message")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/rehearsal?*")
    press(page, "Try")
    expect(page.locator("#found")).to_contain_text("1 message: 1 the same, 0 different")
    write(page, 'extends = "hl7"\n[messages]\n"*" = "ignore"\n')
    press(page, "Try")
    expect(page.locator("#found")).to_contain_text("1 ignored instead of taken as orders")


def test_all_that_differ_are_paged_through(sign_in: SignIn, hub: RunningHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tried, "PAGE", 2)
    ids = [f"PAGED-{number}" for number in range(5)]
    for control_id in ids:
        hub.submit(rde_o11(control_id, facility="BIRCH1", placer_number=control_id, filler_number=control_id))
    page = sign_in("ada")
    page.goto(f"{hub.address}/rehearsal?connector={CONNECTOR}&facility=BIRCH1")
    write(page, 'extends = "hl7"\n[messages]\n"*" = "ignore"\n')
    press(page, "Try")
    kind = page.locator(".kind")
    seen = []
    for shown in ("1–2", "3–4", "5–5"):
        expect(kind.locator("header")).to_contain_text(shown)
        seen += kind.locator(".came a").all_inner_texts()
        if shown != "5–5":
            kind.get_by_role("link", name="Next").focus()
            page.keyboard.press("Enter")
    assert seen == ids
    page.evaluate("scrollTo(0, 0)")  # what the bar covers in part would be measured as small
    assert problems(page) == []
    expect(kind.get_by_role("link", name="Next")).to_have_count(0)
    kind.get_by_role("link", name="Back").focus()
    page.keyboard.press("Enter")
    expect(kind.locator("header")).to_contain_text("3–4")


def test_a_long_trial_shows_how_far_it_is_and_is_stopped(
    sign_in: SignIn, hub: RunningHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsal, "QUICK_S", 0.1)
    goes_on, ends = threading.Event(), threading.Event()
    trials = hub.hub.trials
    trials._thread.submit(goes_on.wait)  # another trial has the thread
    page = sign_in("ada")
    page.goto(f"{hub.address}/rehearsal?connector={CONNECTOR}")
    press(page, "Try")
    expect(page.locator("#found")).to_contain_text("Waiting for another trial to end")
    expect(page.locator("#found")).to_contain_text(re.compile(r"0 of \d+"))
    expect(page.get_by_role("progressbar")).to_be_visible()
    assert problems(page) == []
    write(page, 'extends = "hl7"\n# being thought about')
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        press(page, "Stop")
    goes_on.set()
    trials._thread.submit(ends.set)
    assert ends.wait(DEADLINE_S)
    expect(page.locator("#found")).to_contain_text(re.compile(r"Stopped: 0 of \d+ were tried"))
    expect(page.locator("#body")).to_have_value(re.compile("being thought about"))


def test_what_was_found_is_for_who_asked_alone(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("ada")
    page.goto(f"{hub.address}/rehearsal?connector={CONNECTOR}")
    press(page, "Try")
    expect(page.locator("#found")).to_contain_text("messages:")
    address = page.url
    hub.hub.store.writer.submit(make_analyst).result(DEADLINE_S)
    other = sign_in("nora")
    other.goto(address)
    expect(other.get_by_text("no longer kept")).to_be_visible()
    expect(other.locator("#found")).to_have_count(0)


def test_a_profile_that_cannot_be_read_leads_to_where_it_is_mended(sign_in: SignIn, hub: RunningHub) -> None:
    broken = site.parse(
        '[[profile]]\nname = "own"\nbody = \'extends = "hl7"\'\n'
        '[[connector]]\nname = "broken"\nkind = "mllp_listener"\nprofile = "own"\nsettings = { port = 0 }\n'
    )
    hub.hub.store.writer.submit(lambda tx: site.apply(tx, broken, actor="system", at=1)).result(DEADLINE_S)
    hub.hub.store.writer.submit(spoil).result(DEADLINE_S)
    hub.until(lambda: "broken" in hub.hub.supervisor.site().faults)
    page = sign_in("ada")
    page.goto(f"{hub.address}/rehearsal?connector=broken")
    expect(page.get_by_role("alert")).to_contain_text("broken does not run, so there is nothing to compare with")
    page.get_by_role("link", name="Mend the profile own").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/profile/edit?name=own")


def make_analyst(tx: Tx) -> None:
    nora = next(each.id for each in store_people.every(tx) if each.login == "nora")
    people.grant(tx, nora, "analyst", actor="system", at=1)


def spoil(tx: Tx) -> None:
    """A profile as a later version may no longer read it."""
    tx.execute(update(schema.profile).where(schema.profile.c.name == "own").values(body='extends = "gone"'))
    tx.touch("site")


def test_it_is_not_offered_to_who_may_not_change_profiles(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("phil")
    page.goto(f"{hub.address}/messages")
    expect(page.get_by_role("link", name="Try a profile")).to_have_count(0)
    page.goto(f"{hub.address}/rehearsal")
    expect(page.get_by_text("do not include changing profiles")).to_be_visible()
