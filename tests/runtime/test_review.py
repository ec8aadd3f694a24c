"""What a facility's nurses review and decide, from real messages to the resident's list."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TypeVar

import pytest
from tests.runtime.test_delivery import order, take_in
from tests.support.hub import SITE, running_hub

from officina.actions import review
from officina.actions.residents import admit
from officina.actions.review import Asked
from officina.actions.review.seen import seen
from officina.app import Hub
from officina.errors import Conflict, Forbidden, Invalid
from officina.order.order import facts_of
from officina.store import Tx, events, reviews
from officina.store.rows import MedicationRow, ReviewRow

REVIEWED = SITE.replace('name = "Oak House"', 'name = "Oak House"\nreview = "orders"')
NORA, PAT = "person:nora", "person:pat"
AT = 1_767_225_600_000_000
LATER = AT + 60_000_000
T = TypeVar("T")


class Home:
    """A hub whose facility reviews its orders."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    def read(self, ask: Callable[[Tx], T]) -> T:
        with self.hub.store.read() as tx:
            return ask(tx)

    def write(self, change: Callable[[Tx], T]) -> T:
        return self.hub.store.writer.submit(change).result()

    def admit(self) -> None:
        """Whoever an order waits for is a resident."""
        for row in self.waiting():
            self.write(lambda tx, row=row: admit(tx, row.patient_id, row.place_id, (), by=NORA, at=AT))

    def admit_each(self) -> None:
        """The same where several orders wait for one resident."""
        (row, *_) = self.waiting()
        self.write(lambda tx: admit(tx, row.patient_id, row.place_id, (), by=NORA, at=AT))

    def proposed(self) -> list[tuple[str, int | None]]:
        """What each order that waits is to the list, and the medication it is about."""
        rows = self.waiting()
        found = self.read(lambda tx: seen(tx, rows, AT))
        return [
            (each.proposed.verdict, each.proposed.current.row.id if each.proposed.current else None) for each in found
        ]

    def waiting(self) -> list[ReviewRow]:
        places = {place.id for place in self.hub.supervisor.site().places.values()}
        return self.read(lambda tx: reviews.pending(tx, places))

    def listed(self) -> list[MedicationRow]:
        """The medications of the only resident."""
        patients = self.read(lambda tx: {row.patient_id for row in self._every(tx)})
        return [row for rows in self.read(lambda tx: reviews.medications(tx, patients)).values() for row in rows]

    def decide(self, asked: Asked, by: str = NORA, at: int = AT) -> str:
        subscriptions = self.hub.supervisor.site().subscriptions
        return self.write(lambda tx: review.decide(tx, asked, subscriptions, by=by, at=at)).state

    def _every(self, tx: Tx) -> list[ReviewRow]:
        found = [reviews.get(tx, number) for number in range(2000)]
        return [row for row in found if row is not None]


@pytest.fixture
async def home(database_url: str) -> AsyncIterator[Home]:
    async with running_hub(database_url, REVIEWED) as hub:
        yield Home(hub)


async def test_an_order_waits_until_a_nurse_has_decided(home: Home) -> None:
    await take_in(home.hub, order(1))
    home.admit()
    (waiting,) = home.waiting()
    assert (waiting.state, waiting.version) == ("open", 1)
    assert home.listed() == []
    assert home.decide(Asked(waiting.order_id, "new", 1, shown={"flags": ["start_in_the_past"]})) == "done"
    (medication,) = home.listed()
    assert home.waiting() == []
    assert (medication.order_id, medication.ends_at) == (waiting.order_id, medication.ends_at)
    assert facts_of(medication.facts)["drug_text"] == "Atorvastatin 20 MG Tab"
    (decision,) = home.read(lambda tx: reviews.decisions(tx, waiting.order_id))
    assert (decision.by, decision.kind, decision.version) == (NORA, "new", 1)
    assert len(decision.message_digest) == 16
    told = home.read(lambda tx: events.listed(tx, events.EventFilter(subject="order", subject_id=waiting.order_id)))
    assert told[0].kind == "review.new"


