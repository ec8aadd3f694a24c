"""What `[send]` of a profile may say: each mistake is refused by its key, with the way out."""

from __future__ import annotations

import pytest
from tests.support.profiles import body

from officina.errors import Invalid
from officina.message.profile import load

ORDER = (
    '[send.messages."OMP^O09"]\nevents = ["order.*"]\nsegments = ["ORC"]\n[send.fields]\n"ORC-1" = "order.control"\n'
)


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("[send]\nversoin = '2.3'", "send.versoin", "unknown key"),
        ("[send]\ncharacter_set = 'KOI8'", "send.character_set", "table 0211"),
        ("[send]\ntimes = 'utc'", "send.times", "offset, local"),
        ("[send]\nprocessing = 'X'", "send.processing", "P, T, D"),
        ("[send.messages]\nRDE = 'x'", "send.messages.RDE", "no type of message"),
        ("[send.messages]\n'RDE^O11' = 'x'", "send.messages.RDE^O11", "must be a table"),
        (
            "[send.messages.'RDE^O11']\nsegments = ['ORC']\n[send.fields]\n'ORC-1' = 'order.control'",
            "send.messages.RDE^O11.events",
            "missing",
        ),
        ("[send.messages.'RDE^O11']\nevents = ['order.*']", "send.messages.RDE^O11.segments", "missing"),
        (ORDER.replace("order.*", "orders"), "send.messages.OMP^O09.events", "no kind of event"),
        (ORDER.replace('"ORC"', '"[ORC"'), "send.messages.OMP^O09.segments", "no segment"),
        (ORDER.replace('["ORC"]', '["ORC", "RXE"]'), "send.messages.OMP^O09.segments", "nothing is said of RXE"),
        (ORDER.replace('"ORC"', '"{ORC}"'), "send.messages.OMP^O09.segments", "nothing of timing, note, component"),
        (
            ORDER.replace('"ORC"', '"{ORC}"') + '"ORC-2" = "timing.code"\n"ORC-3" = "note.text"',
            "send.messages.OMP^O09.segments",
            "both note and timing",
        ),
        (
            ORDER + "[send.messages.'RDE^O11']\nevents = ['order.created']\nsegments = ['ORC']",
            "send.messages.RDE^O11.events",
            "already",
        ),
        (ORDER.replace("ORC-1", "ORC"), "send.fields.ORC", "name a field"),
        (ORDER.replace("ORC-1", "ORC-1[2]"), "send.fields.ORC-1[2]", "repetition"),
        (ORDER.replace('"ORC-1"', '"OXX-1"'), "send.fields.OXX-1", "no segment OXX"),
        (ORDER.replace('"ORC-1"', '"ORC-99"'), "send.fields.ORC-99", "no field 99"),
        (ORDER.replace("order.control", "order.contrl"), "send.fields.ORC-1", "did you mean order.control"),
        (
            ORDER.replace('"order.control"', "{ from = 'order.control', as = 'datetime' }"),
            "send.fields.ORC-1.as",
            "local",
        ),
        (
            ORDER.replace('"order.control"', "{ from = 'order.control', as = { map = 'no' } }"),
            "send.fields.ORC-1.as",
            "maps.no",
        ),
        (ORDER.replace('"order.control"', "{ as = 'upper' }"), "send.fields.ORC-1", "says nothing"),
        (
            ORDER.replace('"order.control"', "{ value = 'NW', from = 'order.control' }"),
            "send.fields.ORC-1.from",
            "unknown key",
        ),
        (ORDER + '"ORC-1.1" = "order.status"', "send.fields.ORC-1.1", "another key"),
        (ORDER + '"MSH-10" = "order.id"', "send.fields.MSH-10", "own"),
    ],
)
def test_a_mistake_is_named(text: str, place: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        load("own", text, body)
    assert refused.value.place == place
    assert said in f"{refused.value.text} {refused.value.remedy}"


def test_a_dialect_takes_a_message_away_and_gives_its_events_to_another() -> None:
    text = 'extends = "hl7"\n[send.messages]\n"RDE^O11" = ""\n' + ORDER.partition("[send.fields]")[0]
    own = load("own", text, body)
    found = own.sending.message("order.created")
    assert found is not None
    assert found.type == "OMP^O09"
    assert own.sending.message("message.parked") is None


def test_a_profile_without_it_composes_nothing() -> None:
    assert load("own", "", body).sending.messages == ()
