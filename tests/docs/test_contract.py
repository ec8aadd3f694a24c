"""Each row of the table of the contract names tests, and those tests are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs" / "explain" / "contract-exchange.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`([\w/]+)::(\w+)`")
HEADS = ("| the contract says |", "| elsewhere |", "| people ask for |", "| it asks for |")
ROWS = [line for line in TABLE.splitlines() if line.startswith("| ") and not line.startswith(HEADS)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:60])
def test_what_is_agreed_is_shown_by_tests_that_exist(row: str) -> None:
    says, where, shown = (cell.strip() for cell in row.strip("|").split("|"))
    assert says
    assert where
    named = NAMED.findall(shown)
    assert named, "no test is named"
    assert NAMED.sub("", shown).strip() == "", "something else than tests is named"
    for file, name in named:
        source = ROOT / "tests" / f"{file}.py"
        assert source.is_file(), f"there is no tests/{file}.py"
        assert re.search(rf"^\s*(?:(?:async )?def {name}\(|{name} = )", source.read_text(), re.M), (
            f"{file} has no {name}"
        )
