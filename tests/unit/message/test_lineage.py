"""Where a part of a profile stands: which profile says so, and in which line."""

from __future__ import annotations

import pytest
from tests.support.profiles import body

from officina.errors import Invalid
from officina.message.lineage import line_of
from officina.message.profile import load, resolved

TEXT = """title = "Maple"
extends = "ltc"

[control]
"*" = "ignore"
NW = "accept"

[order]
# drug_code = "RXE-1"
drug_code = { from = "RXE-2.1", as = { strip = "-" } }

[maps.sex]
Herr = "M"
"""


def test_every_key_says_which_profile_it_comes_from() -> None:
    found = {each.key: each for each in resolved("maple", TEXT, body)}
    assert (found["title"].value, found["title"].profile) == ("Maple", "maple")
    assert found["zone"].profile == "ltc"
    assert found["control.NW"].profile == "maple"
    assert "control.XO" not in found  # the table starts afresh
    assert found["order.drug_code"].profile == "maple"
    assert found["order.form"].profile == "ltc"
    assert found['messages."RDE^O11"'].profile == "hl7"
    assert (found["maps.sex.Herr"].profile, found["maps.sex.MALE"].profile) == ("maple", "hl7")
    assert found["identifiers.from"].profile == "hl7"


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("title", 1),
        ("control.*", 5),
        ("control", 4),
        ("order.drug_code.as", 10),
        ("maps.sex.Herr", 13),
        ("visit.x", None),
    ],
)
def test_the_line_of_a_key(place: str, line: int | None) -> None:
    assert line_of(TEXT, place) == line


def test_an_unknown_key_names_the_nearest_known_one() -> None:
    with pytest.raises(Invalid) as refused:
        load("own", 'extends = "hl7"\n[order]\ndrug_cod = "RXE-2"', body)
    assert (refused.value.place, refused.value.remedy) == ("order.drug_cod", "did you mean drug_code?")


def test_a_circle_is_refused_however_long() -> None:
    texts = {"a": 'extends = "b"', "b": 'extends = "c"', "c": 'extends = "a"'}
    with pytest.raises(Invalid, match="extends itself"):
        load("a", texts["a"], texts.get)
