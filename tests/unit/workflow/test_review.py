"""Where each verdict of a nurse leads, and what is refused."""

from __future__ import annotations

import pytest

from officina.errors import Conflict, Forbidden, Invalid
from officina.workflow.review import ABOUT_ONE, LISTED, STATES, Ruling, Standing, Verdict, decide

NORA, PAT = "person:nora", "person:pat"


def ruled(
    standing: Standing,
    verdict: Verdict,
    *,
    by: str = NORA,
    version: int = 2,
    medication: bool = True,
    second: bool = False,
    ended: bool = False,
) -> Ruling:
    return decide(
        standing,
        verdict,
        by=by,
        version=version,
        reason="a reason",
        medication=medication,
        second=second,
        ended=ended,
    )


@pytest.mark.parametrize("verdict", LISTED)
@pytest.mark.parametrize("state", ["open", "held"])
def test_what_is_approved_is_done(verdict: Verdict, state: str) -> None:
    assert ruled(Standing(2, state), verdict) == Ruling("done", "", True)  # type: ignore[arg-type]


@pytest.mark.parametrize("verdict", [*LISTED, "reject", "hold", "resume"])
def test_what_is_done_is_decided_by_nobody_else(verdict: Verdict) -> None:
    with pytest.raises(Conflict):
        ruled(Standing(2, "done"), verdict)


@pytest.mark.parametrize("version", [1, 3])
def test_another_version_than_was_seen_is_refused(version: int) -> None:
    with pytest.raises(Conflict) as refused:
        ruled(Standing(2, "open"), "new", version=version)
    assert refused.value.place == "version"


@pytest.mark.parametrize("verdict", ABOUT_ONE)
def test_a_medication_must_be_named(verdict: Verdict) -> None:
    with pytest.raises(Invalid) as refused:
        ruled(Standing(2, "open"), verdict, medication=False)
    assert refused.value.place == "medication_id"


def test_an_order_that_ended_may_never_have_come_to_the_list() -> None:
    assert ruled(Standing(2, "open"), "discontinue", medication=False, ended=True).state == "done"
    with pytest.raises(Invalid):
        ruled(Standing(2, "open"), "change", medication=False, ended=True)


def test_the_first_of_two_nurses_changes_nothing_and_cannot_be_the_second() -> None:
    first = ruled(Standing(2, "open"), "new", second=True)
    assert first == Ruling("second", NORA, False)
    waiting = Standing(2, "second", NORA)
    with pytest.raises(Forbidden):
        ruled(waiting, "new", second=True)
    assert ruled(waiting, "new", by=PAT, second=True) == Ruling("done", NORA, True)


def test_a_second_nurse_may_say_no() -> None:
    assert ruled(Standing(2, "second", NORA), "reject", by=PAT, second=True) == Ruling("done", "", True)


def test_held_and_taken_up_again() -> None:
    assert ruled(Standing(2, "open"), "hold").state == "held"
    assert ruled(Standing(2, "held"), "resume").state == "open"
    with pytest.raises(Conflict):
        ruled(Standing(2, "open"), "resume")


def test_every_state_has_words() -> None:
    assert set(STATES) == {"open", "held", "second", "done"}
