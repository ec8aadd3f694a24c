"""However readings come, an alert opens once and closes once, and does not flap."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from officina.workflow.alert import WATCHED, RuleSettings, in_words, move, moves, rule_for, rule_of

KINDS = st.sampled_from([kind for kind in WATCHED if kind != "silence"])
READINGS = st.lists(st.integers(0, 2000).map(float), max_size=40)


@given(KINDS, READINGS)
def test_between_its_thresholds_an_alert_stays_as_it_is(kind: str, readings: list[float]) -> None:
    rule = rule_of(kind)
    assert rule is not None
    is_open = False
    for reading in readings:
        came = move(is_open, reading, rule)
        good, bad = (
            (reading >= rule.closes, reading <= rule.opens)
            if rule.falling
            else (
                reading <= rule.closes,
                reading >= rule.opens,
            )
        )
        assert came in (("closes", "stays_open") if is_open else ("opens", "stays_closed"))
        assert (came == "opens") == (not is_open and bad)
        assert (came == "closes") == (is_open and good)
        is_open = came in ("opens", "stays_open")


@given(
    st.lists(st.dictionaries(st.tuples(KINDS, st.sampled_from("ab")), st.none() | st.integers(0, 2000)), max_size=30)
)
def test_openings_and_closings_alternate_for_each_subject(looks: list[dict[tuple[str, str], float | None]]) -> None:
    standing: set[tuple[str, str]] = set()
    for readings in looks:
        opening, closing = moves(standing, readings, {})
        assert not standing & opening.keys()
        assert closing <= standing
        assert not closing & opening.keys()
        unknown = {key for key, reading in readings.items() if reading is None}
        assert not unknown & (opening.keys() | closing)
        standing = (standing | opening.keys()) - closing
        assert standing <= readings.keys()
        again = moves(standing, readings, {})
        assert again == ({}, set())


def test_a_rule_of_its_own_wins_over_that_of_all_and_over_the_default() -> None:
    own, every = RuleSettings(opens=5), RuleSettings(opens=9)
    rules = {("queue_depth", "a"): own, ("queue_depth", "*"): every, ("error_queue", "*"): None}
    found = [rule_for(("queue_depth", subject), rules) for subject in "ab"]
    assert [each.opens for each in found if each] == [5, 9]
    assert rule_for(("error_queue", "a"), rules) is None
    assert rule_for(("silence", "a"), rules) is None
    assert moves([("error_queue", "a")], {("error_queue", "a"): 7}, rules) == ({}, {("error_queue", "a")})


def test_words() -> None:
    at = 1_780_000_000_000_000  # 28 May 2026
    assert in_words("queue_depth", 1204, at) == "1,204 deliveries wait"
    assert in_words("certificate", 11.9, at) == "it ends on 9 June 2026"
    assert in_words("certificate_last_days", -2.0, at) == "it ended on 26 May 2026"
