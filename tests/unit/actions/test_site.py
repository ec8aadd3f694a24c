"""The site as a file: what is refused and where, what a difference says, and that a file comes back as it went in."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from officina.actions import connectors, site
from officina.actions.site.document import Row, dump, key_of
from officina.clock import SECOND
from officina.errors import NotFound
from officina.store import Store, Tx
from officina.store import site as stored

AT = 1_700_000_000 * SECOND
SMALL = """
[[place]]
code = "OAK"
kind = "organisation"
name = "Oak Care"

[[place]]
code = "OAK01"
kind = "facility"
name = "Oak House"
parent = "OAK"
time_zone = "America/Chicago"

[[place]]
code = "OAK01-B"
kind = "unit"
name = "Unit B"
parent = "OAK01"

[[code_map]]
code = "17"
place = "OAK01"

[[profile]]
name = "own"
body = '''
extends = "ltc"
'''

[[connector]]
name = "care-pharmacy"
kind = "mllp_listener"
profile = "own"
[connector.settings]
port = 6000

[[connector]]
name = "cabinet"
kind = "mllp_sender"
[connector.settings]
host = "cabinet.example"
port = 2575

[[subscription]]
name = "tell"
event = "order.*"
place = "OAK"
connector = "cabinet"
payload = "source"
"""


def applied(store: Store, text: str, *, prune: bool = False, at: int = AT) -> site.Changes:
    document = site.parse(text)
    return store.writer.submit(lambda tx: site.apply(tx, document, actor="person:ann", at=at, prune=prune)).result()


def exported(store: Store) -> str:
    with store.read() as tx:
        return site.export(tx)


def refused(store: Store, text: str) -> list[str]:
    with pytest.raises(site.SiteInvalid) as caught:
        applied(store, text)
    return [f"{problem.place}: {problem.text}" for problem in caught.value.problems]


def test_an_applied_site_is_what_the_hub_runs(store: Store) -> None:
    applied(store, SMALL)
    with store.read() as tx:
        loaded = site.load_site(tx)
    places = {place.code: place for place in loaded.places.values()}
    assert places["OAK01-B"].organisation_id == places["OAK"].id
    assert str(places["OAK01"].zone) == "America/Chicago"
    connector = loaded.connectors["care-pharmacy"]
    assert connector.profile.name == "own"
    assert connector.settings.model_dump()["port"] == 6000
    routed = connector.routes["17"]
    assert (routed.place_id, routed.organisation_id) == (places["OAK01"].id, places["OAK"].id)
    [told] = loaded.subscriptions
    assert (told.name, told.event, told.places, told.connector_id) == (
        "tell",
        "order.*",
        set(loaded.places),
        loaded.connectors["cabinet"].id,
    )
    assert loaded.faults == {}


def test_a_subscription_keeps_in_order_what_its_connector_asks_for(sqlite_store: Store) -> None:
    applied(sqlite_store, SMALL.replace("port = 2575", 'port = 2575\nlanes = "patient"'))
    with sqlite_store.read() as tx:
        [told] = site.load_site(tx).subscriptions
    assert told.lanes == "patient"


def test_applying_twice_changes_nothing_and_leaves_one_event(store: Store) -> None:
    assert applied(store, SMALL).summary() == "8 added"
    assert applied(store, SMALL).summary() == "no change"
    assert applied(store, exported(store), prune=True).summary() == "no change"
    with store.read() as tx:
        from officina.store.schema import event

        rows = tx.execute(event.select()).mappings()
    assert [(row["kind"], row["actor"], row["at"]) for row in rows] == [("site.applied", "person:ann", AT)]


def test_a_difference_names_row_key_old_and_new(store: Store) -> None:
    applied(store, SMALL)
    wanted = SMALL.replace("port = 6000", "port = 6001\nmax_connections = 4").replace("Oak House", "Oak Lodge")
    with store.read() as tx:
        text = str(site.diff(tx, site.parse(wanted)))
    assert text.splitlines() == [
        "~ place OAK01",
        '    name: "Oak House" → "Oak Lodge"',
        "~ connector care-pharmacy",
        "    settings.max_connections: (not set) → 4",
        "    settings.port: 6000 → 6001",
    ]


def test_what_a_file_does_not_name_stays_unless_pruned(store: Store) -> None:
    applied(store, SMALL)
    only = SMALL[: SMALL.index('[[place]]\ncode = "OAK01-B"')]
    kept = applied(store, only)
    assert not kept
    assert "= code_map * facility 17: not in the file, stays as it is (--prune would take it out)" in str(kept)
    pruned = applied(store, only, prune=True)
    assert pruned.summary() == "4 set inactive, 1 removed"
    with store.read() as tx:
        loaded = site.load_site(tx)
        rows = stored.read(tx)
    assert [place.state for place in loaded.places.values()] == ["active", "active", "inactive"]
    assert [row.name for row in rows.profiles] == ["own"]
    assert rows.code_maps == []
    assert [row.state for row in rows.connectors] == ["inactive"] * 2
    assert loaded.subscriptions == ()


def test_a_profile_goes_when_no_connector_names_it_any_more(store: Store) -> None:
    applied(store, SMALL + "[[profile]]\nname = 'base'\nbody = \"extends = 'hl7'\"\n")
    assert applied(store, SMALL, prune=True).summary() == "1 removed"
    below = (
        SMALL.replace('extends = "ltc"', 'extends = "base"')
        + "[[profile]]\nname = 'base'\nbody = \"extends = 'hl7'\"\n"
    )
    applied(store, below)
    applied(store, "", prune=True)
    with store.read() as tx:
        assert {row.name for row in stored.read(tx).profiles} == {"own", "base"}
        assert site.load_site(tx).connectors["care-pharmacy"].state == "inactive"


def test_a_row_named_again_is_in_use_again(store: Store) -> None:
    applied(store, SMALL)
    applied(store, "", prune=True)
    assert "~ place OAK01" in str(applied(store, SMALL))
    with store.read() as tx:
        assert {place.state for place in site.load_site(tx).places.values()} == {"active"}


FORM = [
    ("place = 3", "place: is not a table of a site file"),
    ('[place]\ncode = "A"', "place: is not a table of a site file"),
    ('[[plaice]]\ncode = "A"', "plaice: is not a table of a site file"),
    ('[[place]]\nkind = "unit"\nname = "x"', "place[1].code: is missing"),
    ('[[place]]\ncode = ""\nkind = "unit"\nname = "x"', "place[1].code: is missing"),
    ('[[place]]\ncode = 7\nkind = "unit"\nname = "x"', "place[1].code: is a number, not text"),
    (
        '[[place]]\ncode = "A\\nB"\nkind = "unit"\nname = "x"',
        "place[1].code: holds a control character or a line break",
    ),
    (
        '[[place]]\ncode = "A"\nkind = "ward"\nname = "x"',
        "place[1].kind: is none of organisation, facility, unit, dispensary",
    ),
    ('[[place]]\ncode = "A"\nkind = "unit"\nname = "x"\ncolour = "red"', "place[1].colour: is not a key of this table"),
    ('[[connector]]\nname = "a"\nkind = "b"\nsettings = 3', "connector[1].settings: is not a table"),
    *[
        (
            f'[[connector]]\nname = "a"\nkind = "b"\nkeep_bodies_days = {wrong}',
            "connector[1].keep_bodies_days: is no whole number from 1 to 36500",
        )
        for wrong in ("0", "-1", "1.5", "true", '"30"', "36501")
    ],
    (
        '[[connector]]\nname = "a"\nkind = "b"\n[connector.settings]\nx = [2020-01-01]',
        "connector[1].settings.x[1]: is a date or time",
    ),
    (
        '[[connector]]\nname = "a"\nkind = "b"\n[connector.settings]\nx = nan',
        "connector[1].settings.x: is not a finite number",
    ),
    ('[[profile]]\nname = "p"\nbody = ""\nfile = "x"', "profile[1]: has both a body and a file"),
    (
        '[[profile]]\nname = "p"\nfile = "absent.toml"',
        "profile[1].file: the file absent.toml cannot be read: No such file or directory",
    ),
]


@pytest.mark.parametrize(("text", "expected"), FORM)
def test_a_mistake_of_form_names_table_row_and_key(text: str, expected: str, tmp_path: Path) -> None:
    with pytest.raises(site.SiteInvalid) as caught:
        site.parse(text, folder=tmp_path)
    assert [f"{problem.place}: {problem.text}" for problem in caught.value.problems] == [expected]


def test_all_mistakes_are_told_at_once() -> None:
    text = '[[place]]\ncode = "A"\nkind = "unit"\nname = "x"\n' * 2 + '[[connector]]\nname = "c"\n'
    with pytest.raises(site.SiteInvalid) as caught:
        site.parse(text)
    assert [str(problem) for problem in caught.value.problems] == [
        "place[2]: has the same code as place[1]",
        "connector[1].kind: is missing",
    ]


def test_text_that_is_not_toml_is_refused_with_its_line() -> None:
    with pytest.raises(site.SiteInvalid, match=r"is not TOML: .*line 2"):
        site.parse("a = 1\nb =\n")


SENSE = [
    (
        'time_zone = "America/Chicago"',
        'time_zone = "America/Chicgo"',
        "place[2].time_zone: there is no time zone America/Chicgo",
    ),
    ('parent = "OAK"\n', 'parent = "ELM"\n', "place[2].parent: there is no place ELM"),
    ('parent = "OAK"\n', "", "place[2].parent: a facility belongs to an organisation"),
    ('parent = "OAK01"', 'parent = "OAK01-B"', "place[3].parent: OAK01-B would be a part of itself"),
    ('name = "Oak House"', 'name = "Oak House"\nstate = "inactive"', "place[3].state: its parent OAK01 is inactive"),
    ('code = "17"\nplace = "OAK01"', 'code = "17"\nplace = "ELM"', "code_map[1].place: there is no place ELM"),
    (
        'code = "17"\nplace = "OAK01"',
        'code = "17"\nplace = "OAK"',
        "code_map[1].place: OAK is an organisation, not a facility",
    ),
    ('code = "17"', 'code = "17"\nsource = "elm"', "code_map[1].source: there is no connector elm"),
    ('extends = "ltc"', 'extends = "ltd"', "profile[1].body: extends: there is no profile ltd"),
    ('profile = "own"', 'profile = "elm"', "connector[1].profile: there is no profile elm"),
    ('kind = "mllp_listener"', 'kind = "mllp_listner"', "connector[1].kind: there is no connector kind 'mllp_listner'"),
    ("port = 6000", "port = 70000", "connector[1].settings.port: input should be less than or equal to 65535"),
    ("port = 6000", "prot = 6000", "connector[1].settings.prot: is not a setting of this kind"),
    (
        "port = 6000",
        'port = 6000\nfallback_charset = "rot13"',
        "connector[1].settings.fallback_charset: there is no character set rot13; write one like cp1252 or iso8859-2",
    ),
    (
        'profile = "own"',
        'profile = "own"\nkeep_bodies_days = 30\nkeep_metadata_days = 29',
        "connector[1].keep_metadata_days: a message cannot go before what it said",
    ),
    (
        'profile = "own"',
        'profile = "own"\nkeep_metadata_days = 29',
        "connector[1].keep_metadata_days: what a message said cannot be kept for ever where the message itself is not",
    ),
    ('connector = "cabinet"', 'connector = "elm"', "subscription[1].connector: there is no connector elm"),
    (
        'connector = "cabinet"',
        'connector = "care-pharmacy"',
        "subscription[1].connector: care-pharmacy receives messages and sends none",
    ),
    ('payload = "source"', 'payload = "order"', "subscription[1].payload: there is no profile order"),
    ('place = "OAK"\n', 'place = "ELM"\n', "subscription[1].place: there is no place ELM"),
    ('event = "order.*"', 'event = "*.created"', "subscription[1].event: a * stands only at the end"),
]


@pytest.mark.parametrize(("right", "wrong", "expected"), SENSE)
def test_a_mistake_of_sense_names_table_row_and_key(sqlite_store: Store, right: str, wrong: str, expected: str) -> None:
    assert right in SMALL
    assert refused(sqlite_store, SMALL.replace(right, wrong)) == [expected]
    assert exported(sqlite_store) == ""


@pytest.mark.parametrize(
    ("event", "payload", "expected"),
    [
        ("message.*", "hl7", ["subscription[1].payload: hl7 composes nothing for message.*"]),
        ("patient.*", "tracking-status", ["subscription[1].payload: tracking-status composes nothing for patient.*"]),
        ("order.*", "bare", ["subscription[1].payload: the profile bare composes no messages"]),
        ("order.created", "own", []),
        ("*", "tracking-status", []),
    ],
)
def test_a_payload_is_a_profile_that_tells_of_the_event(
    sqlite_store: Store, event: str, payload: str, expected: list[str]
) -> None:
    text = SMALL + "[[profile]]\nname = 'bare'\nbody = \"title = 'reads only'\"\n"
    text = text.replace('event = "order.*"', f'event = "{event}"').replace('"source"', f'"{payload}"')
    problems = site.problems(site.parse(text))
    assert [f"{each.place}: {each.text}" for each in problems] == expected


def test_a_profile_that_a_subscription_sends_by_stays(sqlite_store: Store) -> None:
    text = SMALL.replace('"source"', '"base"') + "[[profile]]\nname = 'base'\nbody = \"extends = 'hl7'\"\n"
    applied(sqlite_store, text)
    applied(sqlite_store, "", prune=True)
    with sqlite_store.read() as tx:
        loaded = site.load_site(tx)
        assert "base" in {row.name for row in stored.read(tx).profiles}
    assert [each.name for each in loaded.payloads.values()] == ["base"]


def listener(name: str, settings: str, state: str = "active") -> str:
    return f'[[connector]]\nname = "{name}"\nkind = "mllp_listener"\nstate = "{state}"\nsettings = {{ {settings} }}\n'


TLS = 'tls = { certificate = "hub.pem", key = "hub.key" }'
CLASHES = [
    ("", "", "match: connectors a and b could claim the same message on port 6000"),
    (
        f'match = {{ sending_application = "B" }}, {TLS}',
        'match = { sending_application = "A" }',
        "tls: connectors a and b share port 6000 with different TLS settings",
    ),
    ('host = "0.0.0.0"', "", "host: connectors a and b want port 6000 on 127.0.0.1 and 0.0.0.0, which overlap"),
    ("", 'host = "0.0.0.0"', "host: connectors a and b want port 6000 on 0.0.0.0 and 127.0.0.1, which overlap"),
    ('host = ""', 'host = "::1"', "host: connectors a and b want port 6000 on ::1 and all addresses, which overlap"),
]


@pytest.mark.parametrize(("of_b", "of_a", "expected"), CLASHES)
@pytest.mark.parametrize("state", ["active", "suspended"])
def test_connectors_that_cannot_listen_together_are_named(
    sqlite_store: Store, of_b: str, of_a: str, expected: str, state: str
) -> None:
    document = listener("a", of_a) + listener("b", of_b, state)
    assert refused(sqlite_store, document) == [f"connector[2].settings.{expected}"]


def test_every_clash_is_told_and_none_that_is_none(sqlite_store: Store) -> None:
    with pytest.raises(site.SiteInvalid) as caught:
        site.require_sound(site.parse("".join(listener(name, "") for name in "abc")))
    assert [problem.place for problem in caught.value.problems] == [f"connector[{n}].settings.match" for n in (2, 3, 3)]
    sound = (
        listener("a", "")
        + listener("inactive", "", "inactive")
        + listener("apart", 'match = { sending_application = "B" }')
        + listener("six", 'host = "::"')
        + listener("elsewhere", 'host = "127.0.0.2"')
        + listener("free", "port = 0")
        + listener("free too", "port = 0")
    )
    applied(sqlite_store, sound)


def test_a_profile_may_stand_in_a_file_beside_the_site_file(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_bytes(b'extends = "ltc"\r\n')
    document = site.parse('[[profile]]\nname = "own"\nfile = "own.toml"', folder=tmp_path)
    assert document.of(site.ProfileRow)["own",].body == 'extends = "ltc"\n'


def test_a_broken_connector_does_not_keep_the_others_from_loading(sqlite_store: Store) -> None:
    applied(sqlite_store, SMALL)
    with sqlite_store.write() as tx:
        row = stored.read(tx).connectors[0]
        stored.add(tx, row._replace(id=tx.id(), name="broken", settings='{"port": "x"}'))
    with sqlite_store.read() as tx:
        loaded = site.load_site(tx)
    assert sorted(loaded.connectors) == ["cabinet", "care-pharmacy"]
    assert loaded.faults["broken"].place == "settings.port"


def test_a_code_mapped_for_one_connector_goes_before_the_common_one(sqlite_store: Store) -> None:
    more = """
