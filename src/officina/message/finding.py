"""What is noticed about a message: a place, a reason and a way out. It never quotes a patient's values."""

from __future__ import annotations

from typing import Literal, NamedTuple

Severity = Literal["error", "warning", "info"]


class Finding(NamedTuple):
    """One remark on a message. An ``error`` refuses it; a ``warning`` asks for a person's eye; ``info`` explains.

    ``path``     the field it is about (``PID-3``, ``ORC[2]-1``, ``ORC[2]/RXE-2``), "" for the whole message;
    ``code``     stable word (``no_drug``);
    ``text``     reason and way out in plain words, without patient data;
    ``ack_code`` HL7 table 0357: 100 segment sequence error, 101 required field missing, 102 data type error,
                 103 table value not found, 200 unsupported message type, 202 unsupported processing id, 207 application
                 error; "" where no ERR segment is due.
    """

    path: str
    severity: Severity
    code: str
    text: str
    ack_code: str = ""
