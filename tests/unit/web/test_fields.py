"""What stands in the book comes back from the form as it was, and what cannot be read is left for the check."""

from __future__ import annotations

import pytest

from officina.actions import site
from officina.web import differences, fields

SETTINGS = {
    "mllp_listener": {
        "port": 6000,
        "unframed": False,
        "allow_from": ["10.0.0.0/8", "::1/128"],
        "match": {"sending_facility": "A"},
    },
    "mllp_sender": {"host": "x", "port": 1, "retry_factor": 1.5, "tls": {}, "send_doubtful_again": True},
}


@pytest.mark.parametrize("kind", SETTINGS)
def test_settings_come_back_as_they_were(kind: str) -> None:
    row = site.ConnectorRow("a", kind, settings=SETTINGS[kind])
    site.settings_of(kind, SETTINGS[kind])
    assert fields.settings_of(kind, fields.typed(row)) == SETTINGS[kind]


def test_empty_fields_say_nothing_and_unreadable_ones_stay() -> None:
    given = {"settings.port": " x ", "settings.host": "", "settings.idle_timeout_s": "1.5", "settings.tls.key": "/k"}
    expected = {"port": "x", "idle_timeout_s": 1.5, "tls": {"key": "/k"}}
    assert fields.settings_of("mllp_listener", given) == expected


def test_what_is_not_used_and_yet_filled_in_is_said() -> None:
    given = {"settings.port": "1", "settings.tls.key": "/k"}
    (said,) = fields.unused("mllp_listener", given, "connector a")
    assert (said.place, said.remedy) == ("connector a.settings.tls", "choose Used, or empty its fields")
    assert fields.unused("mllp_listener", {**given, "settings.tls": fields.ON}, "connector a") == []
    assert fields.unused("mllp_listener", {"settings.port": "1"}, "connector a") == []
    assert fields.unused("mllp_listener", {"settings.match.sending_facility": "A"}, "connector a") == []


def test_every_setting_has_a_field_with_its_default() -> None:
    found = {each.path: each for each in fields.of_settings("mllp_listener", {})}
    assert found["settings.port"].default == "6000"
    assert found["settings.tls"].kind == found["settings.unframed"].kind == "choice"
    assert "settings.tls.client_ca" in found


def test_a_difference_marks_the_words_of_a_line() -> None:
    gone, new = differences.lines('a = "one two"', 'a = "one 2"')
    assert [(piece.how, piece.text) for piece in gone.pieces] == [("same", 'a = "one '), ("gone", "two"), ("same", '"')]
    assert [(piece.how, piece.text) for piece in new.pieces] == [("same", 'a = "one '), ("new", "2"), ("same", '"')]
    assert differences.lines("same", "same") == []
