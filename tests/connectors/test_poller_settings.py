"""What settings of a mailbox poller are refused, with words that say which and why."""

from __future__ import annotations

from typing import Any

import pytest

from officina.actions.site import settings_problems
from officina.connectors.mailbox_poller import open_mailbox
from officina.connectors.mailbox_poller.settings import PollerSettings
from officina.errors import Invalid

FOLDER = {"mailbox": "folder", "location": "/srv/out"}
WEB = {"mailbox": "https", "location": "https://maple.example/box/"}
MAIL = {"mailbox": "imap", "location": "imaps://mail.example", "user": "hub", "password_env": "MAPLE"}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({**FOLDER, "location": "out"}, "location of a folder begins with /"),
        ({**FOLDER, "password_env": "MAPLE"}, "a folder has no user and no password"),
        ({**FOLDER, "after": "move", "move_to": "."}, "move_to is the mailbox itself"),
        ({**FOLDER, "answers_to": "/srv/out"}, "answers_to is the mailbox itself"),
        ({**WEB, "location": "http://maple.example/"}, "begins with https:// and a host"),
        ({**WEB, "location": "https://hub:secret@maple.example/"}, "name them in user and password_env"),
        ({**WEB, "after": "move"}, "after of an https mailbox is mark or delete"),
        ({**WEB, "user": "hub"}, "user needs password_env"),
        ({**WEB, "answers_to": "answers"}, "answers_to is for folders only"),
        ({**MAIL, "location": "imap://mail.example"}, "begins with imaps:// and a host"),
        ({**MAIL, "user": "", "password_env": ""}, "an imap mailbox needs user and password_env"),
        ({**FOLDER, "fallback_charset": "utf-99"}, "cp1252"),
        ({**FOLDER, "mailbox": "sftp"}, "folder"),
    ],
)
def test_what_does_not_fit_is_refused(settings: dict[str, Any], words: str) -> None:
    found = settings_problems("mailbox_poller", settings, "connector")
    assert [words in f"{each.text} {each.remedy}" for each in found] == [True], found


@pytest.mark.parametrize("settings", [FOLDER, WEB, MAIL])
def test_the_least_that_is_needed_will_do(settings: dict[str, Any]) -> None:
    assert settings_problems("mailbox_poller", settings, "connector") == []


def test_an_authority_that_is_none_is_told_before_anything_is_asked(tmp_path: Any) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")
    settings = PollerSettings.model_validate({**WEB, "ca": tmp_path / "ca.pem"})
    with pytest.raises(Invalid) as found:
        open_mailbox(settings, lambda name: "")
    assert found.value.place == "ca"


def test_the_address_for_people_holds_no_query() -> None:
    settings = PollerSettings.model_validate({**WEB, "location": "https://maple.example/box/?key=secret"})
    assert open_mailbox(settings, lambda name: "").address == "https://maple.example/box/"