async def test_what_the_pharmacy_changes_waits_again_and_ends_the_old_one_as_the_new_begins(home: Home) -> None:
    await take_in(home.hub, order(1))
    home.admit()
    number = home.waiting()[0].order_id
    home.decide(Asked(number, "new", 1))
    await take_in(home.hub, order(1, **{"MSH-10": "C2", "ORC-1": "XO", "RXE-3": "40"}))
    (waiting,) = home.waiting()
    assert (waiting.order_id, waiting.version) == (number, 2)
    (old,) = home.listed()
    home.decide(Asked(number, "change", 2, old.id), at=LATER)
    ended, new = home.listed()
    assert ended.ends_at == new.starts_at
    assert facts_of(new.facts)["dose"] == "40"


async def test_a_repetition_waits_for_nobody(home: Home) -> None:
    await take_in(home.hub, order(1))
    home.admit()
    home.decide(Asked(home.waiting()[0].order_id, "new", 1))
    await take_in(home.hub, order(1, **{"MSH-10": "C2"}))
    assert home.waiting() == []


async def test_who_saw_an_older_version_decides_nothing(home: Home) -> None:
    await take_in(home.hub, order(1), order(1, **{"MSH-10": "C2", "ORC-1": "XO", "RXE-3": "40"}))
    home.admit()
    (waiting,) = home.waiting()
    with pytest.raises(Conflict, match="version 2"):
        home.decide(Asked(waiting.order_id, "new", 1))
    assert home.listed() == []


async def test_the_second_of_two_nurses_is_told_and_changes_nothing(home: Home) -> None:
    await take_in(home.hub, order(1))
    home.admit()
    asked = Asked(home.waiting()[0].order_id, "new", 1)
    home.decide(asked)
    with pytest.raises(Conflict, match="decided already"):
        home.decide(asked, by=PAT)
    assert len(home.listed()) == 1


async def test_a_high_alert_drug_needs_two_nurses(home: Home) -> None:
    await take_in(home.hub, order(1))
    home.admit()
    asked = Asked(home.waiting()[0].order_id, "new", 1, second=True)
    assert home.decide(asked) == "second"
    assert home.listed() == []
    with pytest.raises(Forbidden):
        home.decide(asked)
    assert home.decide(asked, by=PAT) == "done"
    assert len(home.listed()) == 1


async def test_a_decision_is_taken_back(home: Home) -> None:
    await take_in(home.hub, order(1))
    home.admit()
    number = home.waiting()[0].order_id
    home.decide(Asked(number, "new", 1))
    await take_in(home.hub, order(1, **{"MSH-10": "C2", "ORC-1": "DC"}))
    (medication,) = home.listed()
    home.decide(Asked(number, "discontinue", 2, medication.id), at=LATER)
    assert home.listed()[0].ends_at == LATER
    home.write(lambda tx: review.undo(tx, number, by=NORA, at=LATER + 1))
    assert home.listed() == [medication._replace(changed_at=LATER + 1)]
    assert [row.state for row in home.waiting()] == ["open"]


async def test_a_renewal_keeps_the_medication_and_takes_the_new_facts(home: Home) -> None:
    await take_in(home.hub, order(1))
    home.admit()
    home.decide(Asked(home.waiting()[0].order_id, "new", 1))
    (medication,) = home.listed()
    await take_in(home.hub, order(2, **{"RXE-10": "90"}))
    (waiting,) = home.waiting()
    home.decide(Asked(waiting.order_id, "renewal", 1, medication.id), at=LATER)
    (renewed,) = home.listed()
    assert (renewed.id, renewed.order_id) == (medication.id, waiting.order_id)
    assert facts_of(renewed.facts)["quantity"] == "90"


LATE = {"RXE-1.5": "20991231", "TQ1-8": "20991231"}
NO_STOP = {"RXE-1.5": "", "TQ1-8": ""}


