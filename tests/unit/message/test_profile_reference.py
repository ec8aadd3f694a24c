"""docs/reference/profiles.md names every key, word and transform there is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from tests.support.profiles import FOLDER, body

from officina.message import facts, profile, sending, tables, transforms, writing
from officina.workflow.order_status import EFFECTS, STATUSES

REFERENCE = (Path(__file__).parents[3] / "docs" / "reference" / "profiles.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", REFERENCE, flags=re.DOTALL)))


@pytest.mark.parametrize(
    "words",
    [
        ("title", "extends", "zone", "processing"),
        profile.ZONES,
        tables.PROCESSING_ID,
        profile.DISPOSITIONS,
        profile.CONTROL_RULES,
        profile.ROUTE_KEYS,
        profile.IDENTIFIER_KEYS,
        profile.PATIENT_KEYS,
        profile.VISIT_KEYS,
        profile.ORDER_KEYS,
        profile.LIST_KEYS,
        profile.COMPONENT_KEYS,
        tuple(transforms.PLAIN),
        tuple(transforms.WHOLE),
        tuple(each.stem for each in FOLDER.glob("*.toml")),
    ],
)
def test_every_word_is_documented(words: tuple[str, ...]) -> None:
    assert [word for word in words if word not in NAMED] == []


def test_every_section_has_a_heading() -> None:
    headings = "\n".join(line for line in REFERENCE.splitlines() if line.startswith("#"))
    assert [name for name in profile.SECTIONS if f"[{name}" not in headings] == []


def test_every_transform_with_a_parameter_is_documented() -> None:
    table = REFERENCE.split("## Transforms")[1]
    assert [name for name in transforms.WITH_PARAMETER if f"{{ {name} = " not in table] == []


def test_the_effects_of_order_controls_are_those_of_the_table() -> None:
    rows = re.findall(r"^\| (\w+) \| ([A-Z ]+) \|", REFERENCE, flags=re.MULTILINE)
    assert {control: effect for effect, controls in rows for control in controls.split()} == EFFECTS
    assert [status for status in STATUSES if status not in NAMED] == []


def test_the_example_is_a_profile() -> None:
    example = REFERENCE.split("```toml")[1].split("```")[0]
    assert tomllib.loads(example)["extends"] == "ltc"
    assert profile.load("maple", example, body).control["DC"] == "accept"


def test_every_fact_and_word_of_what_is_sent_is_documented() -> None:
    words = {*sending.SEND_KEYS, *sending.MESSAGE_KEYS, *sending.VALUE_KEYS, *sending.TIMES, *writing.WRITTEN}
    assert sorted(words - NAMED - {"messages", "fields"}) == []
    keys = {
        *profile.PATIENT_KEYS,
        *profile.VISIT_KEYS,
        *profile.ORDER_KEYS,
        *profile.LIST_KEYS,
        *profile.COMPONENT_KEYS,
    }
    told = {name.partition(".")[2] for name in facts.NAMES if name not in NAMED}
    assert sorted(told - keys - NAMED - {"route"}) == []
