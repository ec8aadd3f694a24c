"""docs/explain/security.md names tests and modules that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explain" / "security.md").read_text(encoding="utf-8")
TESTS = sorted(set(re.findall(r"`(tests/\S+?\.py)::(\w+)`", PAGE)))
ROWS = [line.split("|")[1:4] for line in PAGE.splitlines() if line.startswith("|") and "---" not in line]


@pytest.mark.parametrize(("path", "name"), TESTS, ids=[name for _, name in TESTS])
def test_a_named_test_exists(path: str, name: str) -> None:
    assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)


def test_every_property_names_its_module_and_a_test() -> None:
    for claim, kept, shown in (row for row in ROWS if row[0].strip() != "property"):
        assert "::test_" in shown, claim
        for module in re.findall(r"`([\w/]+)`", kept):
            place = ROOT / "src" / "officina" / module
            assert place.is_dir() or place.with_suffix(".py").is_file(), module
