"""What waits for the nurses of facilities that review their pharmacy's orders, and deciding about it."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from officina.actions import review
from officina.actions.access import record_access, record_listing
from officina.actions.review import Asked
from officina.actions.review.decide import of_order
from officina.actions.review.seen import Seen, seen
from officina.actions.site import load_site
from officina.api.fields import IdInPath, IdInQuery, Instant
from officina.api.identity import Caller, must_cover, needs
from officina.api.services import Hub, reading, writing
from officina.clock import iso
from officina.store import Tx, places, reviews
from officina.store.rows import DecisionRow
from officina.workflow.review import ReviewState, Verdict

router = APIRouter(prefix="/reviews", tags=["reviews"])


class Review(BaseModel):
    """An order that is to be reviewed, and what it is to the resident's list."""

    order_id: int
    place_id: int
    patient_id: int
    version: int = Field(description="The version of the order that is reviewed.")
    state: ReviewState
    opened_at: Instant
    assigned_to: str
    resident: bool = Field(description="Whether the facility knows the patient as a resident.")
    proposed: Verdict = Field(description="What the order is to the resident's list.")
    medication_id: int | None = Field(description="The medication of the list that it is about.")
    why: str = Field(description="Why that is proposed.")

    @classmethod
    def of(cls, one: Seen) -> Review:
        row, proposed = one.review, one.proposed
        return cls(
            order_id=row.order_id,
            place_id=row.place_id,
            patient_id=row.patient_id,
            version=row.version,
            state=row.state,  # type: ignore[arg-type]  # the column holds its words
            opened_at=iso(row.opened_at),
            assigned_to=row.assigned_to,
            resident=one.resident is not None,
            proposed=proposed.verdict,
            medication_id=proposed.current.row.id if proposed.current else None,
            why=proposed.why,
        )


class Reviews(BaseModel):
    """What waits, the oldest of each facility first; at most 500."""

    items: list[Review]


class Decision(BaseModel):
    """What a nurse decided."""

    at: Instant
    by: str
    verdict: Verdict
    version: int
    medication_id: int | None
    reason: str
    undone_at: Instant | None

    @classmethod
    def of(cls, row: DecisionRow) -> Decision:
        return cls(
            at=iso(row.at),
            by=row.by,
            verdict=row.kind,  # type: ignore[arg-type]  # the column holds its words
            version=row.version,
            medication_id=row.medication_id,
            reason=row.reason,
            undone_at=iso(row.undone_at) if row.undone_at is not None else None,
        )


class ReviewInFull(Review):
    """With both sides and what was decided so far, the newest first."""

    order: dict[str, Any] = Field(description="The facts of the pharmacy's order.")
    current: dict[str, Any] | None = Field(description="Those of the medication it is about.")
    decisions: list[Decision]


class Deciding(BaseModel):
    """What is decided, about the version that was seen."""

    verdict: Literal["new", "change", "renewal", "discontinue", "reject", "hold", "resume"]
    version: int = Field(ge=1, le=2**31 - 1)
    medication_id: int | None = Field(default=None, ge=1, le=2**63 - 1)
    reason: str = Field(default="", max_length=500)


@router.get("", summary="List what waits for review")
async def list_reviews(hub: Hub, place_id: IdInQuery = None, caller: Caller = needs("reviews.read")) -> Reviews:
    """Of the caller's facilities. Whose orders are shown is written to the audit."""

    def read(tx: Tx) -> list[Seen]:
        wanted = {row.id for row in places.every(tx) if row.review == "orders"}
        within = caller.rights.places("reviews.read")
        wanted = wanted if within is None else wanted & within
        rows = reviews.pending(tx, wanted if place_id is None else wanted & {place_id})
        return seen(tx, rows, hub.clock())

    found = await reading(hub, read)
    if shown := [each.review.patient_id for each in found]:
        await writing(hub, partial(record_listing, patient_ids=shown, actor=caller.actor, at=hub.clock()))
    return Reviews(items=[Review.of(each) for each in found])


@router.get("/{order_id:int}", summary="Get a review with both sides")
async def get_review(order_id: IdInPath, hub: Hub, caller: Caller = needs("reviews.read")) -> ReviewInFull:
    """Reading it is written to the audit."""
    return await _in_full(order_id, hub, caller)


@router.post(
    "/{order_id:int}/decide",
    summary="Decide about an order",
    responses={409: {"description": "Somebody was faster, or the pharmacy has changed the order since."}},
)
async def decide_review(
    order_id: IdInPath, how: Deciding, hub: Hub, caller: Caller = needs("reviews.write")
) -> ReviewInFull:
    """As a nurse does on the screen; `version` says which version of the order was seen."""

    def write(tx: Tx) -> None:
        row, _ = of_order(tx, order_id)
        must_cover(caller, "reviews.write", row.place_id)
        (one,) = seen(tx, [row], hub.clock())
        shown = {"proposed": one.proposed.verdict, "why": one.proposed.why, "facts": dict(one.facts)}
        asked = Asked(order_id, how.verdict, how.version, how.medication_id, how.reason, shown)
        review.decide(tx, asked, load_site(tx).subscriptions, by=caller.actor, at=hub.clock())

    await writing(hub, write)
    return await _in_full(order_id, hub, caller)


@router.post(
    "/{order_id:int}/undo",
    summary="Take the newest decision about an order back",
    responses={409: {"description": "There is none, or another decision changed the medication since."}},
)
async def undo_review(order_id: IdInPath, hub: Hub, caller: Caller = needs("reviews.write")) -> ReviewInFull:
    """The list is as it was; a medication that was added ends now."""

    def write(tx: Tx) -> None:
        row, _ = of_order(tx, order_id)
        must_cover(caller, "reviews.write", row.place_id)
        review.undo(tx, order_id, by=caller.actor, at=hub.clock())

    await writing(hub, write)
    return await _in_full(order_id, hub, caller)


async def _in_full(order_id: int, hub: Hub, caller: Caller) -> ReviewInFull:
    def read(tx: Tx) -> tuple[Seen, list[DecisionRow]]:
        row, _ = of_order(tx, order_id)
        must_cover(caller, "reviews.read", row.place_id)
        return seen(tx, [row], hub.clock())[0], reviews.decisions(tx, order_id)

    one, decided = await reading(hub, read)
    look = partial(
        record_access,
        subject="order",
        subject_id=order_id,
        patient_id=one.review.patient_id,
        place_id=one.review.place_id,
        actor=caller.actor,
        at=hub.clock(),
    )
    await writing(hub, look)
    return ReviewInFull(
        **Review.of(one).model_dump(),
        order=dict(one.facts),
        current=dict(one.proposed.current.facts) if one.proposed.current else None,
        decisions=[Decision.of(row) for row in decided],
    )
