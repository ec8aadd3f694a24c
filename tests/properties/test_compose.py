"""What is composed in the standard's layout says what the book knows: read back, it is the same order again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from tests.corpus import corpora
from tests.support.composing import composed
from tests.support.profiles import shipped

from officina.message.extract import extract
from officina.order.assemble import Assembled, assemble
from officina.order.order import DISPENSED, Order
from officina.order.patient import CLEAR, Identifier, PatientFacts
from officina.order.visit import VisitFacts
from officina.wire import batch, er7

OWN = Path(__file__).parents[1] / "corpus" / "ltc"
HL7, LTC = shipped("hl7"), shipped("ltc")
ZONE = ZoneInfo("America/Chicago")
AT = datetime(2026, 7, 14, 8, 30, tzinfo=UTC)
# Not told: what was handed out has no place in an order; the status is the book's own word.
UNTOLD = DISPENSED | {"order_status"}
TEXT = st.text(st.sampled_from("abXZ 0129.,|^~\\&é€Ж\n"), min_size=1, max_size=12).map(str.strip).filter(bool)
WORD = st.text(st.sampled_from("abcXYZ019"), min_size=1, max_size=8)
NUMBER = st.integers(1, 9999).map(str)
DAY = st.dates(date(1900, 1, 1), date(2100, 1, 1)).map(lambda day: day.isoformat())
MOMENT = st.integers(1_600_000_000, 1_900_000_000).map(lambda at: datetime.fromtimestamp(at, ZONE).isoformat())


def words(*names: str) -> dict[str, st.SearchStrategy[str]]:
    return dict.fromkeys(names, WORD)


TIMINGS = st.fixed_dictionaries(
    {},
    optional={
        "code": st.sampled_from(["BID", "QHS", "Q4H", "every 24 hours", "QJ135", "BID QJ135", "Q2D", "PRN"]),
        "times": st.lists(st.sampled_from(["08:00", "12:30", "20:00"]), min_size=1, unique=True),
        "dose": NUMBER,
        "dose_units": WORD,
        "duration": st.sampled_from(["D10", "10 days"]),
        "occurrences": NUMBER,
        "priority": st.sampled_from(["S", "R"]),
        "text": WORD,
    },
).filter(bool)
ORDERS = st.fixed_dictionaries(
    {"drug_text": TEXT, "dose": NUMBER, **words("placer_number", "filler_number")},
    optional={
        **words("prescription_number", "group_number", "drug_code", "drug_system", "strength_units", "dose_units"),
        **words("quantity_units", "order_type", "prescriber_id"),
        **dict.fromkeys(("form", "indication", "route"), WORD),
        **dict.fromkeys(("strength", "dose_max", "quantity", "refills", "refills_remaining"), NUMBER),
        **dict.fromkeys(("entered_at", "effective_at"), MOMENT),
        "prescriber": st.builds("{}, {}".format, WORD, WORD),
        "timings": st.lists(TIMINGS, min_size=1, max_size=2),
        "notes": st.lists(WORD, min_size=1, max_size=3),
        "components": st.lists(st.fixed_dictionaries(words("type", "code", "text", "units")), min_size=1, max_size=3),
    },
)
PATIENTS = st.fixed_dictionaries(
    {"family": WORD}, optional={**words("given", "middle", "address", "phone"), "born_on": DAY, "sex": st.just("F")}
)
IDENTIFIERS = st.lists(
    st.fixed_dictionaries({"type": st.sampled_from(["MR", "PI", "SS"]), "authority": WORD, "value": WORD}),
    min_size=1,
    unique_by=lambda each: each["value"],
)


def back(raw: bytes) -> Assembled:
    stated = extract(er7.parse(raw), HL7)
    assert stated.disposition == "order", (stated.reason, stated.findings)
    return assemble(stated, ZONE)


def told(order: Order) -> dict[str, object]:
    """Without what is not told; a pattern may be told in table 0335's words, its days are compared."""
    found = {name: fact for name, fact in order.facts().items() if name not in UNTOLD}
    if order.timings:
        found["timings"] = [{**timing.facts(), "code": ""} for timing in order.timings]
    return found


@given(order=ORDERS, patient=PATIENTS, identifiers=IDENTIFIERS)
def test_any_order_is_read_back(
    order: dict[str, object], patient: dict[str, str], identifiers: list[dict[str, str]]
) -> None:
    raw = composed(HL7, "order.created", AT, patient=patient, identifiers=identifiers, order={**order, "control": "NW"})
    read = back(raw)
    (again,) = read.orders
    facts = again.facts()
    own = {name: _plain(fact) for name, fact in order.items() if name != "timings"}
    assert {name: facts.get(name) for name in own} == own
    assert read.patient.fields == patient
    assert set(read.patient.identifiers) == {Identifier(**each) for each in identifiers}


def _plain(fact: object) -> object:
    """As any text comes back: blanks within are one, line ends are blanks."""
    return " ".join(fact.split()) if isinstance(fact, str) else fact


def test_every_order_of_our_own_corpus_is_read_back() -> None:
    files = sorted(OWN.glob("*.hl7"))
    assert sum(check(each.read_bytes()) for each in files) > 100


def test_every_order_others_wrote_is_read_back() -> None:
    assert sum(check(sample.raw) for sample in corpora.hl7v2()) > 30


def check(raw: bytes) -> int:
    """How many orders of it were told and read back as they were."""
    count = 0
    for read in _orders(raw):
        for order in read.orders:
            again = back(_again(read, order))
            assert told(again.orders[0]) == told(order)
            assert set(again.patient.identifiers) == set(read.patient.identifiers)
            assert again.patient.fields == _stated(read.patient)
            assert _where(again.visit) == _where(read.visit)
            count += 1
    return count


def _orders(raw: bytes) -> Iterator[Assembled]:
    for each in batch.split(raw).messages:
        try:
            message = er7.parse(each)
        except er7.ParseError:
            continue
        for profile in (HL7, LTC):
            stated = extract(message, profile)
            if stated.disposition == "order":
                yield assemble(stated, ZONE)


def _again(read: Assembled, order: Order) -> bytes:
    visit = {**read.visit.fields, "number": read.visit.number, **read.visit.instants}
    return composed(
        HL7,
        "order.created",
        AT.astimezone(ZONE),
        patient=_stated(read.patient),
        identifiers=[each._asdict() for each in read.patient.identifiers],
        visit={name: value for name, value in visit.items() if value != CLEAR},
        order=order.facts(),
    )


def _stated(patient: PatientFacts) -> dict[str, str]:
    return {name: value for name, value in patient.fields.items() if value != CLEAR}


def _where(visit: VisitFacts) -> object:
    """PV1-2 must be said, so an unknown category is told as unknown."""
    fields = {"category": "U", **{name: value for name, value in visit.fields.items() if value != CLEAR}}
    return visit.number, fields, {name: at for name, at in visit.instants.items() if at is not None}
