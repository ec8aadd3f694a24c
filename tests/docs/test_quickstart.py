"""The quickstart and the how-to, done as they are written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from officina.actions import site
from officina.message import profile
from officina.wire import er7

DOCS = Path(__file__).parents[2] / "docs"
QUICKSTART = (DOCS / "quickstart.md").read_text(encoding="utf-8")
HOWTO = (DOCS / "howto" / "connect-a-pharmacy.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S)
    return [inside for word, inside in fenced if word == language]


def test_the_site_file_of_the_quickstart_holds_together() -> None:
    [text] = blocks(QUICKSTART, "toml")
    document = site.parse(text)
    site.require_sound(document)
    assert site.parse(text) == document


def test_the_additions_of_the_how_to_hold_together_with_it() -> None:
    [base] = blocks(QUICKSTART, "toml")
    listener, dialect = blocks(HOWTO, "toml")
    without_connector = base[: base.index("[[connector]]")]
    site.require_sound(site.parse(without_connector + listener + dialect))


def test_the_message_of_the_quickstart_is_an_order() -> None:
    [raw] = [block for block in blocks(QUICKSTART, "") if block.startswith("MSH")]
    message = er7.parse(raw.encode())
    assert message.get("MSH-9") == "RDE"
    assert message.get("PV1-3.4") == "OAK01"
    assert message.get("RXE-15") == "900100"


@pytest.mark.parametrize("text", blocks((DOCS / "reference" / "profiles.md").read_text(encoding="utf-8"), "toml"))
def test_whole_profiles_in_the_reference_compile(text: str) -> None:
    from officina.actions.site.profiles import shipped

    if "extends" in text:
        assert profile.load("example", text, shipped().get).title
