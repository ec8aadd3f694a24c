"""A nurse clears the queue with the keyboard alone: new, changed, renewed and stopped orders, and takes one back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.conftest import SignIn, problems
from tests.journeys.hub import DEADLINE_S, RunningHub
from tests.support.samples import rde_o11

from officina.actions import review
from officina.actions.residents import admit
from officina.actions.review import Asked
from officina.store import Tx, reviews
from officina.workflow.review import Verdict


class Ward:
    """Residents of Elm Court whose orders wait."""

    def __init__(self, hub: RunningHub) -> None:
        self.hub = hub

    def order(self, name: str, control: str = "NW", **changed: str) -> int:
        """The pharmacy sends it; the order."""
        number = changed.pop("number", f"RV-{name}")
        numbers = dict.fromkeys(("placer_number", "filler_number", "prescription_number"), number)
        who = {"PID-3[1].1": f"RV-{name}", "PID-5.1": name, "MSH-15": "", "MSH-16": ""} | {"TQ1-8": "", "RXE-1.5": ""}
        raw = rde_o11(f"RV-{number}-{control}", facility="ELM02", control=control, **numbers, **who, **changed)
        assert self.hub.submit(raw).state == "accepted"
        return self.newest()

    def newest(self) -> int:
        with self.hub.hub.store.read() as tx:
            places = {each.id for each in self.hub.hub.supervisor.site().places.values()}
            return max(reviews.pending(tx, places), key=lambda row: row.changed_at * 10**6 + row.order_id).order_id

    def admit(self, order_id: int) -> None:
        """The resident an order is for is known."""

        def work(tx: Tx) -> None:
            row = reviews.get(tx, order_id)
            assert row is not None
            admit(tx, row.patient_id, row.place_id, (), by="person:phil", at=1, allergies="penicillin")

        self.hub.hub.store.writer.submit(work).result(DEADLINE_S)

    def decide(self, order_id: int, verdict: Verdict) -> None:
        asked = Asked(order_id, verdict, 1, reason="not needed any more")
        work = self.hub.hub.store.writer.submit(lambda tx: review.decide(tx, asked, (), by="person:phil", at=1))
        work.result(DEADLINE_S)


@pytest.fixture
def ward(hub: RunningHub) -> Iterator[Ward]:
    made = Ward(hub)
    yield made
    with hub.hub.store.read() as tx:
        places = {each.id for each in hub.hub.supervisor.site().places.values()}
        left = reviews.pending(tx, places)
    for row in left:  # the journeys share their hub
        hub.hub.store.writer.submit(
            lambda tx, row=row: reviews.update(tx, [{"order_id": row.order_id, "state": "done"}])
        ).result(DEADLINE_S)


def at_order(page: Page, hub: RunningHub, order_id: int) -> None:
    page.goto(f"{hub.address}/review/{order_id}")
    expect(page.locator(".queue [aria-current]")).to_be_visible()


def test_a_new_order_is_approved_with_one_key_and_taken_back_with_another(
    sign_in: SignIn, hub: RunningHub, ward: Ward
) -> None:
    number = ward.order("Hawthorn")
    ward.admit(number)
    page = sign_in("nora")
    at_order(page, hub, number)
    expect(page.get_by_role("region", name="The order")).to_contain_text("Atorvastatin 20 MG Tab")
    expect(page.locator(".allergies")).to_contain_text("penicillin")
    assert problems(page) == []
    page.keyboard.press("A")
    expect(page.get_by_role("status").filter(has_text="Approved as new")).to_be_visible()
    expect(page.locator(".queue")).not_to_contain_text("Hawthorn")
    page.keyboard.press("U")
    expect(page.get_by_role("status").filter(has_text="Taken back")).to_be_visible()
    expect(page.locator(".queue")).to_contain_text("Hawthorn")


def test_somebody_unknown_is_admitted_first(sign_in: SignIn, hub: RunningHub, ward: Ward) -> None:
    number = ward.order("Teasel")
    page = sign_in("nora")
    at_order(page, hub, number)
    expect(page.get_by_role("button", name="Approve as new")).to_have_count(0)
    page.get_by_label("Allergies, commas between").fill("latex, nuts")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Admitted as a resident")).to_be_visible()
    expect(page.locator(".allergies")).to_contain_text("latex, nuts")
    page.keyboard.press("A")
    expect(page.get_by_role("status").filter(has_text="Approved as new")).to_be_visible()


def test_what_changed_is_marked_on_both_sides(sign_in: SignIn, hub: RunningHub, ward: Ward) -> None:
    number = ward.order("Bramble")
    ward.admit(number)
    ward.decide(number, "new")
    ward.order("Bramble", "XO", **{"RXE-3": "40", "RXE-7": "Take two tablets twice daily"})
    page = sign_in("nora")
    at_order(page, hub, number)
    dose = page.get_by_role("row", name="Dose")
    expect(dose.locator("del")).to_have_text("20")
    expect(dose.locator("ins")).to_have_text("40")
    page.keyboard.press("A")
    expect(page.get_by_role("status").filter(has_text="Approved as a change")).to_be_visible()


def test_an_exact_renewal_is_one_key(sign_in: SignIn, hub: RunningHub, ward: Ward) -> None:
    first = ward.order("Sorrel")
    ward.admit(first)
    ward.decide(first, "new")
    again = ward.order("Sorrel", number="RV-Sorrel-2", quantity="90")
    page = sign_in("nora")
    at_order(page, hub, again)
    expect(page.locator(".proposal")).to_contain_text("A renewal")
    page.keyboard.press("A")
    expect(page.get_by_role("status").filter(has_text="Approved as a renewal")).to_be_visible()


def test_a_no_needs_a_reason_which_is_asked_for(sign_in: SignIn, hub: RunningHub, ward: Ward) -> None:
    number = ward.order("Tansy")
    ward.admit(number)
    page = sign_in("nora")
    at_order(page, hub, number)
    page.keyboard.press("X")
    expect(page.get_by_role("alert")).to_contain_text("a reason is needed")
    page.get_by_label("Why").focus()
    page.keyboard.type("allergic to it")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Rejected")).to_be_visible()


def test_who_is_overtaken_by_a_colleague_cannot_overwrite(sign_in: SignIn, hub: RunningHub, ward: Ward) -> None:
    number = ward.order("Yarrow")
    ward.admit(number)
    page = sign_in("nora")
    at_order(page, hub, number)
    ward.decide(number, "reject")
    page.keyboard.press("A")
    expect(page.get_by_role("alert")).to_contain_text("decided already")
    expect(page.get_by_role("region", name="The order")).to_contain_text("Rejected by phil")


def test_one_key_never_changes_another_medication(sign_in: SignIn, hub: RunningHub, ward: Ward) -> None:
    first = ward.order("Rowan")
    ward.admit(first)
    ward.decide(first, "new")
    other = ward.order("Rowan", number="RV-Rowan-2", drug_text="Furosemide 40 MG Tab", drug_code="99901")
    page = sign_in("nora")
    at_order(page, hub, other)
    page.keyboard.press("C")
    expect(page.get_by_role("alert")).to_contain_text("does not say which medication")
    expect(page.get_by_role("region", name="The order")).to_contain_text("Furosemide 40 MG Tab")


def test_exact_renewals_are_approved_together(sign_in: SignIn, hub: RunningHub, ward: Ward) -> None:
    for name in ("Alder", "Hazel"):
        first = ward.order(name)
        ward.admit(first)
        ward.decide(first, "new")
        ward.order(name, number=f"RV-{name}-2", quantity="90")
    other = ward.order("Medlar")
    ward.admit(other)
    page = sign_in("nora")
    at_order(page, hub, other)
    button = page.get_by_role("button", name="Approve the 2 exact renewals")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="2 renewals approved")).to_be_visible()
    expect(page.locator(".queue")).not_to_contain_text("Alder")
    expect(page.locator(".queue")).to_contain_text("Medlar")


def test_what_happens_meanwhile_is_seen_at_once(sign_in: SignIn, hub: RunningHub, ward: Ward) -> None:
    number, other = ward.order("Fennel"), ward.order("Borage")
    ward.admit(number)
    page = sign_in("nora")
    at_order(page, hub, number)
    expect(page.locator(".queue")).to_contain_text("Borage")
    ward.decide(other, "reject")
    expect(page.locator(".queue")).not_to_contain_text("Borage")
    page.get_by_label("Why").fill("half a rea")
    ward.order("Fennel", "XO", **{"RXE-3": "40"})
    expect(page.locator("#standing")).to_contain_text("The pharmacy has changed it meanwhile")
    expect(page.get_by_label("Why")).to_have_value("half a rea")
    ward.order("Clover")
    expect(page.locator(".queue")).to_contain_text("Clover")


def test_who_may_not_review_is_not_offered_it(sign_in: SignIn, hub: RunningHub, ward: Ward) -> None:
    number = ward.order("Mallow")
    page = sign_in("phil")
    answer = page.goto(f"{hub.address}/review/{number}")
    assert answer is not None
    assert answer.status == 403
