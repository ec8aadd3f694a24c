"""What a message is read as, as texts by name: what two profiles are compared by, and what a sample is expected to say.

Names are those of a profile: ``fate``, ``facility``, ``patient.family``, ``order[1].drug_code``,
``order[1].timings[1].times``, ``finding[1]``. Nothing that is empty has a name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from officina.actions.receive.answer import answers
from officina.actions.receive.reading import Reading
from officina.clock import iso

Texts = dict[str, str]


class Stated(NamedTuple):
    """``head`` has fate, reason, answer, type, facility and place; the others are keys of a profile."""

    head: Texts
    patient: Texts
    visit: Texts
    orders: tuple[Texts, ...]
    findings: tuple[str, ...]

    def flat(self) -> Texts:
        """All of it, each under its whole name."""
        found = dict(self.head)
        found |= {f"patient.{name}": text for name, text in self.patient.items()}
        found |= {f"visit.{name}": text for name, text in self.visit.items()}
        for number, order in enumerate(self.orders, 1):
            found |= {f"order[{number}].{name}": text for name, text in order.items()}
        return found | {f"finding[{number}]": text for number, text in enumerate(self.findings, 1)}


def stated(reading: Reading) -> Stated:
    """What the bytes and the profile decide. What only the book can tell (a patient who differs, say) is not in it."""
    assembled = reading.assembled
    patient, visit, orders = {}, {}, []
    if assembled is not None:
        patient = dict(assembled.patient.fields)
        for number, each in enumerate(assembled.patient.identifiers, 1):
            patient[f"identifiers[{number}]"] = " ".join(filter(None, (each.type, each.value)))
        visit = {"number": assembled.visit.number, **assembled.visit.fields}
        instants = assembled.visit.instants
        visit |= {name: "" if at is None else iso(at) for name, at in instants.items()}
        orders = [dict(_leaves("", each.facts())) for each in assembled.orders]
    findings = [" ".join(filter(None, (each.severity, each.code, each.path))) for each in reading.findings]
    return Stated(_head(reading), _said(patient), _said(visit), tuple(orders), tuple(findings))


def _head(reading: Reading) -> Texts:
    told = answers(reading, reading.state or "accepted", 0)
    errors = [f"{each.ack_code or '207'} {each.path}".strip() for each in reading.findings if each.severity == "error"]
    refused = bool(told) and told[-1].code[-1] != "A"
    return _said(
        {
            "fate": reading.state or "order",
            "reason": reading.reason,
            "answer": " ".join(each.code for each in told),
            "error": ", ".join(errors) if refused else "",
            "type": reading.type,
            "facility": reading.facility_code,
            "place": str(reading.routed.place_id) if reading.routed else "",
        }
    )


def _said(texts: Mapping[str, str]) -> Texts:
    return {name: text for name, text in texts.items() if text}


def _leaves(prefix: str, value: object) -> Iterator[tuple[str, str]]:
    """Every text of a fact under its own name; the words of one schedule stay together."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(f"{prefix}.{name}" if prefix else name, inner)
    elif isinstance(value, list) and prefix.startswith("timings["):
        yield prefix, ", ".join(map(str, value))
    elif isinstance(value, list):
        for number, inner in enumerate(value, 1):
            yield from _leaves(f"{prefix}[{number}]", inner)
    else:
        yield prefix, str(value)
