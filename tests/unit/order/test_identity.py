"""Two people never become one, and one person is found again: docs/adr/0006."""

from __future__ import annotations

import pytest

from officina.order.identity import Known, Verdict, whose
from officina.order.patient import Identifier, PatientFacts

ANN = {"family": "Alpha", "given": "Ann", "born_on": "1950-01-01"}
BOB = {"family": "Beta", "given": "Bob", "born_on": "1960-02-02"}
MR1, MR2 = Identifier("MR", "H", "M1"), Identifier("MR", "H", "M2")
ELSEWHERE = Identifier("MR", "OTHER", "M1")
SSN = Identifier("SS", "SSA", "999-99-9999")
VISIT, ACCOUNT = Identifier("VN", "H", "V1"), Identifier("AN", "H", "A1")
LOCAL = Identifier("RESIDENT", "H", "R1")


def verdict(
    stated: dict[str, str], identifiers: list[Identifier], *book: tuple[dict[str, str], list[Identifier]]
) -> Verdict:
    """The book's patients have the ids 1, 2 …"""
    known = {
        number: Known(number, fields, lambda held=held: held) for number, (fields, held) in enumerate(book, start=1)
    }
    owners = {each: number for number, (_, held) in enumerate(book, start=1) for each in held}
    return whose(
        PatientFacts(tuple(identifiers), stated), {each: owners[each] for each in identifiers if each in owners}, known
    )


def test_nobody_is_known_by_it() -> None:
    assert verdict(ANN, [MR1]) == Verdict(None)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"family": "Alpha-Beta"},  # married
        {"born_on": "1950-10-01"},  # a typing slip, put right
        {"given": "Annie"},
        {"family": "", "given": "", "born_on": ""},
        {"family": '""', "born_on": '""'},
        {"family": "Beta", "born_on": "1950"},
    ],
)
def test_an_identifying_number_identifies_whatever_one_of_the_rest_says(changes: dict[str, str]) -> None:
    assert verdict({**ANN, **changes}, [MR1], (ANN, [MR1])) == Verdict(1)


@pytest.mark.parametrize(
    "stated", [BOB, {"family": "Beta", "born_on": "1951"}, {"family": "Beta", "given": "Bob"}, {**BOB, "given": "Ann"}]
)
def test_name_and_birth_date_that_both_differ_are_for_a_person_to_settle(stated: dict[str, str]) -> None:
    assert verdict(stated, [MR1], (ANN, [MR1])) == Verdict(None, doubt="patient_differs")
    assert verdict(stated, [MR1, SSN], (ANN, [MR1])).doubt == "patient_differs", "even where a number is left for them"


@pytest.mark.parametrize("shared", [SSN, VISIT, ACCOUNT, LOCAL])
def test_what_can_be_shared_only_confirms(shared: Identifier) -> None:
    known = (ANN, [shared])
    assert verdict({**ANN, "family": "ALPHA ", "born_on": "1950"}, [shared], known) == Verdict(1)
    assert verdict(ANN, [MR1, shared], known) == Verdict(1), "their record number is new"
    assert verdict(BOB, [MR2, shared], known) == Verdict(None, "identifier_of_other_patient")
    assert verdict(BOB, [shared], known) == Verdict(None, doubt="patient_uncertain")
    assert verdict({}, [shared], known) == Verdict(None, doubt="patient_uncertain")


def test_twins_share_all_but_the_given_name() -> None:
    assert verdict({**ANN, "given": "Amy"}, [MR2, SSN], (ANN, [MR1, SSN])).patient_id is None
    assert verdict({**ANN, "given": "A"}, [SSN], (ANN, [SSN])) == Verdict(1), "an initial may be the whole name"


def test_another_number_of_the_same_type_and_authority_is_another_person() -> None:
    assert verdict(ANN, [MR2, SSN], (ANN, [MR1, SSN])) == Verdict(None, "identifier_of_other_patient")
    assert verdict(ANN, [ELSEWHERE, SSN], (ANN, [MR1, SSN])) == Verdict(1), "of another authority they may have one too"


def test_a_visit_of_its_own_speaks_against_nobody() -> None:
    assert verdict(ANN, [MR1, Identifier("VN", "H", "V2")], (ANN, [MR1, VISIT])) == Verdict(1)


def test_two_numbers_of_one_type_are_both_theirs() -> None:
    assert verdict(ANN, [MR1], (ANN, [MR1, MR2])) == Verdict(1)
    assert verdict(ANN, [MR2, Identifier("MR", "H", "M3")], (ANN, [MR1, MR2])) == Verdict(1)


def test_numbers_that_contradict_each_other_need_the_name_to_agree() -> None:
    inner, renewed = Identifier("PI", "P", "1"), Identifier("PI", "P", "2")
    known = (ANN, [MR1, inner])
    assert verdict(ANN, [MR1, renewed], known) == Verdict(1)
    assert verdict({**ANN, "born_on": ""}, [MR1, renewed], known) == Verdict(None, doubt="patient_uncertain")


def test_among_several_the_own_number_and_the_own_name_count() -> None:
    ann, bob = (ANN, [MR1, SSN]), (BOB, [MR2])
    assert verdict(BOB, [SSN, MR2], ann, bob) == Verdict(2, "identifiers_conflict")
    assert verdict(ANN, [MR1, ELSEWHERE], (ANN, [MR1]), (BOB, [ELSEWHERE])) == Verdict(1, "identifiers_conflict")
    assert verdict(BOB, [MR1, ELSEWHERE], (ANN, [MR1]), (BOB, [ELSEWHERE])) == Verdict(2, "identifiers_conflict")


@pytest.mark.parametrize(
    ("stated", "known"), [("O'Brien", "OBRIEN"), ("Müller", "Mu\u0308ller"), ("de la Cruz", "De La Cruz")]
)
def test_names_are_compared_by_their_letters(stated: str, known: str) -> None:
    assert verdict({**ANN, "family": stated}, [SSN], ({**ANN, "family": known}, [SSN])) == Verdict(1)


@pytest.mark.parametrize("nothing", ["-", "?", " ", "''"])
def test_a_name_without_letters_confirms_nobody(nothing: str) -> None:
    nameless = {**ANN, "family": nothing}
    assert verdict(nameless, [SSN], (nameless, [SSN])).patient_id is None
