"""Trying a changed profile on stored messages over REST: what would be different, without any effect."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field

from officina.actions.access import record_access
from officina.actions.receive import Candidate, Rehearsal, Tried
from officina.api.fields import at
from officina.api.identity import Caller, needs
from officina.api.services import Hub, writing
from officina.errors import Forbidden, Invalid, Unavailable
from officina.message.lineage import line_of
from officina.store import Tx
from officina.store.messages import MessageFilter
from officina.workflow.intake import MessageState

router = APIRouter(prefix="/profiles", tags=["profiles"])

Text = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f]*$")]


class Selection(BaseModel):
    """Which received messages of the connector."""

    state: MessageState | None = None
    type: Text | None = None
    facility_code: Text | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    most: int = Field(default=200, ge=1, le=1000, description="At most so many.")
    oldest: bool = Field(default=False, description="The oldest that fit rather than the newest.")


class Trial(BaseModel):
    """A profile to be tried, and on which messages."""

    connector: Text = Field(description="Name of the receiving connector.")
    profile: str = Field(description="TOML; it may extend another profile.")
    codes: dict[Text, Text] = Field(
        default={}, max_length=100, description="Facility codes mapped with it, to the code of a facility."
    )
    messages: Selection = Selection()


class ChangeOfReading(BaseModel):
    """One text that would be different."""

    name: str = Field(description="`fate`, `facility`, `order[1].drug_code` …")
    old: str
    new: str


class TriedMessage(BaseModel):
    """A message of which something would be different."""

    message_id: int
    state: str
    changes: list[ChangeOfReading]
    would_come_to: str = Field(description="Its state if it were processed again now; empty where it had its effect.")

    @classmethod
    def of(cls, tried: Tried) -> TriedMessage:
        changes = [ChangeOfReading(**each._asdict()) for each in tried.difference.changes]
        return cls(message_id=tried.row.id, state=tried.row.state, changes=changes, would_come_to=tried.would)


class KindOfDifference(BaseModel):
    """How many messages differ in one way; a message may differ in several."""

    what: str
    name: str
    old: str
    new: str
    messages: int


class TrialResult(BaseModel):
    """What would be different; nothing was changed."""

    tried: int
    same: int
    missing: int = Field(description="Messages whose content is no longer kept.")
    kinds: list[KindOfDifference] = Field(description="The most frequent first.")
    different: list[TriedMessage]
    orders_new: int = Field(description="New orders, if those without effect so far were processed again now.")
    orders_changed: int

    @classmethod
    def of(cls, found: Rehearsal) -> TrialResult:
        return cls(
            tried=len(found.tried),
            same=found.same,
            missing=found.missing,
            kinds=[KindOfDifference(**each.kind._asdict(), messages=each.messages) for each in found.groups],
            different=[TriedMessage.of(each) for each in found.different],
            orders_new=found.effect.orders_new,
            orders_changed=found.effect.orders_changed,
        )


@router.post(
    "/try",
    summary="Try a changed profile on stored messages",
    responses={404: {"description": "There is no such receiving connector."}},
)
async def try_profile(trial: Trial, hub: Hub, caller: Caller = needs("messages.raw")) -> TrialResult:
    """Each message is read as its connector reads now and through this profile. Nothing is changed. Also needs the
    permission site.write. Those whose content is in the answer are written to the audit first."""
    if not caller.rights.may("site.write"):
        raise Forbidden("this needs the permission site.write")
    if hub.intake is None:
        raise Unavailable("this process takes no messages")
    asked = trial.messages
    wanted = MessageFilter(
        state=asked.state,
        type=asked.type or None,
        facility_code=asked.facility_code or None,
        since=at(asked.since),
        until=at(asked.until),
        place_ids=caller.rights.places("messages.raw"),
    )
    candidate = Candidate(trial.profile, trial.codes)
    work = partial(hub.intake.rehearse, wanted, trial.connector, candidate, most=asked.most, oldest=asked.oldest)
    try:
        found = await anyio.to_thread.run_sync(work)
    except Invalid as error:
        raise _with_line(error, trial.profile) from error
    await writing(hub, partial(_note, found=found, actor=caller.actor, at=hub.clock()))
    return TrialResult.of(found)


def _note(tx: Tx, found: Rehearsal, actor: str, at: int) -> None:
    for each in found.different:
        row = each.row
        record_access(
            tx,
            subject="message",
            subject_id=row.id,
            patient_id=row.patient_id,
            place_id=row.place_id,
            actor=actor,
            at=at,
        )


def _with_line(error: Invalid, body: str) -> Invalid:
    line = line_of(body, error.place)
    where = f"{error.place} (line {line})" if line else error.place
    return Invalid(error.text, place=where, remedy=error.remedy)
