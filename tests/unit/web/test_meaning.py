"""Where the values of a message go."""

from __future__ import annotations

import pytest

from officina.web import meaning

MEANINGS = meaning.of_profile(
    {
        "route": {"facility": ["PV1-3.4", "MSH-4"]},
        "identifiers": {"from": ["PID-3"], "default_type": "PI"},
        "patient": {"family": {"from": "PID-5.1", "as": "trim"}},
        "order": {"drug_code": ["RXE-2[1].1", "RXO-1.1"], "dispensed_code": "RXO-1.1", "dose": {"from": ["RXE-3"]}},
    }
)


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("PV1-3.4", "facility"),
        ("MSH-4", "facility"),
        ("PID-3[2]", "identifier"),
        ("PID-5.1", "family"),
        ("RXE[2]-2.1", "drug code"),
        ("RXE-3", "dose"),
        ("RXO-1.1", "drug code, dispensed code"),
        ("PID-5", ""),
        ("ZZZ-1", ""),
    ],
)
def test_a_field_is_read_as(path: str, word: str) -> None:
    assert meaning.meaning(MEANINGS, path) == word
