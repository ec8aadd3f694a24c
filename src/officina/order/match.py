"""Is this the order we have? Pure rules over the candidates the book offers; it never joins two patients.

Candidates are found by placer, filler or prescription number within one organisation (and, for an order without any
number, by patient and digest).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

from officina.order.order import NAMESPACES, Facts, Order, carried, digest, steady

# Controls that announce an order of their own; under a number already used for another drug they make a new order.
_ANNOUNCE = frozenset(("NW", "RO", "OP", "PY", "SN", "CH", "PA"))

Kind = Literal["new", "duplicate", "version"]
NextStatus = Callable[[str, bool], str]  # (current status, facts changed) → status


class Candidate(NamedTuple):
    """An order of the book. ``digest`` is that of what was last asked for; ``facts`` reads those of its current
    version, when they are needed.
    """

    order_id: int
    patient_id: int
    status: str
    digest: bytes
    placer_number: str = ""
    filler_number: str = ""
    prescription_number: str = ""
    drug_code: str = ""
    drug_text: str = ""
    facts: Callable[[], Mapping[str, object]] = dict


class Verdict(NamedTuple):
    """What the order is to the book.

    ``order_id`` is None for a new order; ``order`` is the current version, as it is to be kept; ``digest`` is that of
    what is asked for now; ``findings`` are stable words: number_of_other_patient (and none of this one's),
    number_of_two_patients, number_reused, order_ambiguous.
    """

    kind: Kind
    order_id: int | None
    order: Order
    digest: bytes
    findings: tuple[str, ...] = ()

    @property
    def facts(self) -> Facts:
        return self.order.facts()


def match(order: Order, patient_id: int | None, candidates: Sequence[Candidate], next_status: NextStatus) -> Verdict:
    """The verdict on an order; ``patient_id`` is None for a patient the book does not have yet.

    ``next_status`` says which status the order control leads to (workflow.order_status); a repeated message that
    would change neither facts nor status is a duplicate.
    """
    shared = [each for each in candidates if _numbers_shared(order, each)]
    own = [each for each in shared if each.patient_id == patient_id and patient_id is not None]
    foreign = len(own) < len(shared)
    if not _has_number(order):
        own = [each for each in candidates if each.patient_id == patient_id and each.digest == order.digest()]
    findings: list[str] = []
    if order.control in _ANNOUNCE and order.complete and own:
        same = [each for each in own if not _other_drug(order, each) and not _filled_apart(order, each)]
        if not same:
            findings.append("number_reused")
        own = same
    if foreign:
        findings.append("number_of_two_patients" if own else "number_of_other_patient")
    if not own:
        return Verdict("new", None, order, order.digest(), tuple(findings))
    best = max(own, key=lambda each: (_rank(order, each), each.order_id))
    if any(_rank(order, each) == _rank(order, best) for each in own if each.order_id != best.order_id):
        findings.append("order_ambiguous")
    return _against(order, best, next_status, tuple(findings))


def _against(order: Order, candidate: Candidate, next_status: NextStatus, findings: tuple[str, ...]) -> Verdict:
    stays = next_status(candidate.status, False) == candidate.status
    if stays and order.complete and not order.dispenses and order.digest() == candidate.digest:
        return Verdict("duplicate", candidate.order_id, order, candidate.digest, findings)
    known = candidate.facts()
    standing = Order.standing(carried(order, known))
    says_more = steady(standing.facts()) != steady(known)
    asked = _asked(order, standing, known, candidate) if says_more else candidate.digest
    kind: Kind = "version" if says_more or not stays else "duplicate"
    return Verdict(kind, candidate.order_id, standing, asked, findings)


def _asked(order: Order, standing: Order, known: Mapping[str, object], candidate: Candidate) -> bytes:
    """The digest of what is asked for now. A dispense asks for nothing, and what it adds to the facts is no change."""
    if order.reports:
        return candidate.digest
    if order.complete:
        return order.digest()
    return standing.digest() if standing.digest() != digest(known) else candidate.digest


def _rank(order: Order, candidate: Candidate) -> tuple[bool, bool, int]:
    """The one that is equal already, else the same drug, else most numbers in common; among equals the newest."""
    return candidate.digest == order.digest(), _same_drug(order, candidate), _numbers_shared(order, candidate)


def _has_number(order: Order) -> bool:
    return bool(order.placer_number or order.filler_number or order.prescription_number)


def _numbers_shared(order: Order, candidate: Candidate) -> int:
    return sum(_shares(order, candidate, role) for role in NAMESPACES)


def _shares(order: Order, candidate: Candidate, role: str) -> bool:
    """Whether both have this number; the same digits of two namespaces are two numbers (HL7 2.5.1, 2.A.28)."""
    number: str = getattr(order, role)
    return bool(number) and number == getattr(candidate, role) and _one_namespace(order, candidate, role) is not False


def _one_namespace(order: Order, candidate: Candidate, role: str) -> bool | None:
    """None where one of them does not say whose number it is."""
    name = NAMESPACES[role]
    own = getattr(order, name) if name else ""
    known = candidate.facts().get(name) if own else None
    return str(known).casefold() == own.casefold() if known else None


def _filled_apart(order: Order, candidate: Candidate) -> bool:
    """Two fillers' orders under one placer number, and nothing says that it is one placer's: a new order is none of
    those the book has, for losing it is worse than showing it twice.
    """
    others = bool(order.filler_number and candidate.filler_number) and not _shares(order, candidate, "filler_number")
    only_placer = not _shares(order, candidate, "prescription_number")
    return others and only_placer and not _one_namespace(order, candidate, "placer_number")


def _same_drug(order: Order, candidate: Candidate) -> bool:
    """By code, or by text whatever the code: a pharmacy changes the package (NDC) of one drug from refill to refill."""
    if order.drug_code and order.drug_code == candidate.drug_code:
        return True
    return bool(order.drug_text) and _folded(order.drug_text) == _folded(candidate.drug_text)


def _other_drug(order: Order, candidate: Candidate) -> bool:
    """An order of which only the end was heard names no drug; it may well be this one."""
    return bool(candidate.drug_code or candidate.drug_text) and not _same_drug(order, candidate)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