[[place]]
code = "ELM01"
kind = "facility"
name = "Elm House"
parent = "OAK"

[[code_map]]
code = "17"
place = "ELM01"
source = "care-pharmacy"
"""
    applied(sqlite_store, SMALL + more)
    with sqlite_store.read() as tx:
        loaded = site.load_site(tx)
        elm = site.place_id(tx, "ELM01")
    assert loaded.connectors["care-pharmacy"].routes["17"].place_id == elm


def test_an_inactive_place_takes_no_messages(sqlite_store: Store) -> None:
    applied(sqlite_store, SMALL.replace('name = "Unit B"', 'name = "Unit B"\nstate = "inactive"'))
    applied(
        sqlite_store,
        SMALL.replace('name = "Unit B"', 'name = "Unit B"\nstate = "inactive"').replace(
            'name = "Oak House"', 'name = "Oak House"\nstate = "inactive"'
        ),
    )
    with sqlite_store.read() as tx:
        assert site.load_site(tx).connectors["care-pharmacy"].routes == {}


def test_the_state_of_a_connector_is_set_with_one_event(sqlite_store: Store) -> None:
    from officina.store.schema import event

    applied(sqlite_store, SMALL)
    with sqlite_store.write() as tx:
        row = stored.read(tx).connectors[0]
        for _ in range(2):
            connectors.set_state(tx, row.id, "suspended", actor="person:ann", at=AT)
        assert stored.read(tx).connectors[0].state == "suspended"
        kinds = [row["kind"] for row in tx.execute(event.select()).mappings()]
    assert kinds == ["site.applied", "connector.state_set"]
    with sqlite_store.write() as tx, pytest.raises(NotFound):
        connectors.set_state(tx, 0, "active", actor="person:ann", at=AT)


# --- properties --------------------------------------------------------------------------------------------------
words = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=12)
zones = st.sampled_from(["UTC", "Europe/London", "America/Chicago"])
bodies = st.sampled_from(["extends = 'hl7'\n", "# it's '''odd'''\nextends = \"ltc\"", "title = 'x'\n\n\ttitle2 = 1"])
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
json_like = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def any_rows(draw: st.DrawFn) -> list[Row]:
    """Rows of any form, whether they make sense together or not."""
    kinds = st.sampled_from(["organisation", "facility", "unit", "dispensary"])
    states = st.sampled_from(["active", "inactive"])
    place = st.builds(site.PlaceRow, words, kinds, words, st.just("") | words, zones, states)
    code_map = st.builds(site.CodeMapRow, words, words, words)
    profile = st.builds(site.ProfileRow, words, texts.filter(bool).map(lambda text: text.replace("\r\n", "\n")))
    made = st.dictionaries(texts, json_like, max_size=4)
    connector = st.builds(site.ConnectorRow, words, words, words, states, made)
    subscription = st.builds(site.SubscriptionRow, words, words, words, words, words, states)
    return draw(st.lists(place | code_map | profile | connector | subscription, max_size=8))


@settings(deadline=None)
@given(any_rows())
def test_a_written_document_reads_back_equal(rows: list[Row]) -> None:
    document = site.Document(rows)
    text = dump(document)
    tomllib.loads(text)
    assert site.parse(text) == document


@st.composite
def sound_sites(draw: st.DrawFn) -> site.Document:
    """Sites that hold together."""
    # A code is an organisation's in every example or in none: what belongs to it would not hold together otherwise.
    organisation = "=" + draw(words)
    below = draw(st.lists(words.filter(lambda word: word[0] != "="), min_size=1, max_size=5, unique=True))
    rows: list[Row] = [site.PlaceRow(organisation, "organisation", draw(words))]
    rows += [site.PlaceRow(code, "facility", draw(words), organisation, draw(zones)) for code in below]
    names = draw(st.lists(words, min_size=1, max_size=3, unique=True))
    profile = site.ProfileRow("own", draw(st.sampled_from(["extends = 'hl7'\n", '# it\'s\nextends = "ltc"'])))
    rows.append(profile)
    limits = {"max_connections": st.integers(1, 65536), "unframed": st.booleans()}
    ports = st.fixed_dictionaries({"port": st.just(0)}, optional=limits)  # any free port, so that none is wanted twice
    states = st.sampled_from(["active", "suspended", "inactive"])
    for name in names:
        chosen = draw(st.sampled_from(["hl7", "own"]))
        days = draw(st.sampled_from([(None, None), (30, None), (30, 30), (1, 36_500)]))
        rows.append(site.ConnectorRow(name, "mllp_listener", chosen, draw(states), draw(ports), *days))
    sources = st.sampled_from(["*", *names])
    maps = draw(st.lists(st.builds(site.CodeMapRow, words, st.sampled_from(below), sources), max_size=4))
    rows += {key_of(row): row for row in maps}.values()
    return site.Document(draw(st.permutations(rows)))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=sound_sites(), second=sound_sites(), prune=st.booleans())
def test_the_book_becomes_what_the_file_says(
    sqlite_store: Store, first: site.Document, second: site.Document, prune: bool
) -> None:
    with pytest.raises(_Undo), sqlite_store.write() as tx:
        _apply_one_after_the_other(tx, first, second, prune)


class _Undo(Exception):
    """Takes back what an example wrote."""


def _apply_one_after_the_other(tx: Tx, first: site.Document, second: site.Document, prune: bool) -> None:
    site.apply(tx, first, actor="system", at=AT)
    assert site.stored_document(tx) == first
    changes = site.apply(tx, second, actor="system", at=AT, prune=prune)
    now = site.stored_document(tx)
    assert now == changes.result
    assert all(now.table(row.table)[key_of(row)] == row for row in second)
    again = site.parse(site.export(tx))
    assert again == now
    assert not site.apply(tx, again, actor="system", at=AT, prune=True)
    raise _Undo


def test_everything_that_is_wrong_with_a_row_is_said_at_once() -> None:
    with pytest.raises(site.SiteInvalid) as refused:
        site.parse('[[place]]\nkind = "castle"\ncolour = "red"\ntime_zone = 1\n[[connector]]\nname = "a"\n')
    assert [(each.place, each.text) for each in refused.value.problems] == [
        ("place[1].kind", "is none of organisation, facility, unit, dispensary"),
        ("place[1].colour", "is not a key of this table"),
        ("place[1].time_zone", "is a number, not text"),
        ("place[1].code", "is missing"),
        ("place[1].name", "is missing"),
        ("connector[1].kind", "is missing"),
    ]
