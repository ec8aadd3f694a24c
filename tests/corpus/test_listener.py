"""Every HL7 v2 file of the corpora goes through the listener, and what became of it can be told to its sender.

`docs/explain/corpus-report.md` is the report of the same run (`make corpus-report` writes it).
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.corpus import corpora, report, traffic
from tests.corpus.corpora import Sample
from tests.corpus.traffic import Result
from tests.support.hub import running_hub


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Result]]:
    samples = corpora.hl7v2()
    return asyncio.run(_run(samples, tmp_path_factory.mktemp("corpus")))


async def _run(samples: list[Sample], folder: Path) -> dict[str, list[Result]]:
    async with running_hub(f"sqlite:///{folder / 'officina.db'}", traffic.SITE) as hub:
        return await traffic.send_all(hub, samples)


def test_no_file_vanishes_and_none_fails(outcomes: dict[str, list[Result]]) -> None:
    assert [path for path, results in outcomes.items() if not results] == []
    failed = {path: each.findings for path, results in outcomes.items() for each in results if each.state == "failed"}
    assert failed == {}


def test_every_byte_is_kept(outcomes: dict[str, list[Result]]) -> None:
    for sample in corpora.hl7v2():
        kept = b"".join(each.raw for each in outcomes[sample.path])
        assert _letters(kept) == _letters(sample.raw), sample.path


def _letters(raw: bytes) -> list[int]:
    """The bytes but for blanks and framing, which separate messages and belong to none."""
    return sorted(raw.translate(None, b" \t\r\n\x0b\x0c\x1c"))


def test_a_refusal_names_the_place_and_the_reason(outcomes: dict[str, list[Result]]) -> None:
    for path, results in outcomes.items():
        for each in results:
            if each.state not in ("rejected", "unreadable"):
                continue
            errors = [finding for finding in each.findings if finding[1] == "error"]
            assert errors, path
            assert all(len(text) > 20 for *_, text in errors), path
            if each.answer:
                assert each.ack_code in ("AR", "CR"), path
                assert b"ERR" in each.answer, path


def test_what_is_taken_makes_orders(outcomes: dict[str, list[Result]]) -> None:
    for path, results in outcomes.items():
        for each in results:
            if each.state == "accepted":
                assert each.orders >= 1, path
                assert each.ack_code in ("AA", "CA", ""), path
            else:
                assert each.orders == 0, path


def test_pharmacy_orders_are_not_turned_away(outcomes: dict[str, list[Result]]) -> None:
    """RDE, OMP and RDS messages of the corpora are taken, but for the causes the report explains."""
    turned_away = {
        (path, each.type, each.reason)
        for path, results in outcomes.items()
        for each in results
        if each.type.startswith(("RDE", "OMP", "RDS")) and each.state in ("rejected", "unreadable", "failed", "parked")
    }
    assert turned_away == set()


def test_each_surprise_is_explained(outcomes: dict[str, list[Result]]) -> None:
    unexplained = [line for line in report.surprises(corpora.hl7v2(), outcomes) if not line.explanation]
    assert unexplained == []
