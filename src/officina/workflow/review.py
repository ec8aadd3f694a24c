"""How a nurse's review of a pharmacy's order goes: states, verdicts and what each leads to. One table, nowhere else."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from officina.errors import Conflict, Forbidden, Invalid

ReviewState = Literal["open", "held", "second", "done"]
# What a nurse may decide. The first four change the resident's list of medications.
Verdict = Literal["new", "change", "renewal", "discontinue", "reject", "hold", "resume"]

STATES: Final[tuple[ReviewState, ...]] = ("open", "held", "second", "done")
# What the pharmacy's order is to the resident's list, as it is proposed and as a nurse decides.
LISTED: Final[tuple[Verdict, ...]] = ("new", "change", "renewal", "discontinue")
# Those that say which medication of the list they are about.
ABOUT_ONE: Final[tuple[Verdict, ...]] = ("change", "renewal", "discontinue")
REASONED: Final[tuple[Verdict, ...]] = ("reject", "hold")

_LEADS_TO: Final[dict[Verdict, ReviewState]] = {
    **dict.fromkeys(LISTED, "done"),
    "reject": "done",
    "hold": "held",
    "resume": "open",
}
_FROM: Final[dict[Verdict, tuple[ReviewState, ...]]] = {
    **dict.fromkeys((*LISTED, "reject"), ("open", "held", "second")),
    "hold": ("open", "second"),
    "resume": ("held",),
}


class Standing(NamedTuple):
    """A review as it stands: which version of its order, and who has approved it while a second nurse is awaited."""

    version: int
    state: ReviewState
    first_by: str = ""


class Ruling(NamedTuple):
    """What becomes of it; ``counts``: the verdict takes effect now."""

    state: ReviewState
    first_by: str
    counts: bool


def decide(
    standing: Standing,
    verdict: Verdict,
    *,
    by: str,
    version: int,
    reason: str,
    medication: bool,
    second: bool,
    ended: bool,
) -> Ruling:
    """``version`` is the one the nurse saw; ``medication``: one of the list was named; ``second``: this order needs two
    nurses; ``ended``: the pharmacy has stopped the order, which may never have come to the list.

    Raises Conflict (somebody was faster, or the order has changed), Invalid, Forbidden.
    """
    if standing.version != version:
        raise Conflict(
            f"the pharmacy has changed it since (version {standing.version})",
            place="version",
            remedy="look at what it says now",
        )
    if standing.state not in _FROM[verdict]:
        raise Conflict(
            f"it is {_words(standing.state)} already",
            place="order_id",
            remedy="see who decided it, and undo it if need be",
        )
    if verdict in ABOUT_ONE and not medication and not (ended and verdict == "discontinue"):
        raise Invalid("does not say which medication of the list it is about", place="medication_id", remedy="name one")
    if verdict in REASONED and not reason.strip():
        raise Invalid("a reason is needed", place="reason", remedy="say why")
    if second and verdict in LISTED:
        return _of_two(standing, by)
    return Ruling(_LEADS_TO[verdict], "", verdict in LISTED or verdict == "reject")


def _of_two(standing: Standing, by: str) -> Ruling:
    if standing.state != "second":
        return Ruling("second", by, False)
    if standing.first_by == by:
        raise Forbidden("you approved it first", remedy="another nurse approves it as well")
    return Ruling("done", standing.first_by, True)


def _words(state: ReviewState) -> str:
    return {"done": "decided", "second": "waiting for a second nurse", "held": "held", "open": "open"}[state]
