"""Whose message is it? Pure rules over the patients the book offers: two people never become one (docs/adr/0006).

Candidates are the patients who hold an identifier that the message states.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple

from officina.order.patient import CLEAR, Identifier, PatientFacts

# Table 0203: numbers that an authority gives to one person for good (NH as the NHS number is sent). Only these say by
# themselves who somebody is. Any other can be shared or change hands (an account, a visit, a policy, a family's or a
# mistyped social security number), or is a word of the sender's own: it confirms a name and a birth date, no more.
IDENTIFYING = frozenset(("MR", "PI", "PT", "PN", "PE", "NI", "NH", "JHN"))

Doubt = Literal["", "patient_differs", "patient_uncertain"]
Remark = Literal["", "identifiers_conflict", "identifier_of_other_patient"]


class Known(NamedTuple):
    """A patient of the book: name and birth date, and all identifiers they hold, read when they are needed."""

    patient_id: int
    fields: Mapping[str, object]
    identifiers: Callable[[], Iterable[Identifier]]


class Verdict(NamedTuple):
    """``patient_id`` is None for a patient of their own. With a ``doubt`` nobody can say whose it is; a person must."""

    patient_id: int | None
    remark: Remark = ""
    doubt: Doubt = ""


class _Likeness(NamedTuple):
    """Whether family name, given name and birth date agree; None where one side does not say."""

    family: bool | None
    given: bool | None
    born_on: bool | None

    @property
    def confirms(self) -> bool:
        """Twins share all but the given name."""
        return bool(self.family and self.born_on) and self.given is not False

    @property
    def denies(self) -> bool:
        """A name changes with a marriage and a birth date is mistyped, but not both at once."""
        told = self.given if self.born_on is None else self.born_on
        return self.family is False and told is False


def whose(facts: PatientFacts, owners: Mapping[Identifier, int], known: Mapping[int, Known]) -> Verdict:
    """``owners`` are the stated identifiers somebody holds, and who; ``known`` those patients by id."""
    named = list(dict.fromkeys(owners[each] for each in facts.identifiers if each in owners))
    likeness = {each: _likeness(facts.fields, known[each].fields) for each in named}
    numbers = _identifying(facts)
    identified = [each for each in named if any(owners.get(number) == each for number in numbers)]
    fitting = [each for each in identified if _fits(facts, owners, known[each], likeness[each])]
    fitting.sort(key=lambda each: not likeness[each].confirms)
    if not fitting and not identified:
        fitting = [each for each in named if _confirmed(facts, owners, known[each], likeness[each])]
    if fitting:
        return Verdict(fitting[0], "identifiers_conflict" if len(named) > 1 else "")
    if identified:  # a number says who it is, and the rest that it is somebody else: either may be the mistake
        return Verdict(None, doubt="patient_differs" if likeness[identified[0]].denies else "patient_uncertain")
    if not named:
        return Verdict(None)
    if any(each not in owners for each in facts.identifiers):
        return Verdict(None, "identifier_of_other_patient")
    return Verdict(None, doubt="patient_uncertain")  # with no identifier left, nobody would ever find them again


def _fits(facts: PatientFacts, owners: Mapping[Identifier, int], patient: Known, likeness: _Likeness) -> bool:
    """Known by an identifying number: theirs, unless name and birth date or another such number speak against it."""
    return not likeness.denies and (likeness.confirms or not _contradicted(facts, owners, patient))


def _confirmed(facts: PatientFacts, owners: Mapping[Identifier, int], patient: Known, likeness: _Likeness) -> bool:
    """Known only by something that can be shared: theirs, if name and birth date say so and no number speaks up."""
    return likeness.confirms and not _contradicted(facts, owners, patient)


def _contradicted(facts: PatientFacts, owners: Mapping[Identifier, int], patient: Known) -> bool:
    """Whether they hold another identifying number of the same type and authority as the message states."""
    settled = {each[:2] for each in _shared(facts, owners, patient.patient_id)}
    stated = {each[:2] for each in _identifying(facts)} - settled
    return bool(stated) and any(each[:2] in stated for each in patient.identifiers())


def _identifying(facts: PatientFacts) -> list[Identifier]:
    return [each for each in facts.identifiers if each.type in IDENTIFYING]


def _shared(facts: PatientFacts, owners: Mapping[Identifier, int], patient_id: int) -> set[Identifier]:
    return {each for each in facts.identifiers if owners.get(each) == patient_id}


# --- name and birth date ---------------------------------------------------------------------------------------


def _likeness(stated: Mapping[str, str], known: Mapping[str, object]) -> _Likeness:
    def alike(name: str, read: Callable[[str], str], vague: tuple[int, ...]) -> bool | None:
        text, other = stated.get(name, ""), str(known.get(name) or "")
        if text == other and text.isalnum():  # nearly all of them, and reading says no more
            return True
        return _alike(read("" if text == CLEAR else text), read(other), vague)

    return _Likeness(alike("family", _letters, ()), alike("given", _first_name, (1,)), alike("born_on", str, (4, 7)))


def _alike(stated: str, known: str, vague: tuple[int, ...]) -> bool | None:
    """The vaguer of the two decides where it is of such a length: 1940 is 1940-02-29, and E. is Edith."""
    if not stated or not known:
        return None
    shorter, longer = sorted((stated, known), key=len)
    return longer.startswith(shorter) if len(shorter) in vague else shorter == longer


def _first_name(given: str) -> str:
    return _letters(given.split(maxsplit=1)[0]) if given.strip() else ""


def _letters(text: str) -> str:
    """Without case, accents, blanks and marks: O'Brien is OBRIEN."""
    return "".join([each for each in unicodedata.normalize("NFKD", text.casefold()) if each.isalnum()])