async def test_a_renewal_ends_when_the_new_order_says(home: Home) -> None:
    await take_in(home.hub, order(1))
    home.admit()
    home.decide(Asked(home.waiting()[0].order_id, "new", 1))
    (medication,) = home.listed()
    await take_in(home.hub, order(2, **LATE))
    (waiting,) = home.waiting()
    assert home.proposed() == [("renewal", medication.id)]
    home.decide(Asked(waiting.order_id, "renewal", 1, medication.id), at=LATER)
    (renewed,) = home.listed()
    assert medication.ends_at is not None
    assert renewed.ends_at is not None
    assert renewed.ends_at > medication.ends_at
    home.write(lambda tx: review.undo(tx, waiting.order_id, by=NORA, at=LATER + 1))
    assert home.listed()[0].ends_at == medication.ends_at


async def test_an_order_that_lost_its_stop_date_is_no_exact_renewal(home: Home) -> None:
    await take_in(home.hub, order(1))
    home.admit()
    home.decide(Asked(home.waiting()[0].order_id, "new", 1))
    (medication,) = home.listed()
    await take_in(home.hub, order(2, **NO_STOP))
    assert home.proposed() == [("change", medication.id)]


async def test_of_several_alike_none_is_proposed(home: Home) -> None:
    """A routine and an as-needed order of one drug."""
    await take_in(home.hub, order(1), order(2, **{"RXE-1.2": "Q6H", "TQ1-3": "Q6H", "TQ1-9": "PRN"}))
    home.admit_each()
    for row in home.waiting():
        home.decide(Asked(row.order_id, "new", 1))
    assert len(home.listed()) == 2
    await take_in(home.hub, order(3, **{"RXE-3": "40"}))
    assert home.proposed() == [("change", None)]


@pytest.mark.parametrize("verdict", ["reject", "hold"])
async def test_a_no_and_a_wait_need_a_reason(home: Home, verdict: str) -> None:
    await take_in(home.hub, order(1))
    home.admit()
    number = home.waiting()[0].order_id
    with pytest.raises(Invalid) as refused:
        home.decide(Asked(number, verdict, 1))  # type: ignore[arg-type]
    assert refused.value.place == "reason"
    home.decide(Asked(number, verdict, 1, reason="the resident is in hospital"))  # type: ignore[arg-type]
    assert home.listed() == []
    assert [row.state for row in home.waiting()] == (["held"] if verdict == "hold" else [])


async def test_what_was_stopped_before_it_was_approved_needs_no_medication(home: Home) -> None:
    await take_in(home.hub, order(1))
    home.admit()
    number = home.waiting()[0].order_id
    with pytest.raises(Invalid):
        home.decide(Asked(number, "discontinue", 1))
    await take_in(home.hub, order(1, **{"MSH-10": "C2", "ORC-1": "DC"}))
    home.decide(Asked(number, "discontinue", 2))
    assert (home.waiting(), home.listed()) == ([], [])


async def test_nothing_is_listed_for_somebody_who_is_no_resident(home: Home) -> None:
    await take_in(home.hub, order(1))
    number = home.waiting()[0].order_id
    with pytest.raises(Conflict, match="no resident"):
        home.decide(Asked(number, "new", 1))
    home.decide(Asked(number, "reject", 1, reason="nobody of that name lives here"))
    assert home.waiting() == []


async def test_a_resident_is_admitted_once(home: Home) -> None:
    await take_in(home.hub, order(1))
    (row,) = home.waiting()
    home.write(lambda tx: admit(tx, row.patient_id, row.place_id, (), by=NORA, at=AT, allergies=" penicillin,, latex"))
    resident = home.read(lambda tx: reviews.residents(tx, [row.patient_id]))[row.patient_id]
    assert (resident.state, resident.allergies) == ("admitted", "penicillin\nlatex")
    with pytest.raises(Conflict, match="already a resident"):
        home.admit()


async def test_a_facility_that_reviews_nothing_has_nothing_to_review(database_url: str) -> None:
    async with running_hub(database_url) as hub:
        await take_in(hub, order(1))
        assert Home(hub).waiting() == []
