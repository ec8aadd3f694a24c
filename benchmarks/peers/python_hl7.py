"""PyPI `hl7`: its asyncio MLLP server, parse and create_ack; with a file, one SQLite commit (FULL) per message.

python python_hl7.py PORT [DATABASE]
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import sys

from hl7.mllp import HL7StreamReader, HL7StreamWriter, start_hl7_server


def _open(path: str) -> sqlite3.Connection:
    book = sqlite3.connect(path, isolation_level=None)
    book.execute("PRAGMA journal_mode=WAL")
    book.execute("PRAGMA synchronous=FULL")
    book.execute("CREATE TABLE message (id INTEGER PRIMARY KEY, control_id TEXT, type TEXT, raw TEXT)")
    book.execute("CREATE INDEX ix_message_control_id ON message (control_id)")
    return book


async def _serve(port: int, path: str) -> None:
    book = _open(path) if path else None

    async def answer(reader: HL7StreamReader, writer: HL7StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while not writer.is_closing():
                message = await reader.readmessage()
                if book is not None:
                    segment = message.segment("MSH")
                    row = (str(segment[10]), str(segment[9]), str(message))
                    book.execute("INSERT INTO message (control_id, type, raw) VALUES (?, ?, ?)", row)
                writer.writemessage(message.create_ack())
                await writer.drain()
        writer.close()

    server = await start_hl7_server(answer, "127.0.0.1", port, encoding="utf-8")
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""))
