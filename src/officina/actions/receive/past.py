"""What an order went through, for a message that is processed again: newer ones may have said more about it by now.

Pure: it is given the versions of the order, the first one first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from officina.order.match import Candidate
from officina.order.order import Facts, Order
from officina.workflow import order_status


@dataclass(frozen=True, slots=True)
class Past:
    """``versions``: the id of the message and the facts of each; ids are given in the order in which messages come."""

    versions: tuple[tuple[int, Facts], ...]

    def overtook(self, message_id: int) -> bool:
        """Whether a newer message decided what becomes of the order. A report, as of a dispense, decides nothing: an
        older discontinuation still has to stop the order.
        """
        return any(newer > message_id and order_status.decides(_control(facts)) for newer, facts in self.versions)

    def names(self, candidate: Candidate) -> Iterator[Candidate]:
        """The order as it was known before: a change may have been one of the drug, or of the filler's number."""
        for _, facts in self.versions:
            yield candidate._replace(
                drug_code=str(facts.get("drug_code", "")),
                drug_text=str(facts.get("drug_text", "")),
                filler_number=str(facts.get("filler_number", "")),
            )

    def completed(self, order: Order) -> Order | None:
        """The order with what a message asked for that is older than all the book has heard of it, which is its end, or
        a hold, but never what it is; None where the book knows that.
        """
        if any(order_status.asks(_control(facts)) for _, facts in self.versions):
            return None
        return Order.standing({**order.facts(), **self.versions[-1][1]})


def _control(facts: Mapping[str, object]) -> str:
    return str(facts.get("control", ""))
