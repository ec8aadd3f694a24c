"""The report of a corpus run: file → outcome, and why each outcome that may surprise is right.

``python -m tests.corpus.report`` runs the corpora through a hub and writes the report into docs/explain.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.corpus import corpora, traffic
from tests.corpus.corpora import Sample
from tests.corpus.traffic import Result

DOCS = corpora.ROOT / "docs" / "explain"

MEANINGS = {
    ("accepted", ""): "its orders stand in the book",
    (
        "duplicate",
        "message_repeated",
    ): "the same bytes came before: the stored answer again, no effect",
    ("duplicate", "order_repeated"): "all its orders stand in the book already, with the same facts: linked to them",
    ("ignored", "type_ignored"): "kept without effect, as the profile says of this type (ADT)",
    ("ignored", "answer"): "an acknowledgement or reply: kept, and never acknowledged in turn",
    ("ignored", "control_ignored"): "kept without effect, as the profile says of its order controls",
    ("ignored", "empty_batch"): "a batch that is empty and says so",
    ("ignored", "batch_envelope"): "what stands around the messages of a batch: FHS, BHS, BTS, FTS, stray text",
    (
        "rejected",
        "type_refused",
    ): "a type this connector does not take (results, billing …); table 0357 code 200",
    ("rejected", "no_pharmacy_order"): "an order message without RXO, RXE or RXD: another department's order",
    ("rejected", "no_patient_identifier"): "an order for nobody: PID-3 (and PID-2, PID-4) are empty",
    ("unreadable", "unreadable"): "no usable MSH: kept as bytes, refused with the place",
}
# Outcomes other than a type's usual one, by state and reason, and why they are right.
EXPLANATIONS = {
    ("duplicate", "order_repeated"): "test cases of one suite repeat patient, numbers and drug",
    ("rejected", "no_patient_identifier"): "PID-2, PID-3 and PID-4 are empty, so whose order it is cannot be told",
    ("rejected", "type_refused"): "MSH-9 is empty or unreadable, so its type cannot be among those taken",
    ("unreadable", "unreadable"): "no MSH with usable delimiters: fragments, fuzzed headers, a batch without messages",
    ("ignored", "empty_batch"): "FHS/BHS with BTS/FTS and nothing between",
    ("ignored", "batch_envelope"): "its messages are counted in rows of their own",
}
_USUAL = {
    "RDE": {("accepted", "")},
    "OMP": {("accepted", "")},
    "RDS": {("accepted", "")},
    "ORM": {("accepted", ""), ("rejected", "no_pharmacy_order")},
    "ADT": {("ignored", "type_ignored")},
    "ACK": {("ignored", "answer")},
}
_ELSE = {("rejected", "type_refused"), ("ignored", "answer")}
_REPEATED = ("duplicate", "message_repeated")


class Surprise(NamedTuple):
    """An outcome that is not the usual one of its message type."""

    path: str
    type: str
    outcome: str
    explanation: str


def surprises(samples: Sequence[Sample], outcomes: Mapping[str, list[Result]]) -> list[Surprise]:
    """Every message whose outcome is not what its type alone suggests, with the reason if there is one."""
    return [
        Surprise(sample.path, each.type or "-", f"{each.state} {each.reason}".strip(), _explanation(each))
        for sample in samples
        for each in outcomes[sample.path]
        if not _usual(each)
    ]


def _usual(each: Result) -> bool:
    code = each.type.partition("^")[0]
    outcome = (each.state, each.reason)
    return bool(code) and (outcome == _REPEATED or outcome in _USUAL.get(code, _ELSE))


def _explanation(each: Result) -> str:
    if each.reason == "type_refused" and each.type.partition("^")[0]:
        return ""
    return EXPLANATIONS.get((each.state, each.reason), "")


def markdown(samples: Sequence[Sample], outcomes: Mapping[str, list[Result]]) -> str:
    """The report; the list of all files is in the TSV beside it."""
    return "\n".join(_lines(samples, outcomes)) + "\n"


def _lines(samples: Sequence[Sample], outcomes: Mapping[str, list[Result]]) -> Iterator[str]:
    every = [each for results in outcomes.values() for each in results]
    yield "# What becomes of messages written by others\n"
    yield (
        f"{len(samples)} files of HL7 v2 written by others ({len(every)} messages) go through the listener, each on"
        " a connection of its own; every order is routed to one home, and samples marked as training or debugging"
        " (MSH-11) are taken, which no hub does by default. `make corpus-report` repeats the run and writes this page;"
        " `tests/corpus/test_listener.py` holds it. Nothing crashes, hangs or vanishes: each message is in"
        " the book with its bytes, its state and the answer given. File by file:"
        " [corpus-outcomes.tsv](corpus-outcomes.tsv).\n"
    )
    yield "## Outcomes\n"
    yield "| messages | state | reason | answers | what it means |\n|---:|---|---|---|---|"
    counted = Counter((each.state, each.reason) for each in every)
    for (state, reason), count in counted.most_common():
        codes = sorted({each.ack_code or "none" for each in every if (each.state, each.reason) == (state, reason)})
        yield f"| {count} | {state} | {reason or '-'} | {', '.join(codes)} | {MEANINGS.get((state, reason), '')} |"
    yield ""
    yield (
        "`none` under answers: the sender asked for no acknowledgement (MSH-15 and MSH-16 `NE`, or a condition that"
        " does not hold), or the message is itself an answer.\n"
    )
    yield "## Findings\n"
    yield "| messages | severity | code | example |\n|---:|---|---|---|"
    findings = Counter((found[1], found[2]) for each in every for found in {f[1:3]: f for f in each.findings}.values())
    texts = {(found[1], found[2]): (found[0], found[3]) for each in every for found in each.findings}
    for (severity, code), count in findings.most_common():
        path, text = texts[severity, code]
        yield f"| {count} | {severity} | `{code}` | {f'`{path}` ' if path else ''}{text.replace('|', chr(92) + '|')} |"
    yield ""
    yield "## Surprises\n"
    yield "Outcomes that the message type alone would not suggest, and why they are right.\n"
    yield "| messages | type | outcome | why |\n|---:|---|---|---|"
    grouped = Counter((each.type, each.outcome, each.explanation) for each in surprises(samples, outcomes))
    for (kind, outcome, why), count in sorted(grouped.items()):
        yield f"| {count} | {kind.replace('|', ' ')} | {outcome} | {why} |"


def table(samples: Sequence[Sample], outcomes: Mapping[str, list[Result]]) -> str:
    """One line per message: file, type, state, reason, answer, orders, findings."""
    lines = ["file\ttype\tstate\treason\tanswer\torders\tfindings"]
    for sample in samples:
        for each in outcomes[sample.path]:
            found = " ".join(f"{path}:{code}" for path, _, code, _ in each.findings)
            kind = "".join(letter if letter.isprintable() else "?" for letter in each.type)
            lines.append(f"{sample.path}\t{kind}\t{each.state}\t{each.reason}\t{each.ack_code}\t{each.orders}\t{found}")
    return "\n".join(lines) + "\n"


async def _main() -> None:
    from tests.support.hub import running_hub

    samples = corpora.hl7v2()
    with tempfile.TemporaryDirectory() as folder:
        async with running_hub(f"sqlite:///{Path(folder) / 'officina.db'}", traffic.SITE) as hub:
            outcomes = await traffic.send_all(hub, samples)
    (DOCS / "corpus-report.md").write_text(markdown(samples, outcomes), encoding="utf-8")
    (DOCS / "corpus-outcomes.tsv").write_text(table(samples, outcomes), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(_main())
