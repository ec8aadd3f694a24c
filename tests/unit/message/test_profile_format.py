from __future__ import annotations

import pytest
from tests.support.profiles import FOLDER, body, shipped

from officina.errors import Invalid
from officina.message.extract import extract
from officina.message.profile import Profile, load
from officina.wire import er7

MESSAGE = (
    "MSH|^~\\&|A|B|||20260101||RDE^O11|1|P|2.5\rPID|||7^^^^PI||Doe^Jo\rPV1|||N/12/B^^^F1\rORC|NW|P-1-2\r"
    "RXE||N1^Drug^L|0.50\rNTE|1||one;two\r"
)


def made(text: str) -> Profile:
    return load("test", text, body)


def read_orders(text: str, message: str = MESSAGE) -> dict[str, str]:
    return extract(er7.parse(message.encode()), made(text)).orders[0].values


@pytest.mark.parametrize("name", sorted(each.stem for each in FOLDER.glob("*.toml")))
def test_every_shipped_profile_loads(name: str) -> None:
    assert shipped(name).title


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('colour = "red"', "colour"),
        ('[order]\ndrug = "RXE-2"', "order.drug"),
        ('[patient]\nshoe_size = "PID-3"', "patient.shoe_size"),
        ('[visit]\nfloor = "PV1-3"', "visit.floor"),
        ('[component]\ncolour = "RXC-1"', "component.colour"),
        ('[route]\nward = "PV1-3"', "route.ward"),
        ('[identifiers]\nfield = "PID-3"', "identifiers.field"),
        ('[order]\ndose = { at = "RXE-3" }', "order.dose.at"),
        ('[order]\ndose = "RXE3"', "order.dose"),
        ('[order]\ndose = { from = "RXE-0" }', "order.dose.from"),
        ('[order]\ndose = "OBX[2]-5"', "order.dose"),
        ('[order]\ndose = { from = "RXE-3", as = "round" }', "order.dose.as"),
        ('[order]\ndose = { from = "RXE-3", as = { map = "none" } }', "order.dose.as"),
        ('[order]\ndose = { from = "RXE-3", as = { part = 0, on = "/" } }', "order.dose.as"),
        ('[order]\nprescriber = { from = "ORC-12.2", as = "person" }', "order.prescriber.from"),
        ('[order]\nprescriber = { from = "ORC-12", as = ["upper", "person"] }', "order.prescriber.as"),
        ('[messages]\n"RDE^O11" = "take"', "messages.RDE^O11"),
        ('[control]\nNW = "perhaps"', "control.NW"),
        ("[control]\nNW = 1", "control.NW"),
        ('[maps]\nsex = "M"', "maps.sex"),
        ("title = 3", "title"),
        ('zone = "UTC"', "zone"),
        ('processing = ["X"]', "processing"),
        ("processing = []", "processing"),
        ("order = 3", "order"),
        ('extends = "nobody"', "extends"),
        ("extends = 3", "extends"),
        ('extends = "test"', "extends"),
        ("[order", "test"),
    ],
)
def test_errors_name_the_key(text: str, place: str) -> None:
    with pytest.raises(Invalid) as caught:
        made(text)
    assert caught.value.place == place


@pytest.mark.parametrize(
    ("code", "remedy"), [("NEW", "did you mean NW?"), ("dcx", "did you mean DC?"), ("QQQ", "correct or remove it")]
)
def test_an_order_control_that_is_none_is_refused(code: str, remedy: str) -> None:
    with pytest.raises(Invalid, match="no order control of HL7 table 0119") as caught:
        made(f'extends = "ltc"\n[control]\n{code} = "accept"')
    assert (caught.value.place, caught.value.remedy) == (f"control.{code}", remedy)


def test_a_circle_of_profiles_is_refused() -> None:
    bodies = {"a": 'extends = "b"', "b": 'extends = "a"'}
    with pytest.raises(Invalid, match="extends itself"):
        load("a", bodies["a"], bodies.get)


def test_extending_replaces_key_by_key() -> None:
    values = read_orders('extends = "hl7"\n[order]\nplacer_number = { from = "ORC-2", as = { strip = "-" } }\n')
    assert values["placer_number"] == "P12"
    assert values["drug_text"] == "Drug"


def test_an_empty_text_takes_a_key_away() -> None:
    assert "placer_number" not in read_orders('extends = "hl7"\n[order]\nplacer_number = ""\n')


def test_a_star_starts_a_table_afresh() -> None:
    profile = made('extends = "hl7"\n[messages]\n"*" = "ignore"\n[control]\n"*" = "refuse"\nNW = "accept"\n')
    assert profile.disposition("RDE^O11") == "ignore"
    assert profile.control["XO"] == "refuse"
    assert profile.control["NW"] == "accept"


def test_the_longest_wildcard_counts() -> None:
    profile = made('[messages]\n"*" = "refuse"\n"R*" = "ignore"\n"RDE^*" = "order"\n"RDE^O25" = "ignore"\n')
    dispositions = [profile.disposition(each) for each in ("RDE^O11", "RDE^O25", "RAS^O17", "ADT^A01", "")]
    assert dispositions == ["order", "ignore", "ignore", "refuse", "refuse"]


def test_the_memory_for_message_types_is_bounded() -> None:
    profile = shipped("hl7")
    for number in range(5000):
        profile.disposition(f"X^{number}")
    assert len(profile._seen) <= 512


def test_transforms_run_in_their_order() -> None:
    text = """
    extends = "hl7"
    [visit]
    point_of_care = { from = "PV1-3", as = { part = 1, on = "/" } }
    room = { from = "PV1-3", as = { part = 2, on = "/" } }
    [order]
    drug_code = { from = "RXE-2.1", as = ["lower", { map = "drug" }] }
    notes = { from = "NTE-3", as = { split = ";" } }
    [maps.drug]
    n1 = "X99"
    """
    read = extract(er7.parse(MESSAGE.encode()), made(text))
    assert (read.visit["point_of_care"], read.visit["room"]) == ("N", "12")
    assert read.orders[0].values["drug_code"] == "X99"
    assert read.orders[0].notes == ["one", "two"]


def test_the_first_path_with_a_value_counts() -> None:
    text = 'extends = "hl7"\n[order]\ngroup_number = ["ORC-4", "PID-3", "ORC-2"]\n'
    assert read_orders(text)["group_number"] == "7"


def test_several_orders_share_patient_and_visit() -> None:
    text = 'extends = "hl7"\n[order]\ngroup_number = "PID-3"\norder_type = "PV1-3"\n'
    message = MESSAGE + "ORC|NW|P2\rRXE||^Other\r"
    orders = extract(er7.parse(message.encode()), made(text)).orders
    assert [(each.values["group_number"], each.values["order_type"]) for each in orders] == [("7", "N/12/B")] * 2
    assert orders[1].notes == []


def test_identifier_types_of_the_sender() -> None:
    message = MESSAGE.replace("7^^^^PI", "60000321^^^TrustNo")
    profile = made('extends = "hl7"\n[identifiers.types]\nTrustNo = "MR"\n')
    assert extract(er7.parse(message.encode()), profile).identifiers == [("MR", "", "60000321")]
    generic = extract(er7.parse(message.encode()), shipped("hl7"))
    assert generic.identifiers == [("PI", "TrustNo", "60000321")]
