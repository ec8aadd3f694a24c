"""Differences between two readings, in words."""

from __future__ import annotations

import pytest

from officina.actions.receive.difference import Kind
from officina.web.trial_words import in_words, named


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Kind("fate", "", "parked", "order"), "taken as orders instead of parked"),
        (Kind("fate", "", "order", "rejected"), "rejected instead of taken as orders"),
        (Kind("order", "drug_code"), "with other drug code"),
        (Kind("patient", "born_on"), "with other facts of the patient: born on"),
        (Kind("facility"), "routed otherwise"),
        (Kind("answer"), "answered otherwise"),
        (Kind("orders"), "with other orders"),
        (Kind("finding"), "with other findings"),
        (Kind("type"), "with other type"),
    ],
)
def test_a_kind_of_difference_is_said_in_words(kind: Kind, words: str) -> None:
    assert in_words(kind) == words


def test_a_name_is_read_without_its_marks() -> None:
    assert named("order[2].timings[1].every_days") == "order 2 timings 1 every days"
