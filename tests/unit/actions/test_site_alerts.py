"""Rules of alerts and ways to tell in the site file: applied, exported, taken out, and refused with their place."""

from __future__ import annotations

import pytest

from officina.actions import site
from officina.actions.site import SiteInvalid
from officina.store import Store
from officina.workflow.alert import rule_for

FILE = """
[[alert]]
kind = "queue_depth"
subject = "cabinet"
settings = { opens = 50, closes = 10 }

[[alert]]
kind = "certificate"
state = "inactive"

[[notify]]
name = "on call"
kind = "webhook"
settings = { url = "https://alerts.example.org/x", secret_env = "HOOK_SECRET", kinds = ["disk"] }
"""


def apply(store: Store, text: str, *, prune: bool = False) -> site.Changes:
    with store.write() as tx:
        return site.apply(tx, site.parse(text), actor="system", at=1, prune=prune)


def test_what_is_applied_is_in_force_and_exported_unchanged(store: Store) -> None:
    assert apply(store, FILE).summary() == "3 added"
    with store.read() as tx:
        loaded, exported = site.load_site(tx), site.export(tx)
    own = rule_for(("queue_depth", "cabinet"), loaded.alert_rules)
    assert own is not None
    assert (own.opens, own.closes) == (50, 10)
    assert rule_for(("certificate", "x"), loaded.alert_rules) is None
    [channel] = loaded.channels
    assert (channel.name, channel.wants("disk"), channel.wants("silence")) == ("on call", True, False)
    assert not apply(store, exported, prune=True)


def test_a_rule_that_is_pruned_gives_way_to_the_default_and_a_way_to_tell_is_used_no_more(store: Store) -> None:
    apply(store, FILE)
    assert apply(store, "", prune=True).summary() == "1 set inactive, 2 removed"
    with store.read() as tx:
        loaded = site.load_site(tx)
    assert (dict(loaded.alert_rules), loaded.channels) == ({}, ())


MAIL_TABLE = '[[notify]]\nname = "m"\nkind = "email"\n'
MAIL = 'sender = "a@example.org", host = "mail"'


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ('[[alert]]\nkind = "queue"', "alert[1].kind", "is none of"),
        ('[[alert]]\nkind = "silence"', "alert[1].settings.opens", "is missing"),
        (
            '[[alert]]\nkind = "disk"\nsettings = { opens = 10, closes = 5 }',
            "alert[1].settings.closes",
            "on the bad side of 10",
        ),
        ('[[alert]]\nkind = "disk"\nsettings = 5', "alert[1].settings", "is not a table"),
        (
            '[[alert]]\nkind = "silence"\nsettings = { opens = 1, expected = "7-19" }',
            "alert[1].settings",
            "write them like 22:00-06:00",
        ),
        (
            f"{MAIL_TABLE}settings = {{ {MAIL}, to = [] }}",
            "notify[1].settings.to",
            "at least 1 item",
        ),
        (
            f'{MAIL_TABLE}settings = {{ {MAIL}, to = ["b@c"], time_zone = "Mars" }}',
            "notify[1].settings",
            "there is no time zone Mars",
        ),
        (
            f'{MAIL_TABLE}settings = {{ {MAIL}, to = ["b@c"], security = "none", user = "u", password_env = "P" }}',
            "notify[1].settings",
            "in the clear",
        ),
        (
            '[[notify]]\nname = "h"\nkind = "webhook"\nsettings = { url = "https://h", kinds = ["dsk"] }',
            "notify[1].settings",
            "there is no kind of alert dsk",
        ),
    ],
)
def test_mistakes_are_told_with_their_place(store: Store, text: str, place: str, reason: str) -> None:
    with pytest.raises(SiteInvalid) as caught:
        apply(store, text)
    assert caught.value.place.startswith(place)
    assert reason in caught.value.text
