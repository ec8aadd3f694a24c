"""Sends corpus files through a running hub's listener and reads from the book what became of each."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import func, select
from tests.corpus.corpora import Sample
from tests.support.hub import address

from officina.app import Hub
from officina.packed import unpack
from officina.store import schema

VT, FS, CR = b"\x0b", b"\x1c", b"\r"
PATIENCE_S = 20

# Every order lands at one home, so that what the files say is read in full instead of being parked for its facility.
# Samples are marked as training or debugging, which they are.
SITE = """
[[place]]
code = "ORG"
kind = "organisation"
name = "Organisation"

[[place]]
code = "HOME"
kind = "facility"
name = "Home"
parent = "ORG"

[[code_map]]
code = "HOME"
place = "HOME"

[[profile]]
name = "anywhere"
body = '''
extends = "hl7"
processing = ["P", "T", "D"]
[route]
facility = []
'''

[[connector]]
name = "pharmacy"
kind = "mllp_listener"
profile = "anywhere"
settings = { port = 0, facility = "HOME", idle_timeout_s = 60 }
"""


class Result(NamedTuple):
    """One message of a file as the book has it."""

    type: str
    state: str
    reason: str
    ack_code: str
    orders: int
    findings: tuple[tuple[str, str, str, str], ...]  # path, severity, code, text
    raw: bytes
    answer: bytes


async def send_all(hub: Hub, samples: Iterable[Sample]) -> dict[str, list[Result]]:
    """Each file on a connection of its own, followed by a message whose answer shows that the file is dealt with."""
    found = {}
    for number, sample in enumerate(samples):
        before = _last_id(hub)
        await asyncio.wait_for(_send(hub, sample.raw, f"END{number}"), PATIENCE_S)
        found[sample.path] = [each for each in _since(hub, before) if b"|CORPUS-END|" not in each.raw]
    return found


async def _send(hub: Hub, raw: bytes, sentinel: str) -> None:
    reader, writer = await asyncio.open_connection(*address(hub))
    framed = raw if raw.startswith(VT) else VT + raw + FS + CR
    last = f"MSH|^~\\&|CORPUS-END|X|Y|Z|20260101||ADT^A08|{sentinel}|P|2.5\r".encode()
    writer.write(framed + VT + last + FS + CR)
    await writer.drain()
    answers = b""
    while f"|{sentinel}".encode() not in answers:
        got = await reader.read(65536)
        if not got:
            raise AssertionError("the hub closed the connection")
        answers += got
    writer.close()
    await writer.wait_closed()


def _last_id(hub: Hub) -> int:
    with hub.store.read() as tx:
        return int(tx.execute(select(func.coalesce(func.max(schema.message.c.id), 0))).scalar())


def _since(hub: Hub, before: int) -> list[Result]:
    message, body, version = schema.message.c, schema.message_body.c, schema.order_version.c
    orders = select(func.count()).where(version.message_id == message.id).scalar_subquery()
    query = (
        select(
            message.type, message.state, message.reason, message.ack_code, orders, body.findings, body.raw, body.answer
        )
        .join_from(schema.message, schema.message_body, body.message_id == message.id)
        .where(message.id > before)
        .order_by(message.id)
    )
    with hub.store.read() as tx:
        return [
            Result(
                *row[:5],
                tuple((each["path"], each["severity"], each["code"], each["text"]) for each in json.loads(row[5])),
                unpack(row[6]),
                bytes(row[7]),
            )
            for row in tx.execute(query)
        ]
