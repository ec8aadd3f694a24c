"""What a book must look like after a crash: questions in plain SQL, asked past the hub's own code.

The same statements run on both databases.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import psycopg

# Each statement finds rows that must not exist. The load consists of new orders alone, and one subscription wants
# every order event.
BROKEN = {
    "a message without its bytes": """
        SELECT m.id FROM message m LEFT JOIN message_body b ON b.message_id = m.id WHERE b.message_id IS NULL""",
    "bytes without their message": """
        SELECT b.message_id FROM message_body b LEFT JOIN message m ON m.id = b.message_id WHERE m.id IS NULL""",
    "an accepted message without an order version": """
        SELECT m.id FROM message m LEFT JOIN order_version v ON v.message_id = m.id
        WHERE m.state = 'accepted' AND v.id IS NULL""",
    "an accepted message without the acknowledgement it was given": """
        SELECT m.id FROM message m JOIN message_body b ON b.message_id = m.id
        WHERE m.direction = 'in' AND (m.ack_code <> 'AA' OR length(b.answer) = 0)""",
    "a message that is neither accepted nor a duplicate": """
        SELECT id FROM message WHERE direction = 'in' AND state NOT IN ('accepted', 'duplicate')""",
    "a composed message that no delivery sends": """
        SELECT m.id FROM message m LEFT JOIN delivery d ON d.message_id = m.id
        WHERE m.direction = 'out' AND d.id IS NULL""",
    "a duplicate of nothing": """
        SELECT m.id FROM message m LEFT JOIN message o ON o.id = m.duplicate_of
        WHERE m.state = 'duplicate' AND (o.id IS NULL OR o.control_id <> m.control_id)""",
    "a control id that was accepted twice": """
        SELECT min(id) FROM message WHERE state = 'accepted' GROUP BY control_id HAVING count(*) > 1""",
    "an order number with two orders": """
        SELECT min(id) FROM "order" GROUP BY placer_number HAVING count(*) > 1""",
    "an order without exactly one version": """
        SELECT o.id FROM "order" o LEFT JOIN order_version v ON v.order_id = o.id
        GROUP BY o.id HAVING count(v.id) <> 1""",
    "a version without its order": """
        SELECT v.id FROM order_version v LEFT JOIN "order" o ON o.id = v.order_id WHERE o.id IS NULL""",
    "an order without exactly one event": """
        SELECT o.id FROM "order" o LEFT JOIN event e ON e.subject = 'order' AND e.subject_id = o.id
        GROUP BY o.id HAVING count(e.id) <> 1""",
    "an order without its patient": """
        SELECT o.id FROM "order" o LEFT JOIN patient p ON p.id = o.patient_id WHERE p.id IS NULL""",
    "a patient without an identifier": """
        SELECT p.id FROM patient p LEFT JOIN patient_identifier i ON i.patient_id = p.id WHERE i.patient_id IS NULL""",
    "an order event without exactly one delivery": """
        SELECT e.id FROM event e LEFT JOIN delivery d ON d.event_id = e.id
        WHERE e.subject = 'order' GROUP BY e.id HAVING count(d.id) <> 1""",
    "a delivery that does not count its attempts": """
        SELECT d.id FROM delivery d LEFT JOIN attempt a ON a.delivery_id = d.id
        GROUP BY d.id, d.attempts HAVING count(a.id) <> d.attempts""",
    "an attempt at nothing": """
        SELECT a.id FROM attempt a LEFT JOIN delivery d ON d.id = a.delivery_id WHERE d.id IS NULL""",
    "a delivered message that nobody took": """
        SELECT d.id FROM delivery d LEFT JOIN attempt a ON a.delivery_id = d.id AND a.result = 'accepted'
        WHERE (d.state = 'delivered') <> (a.id IS NOT NULL)""",
}


class Book:
    """A connection of the test's own."""

    def __init__(self, url: str) -> None:
        self._connection: Any
        if url.startswith("sqlite"):
            self._connection = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30, isolation_level=None)
        else:
            self._connection = psycopg.connect(url, autocommit=True)

    def rows(self, statement: str) -> Sequence[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self._connection.execute(statement).fetchall()
        return found

    def last_id(self) -> int:
        """The id of the newest message; cheap, so that it can be asked again and again."""
        return int(self.rows("SELECT coalesce(max(id), 0) FROM message")[0][0])

    def broken(self) -> dict[str, list[int]]:
        """What is half there: the ids found by each statement, a few of them."""
        found = {name: [int(row[0]) for row in self.rows(statement)[:5]] for name, statement in BROKEN.items()}
        return {name: ids for name, ids in found.items() if ids}

    def accepted(self) -> set[tuple[str, str]]:
        """(control id, order number) of every order that stands in the book, by the message that made it."""
        statement = """
            SELECT m.control_id, o.placer_number FROM message m
            JOIN order_version v ON v.message_id = m.id JOIN "order" o ON o.id = v.order_id
            WHERE m.state = 'accepted'"""
        return {(control_id, number) for control_id, number in self.rows(statement)}

    def outgoing(self) -> list[str]:
        """The control ids of what is to be delivered, in its order."""
        statement = "SELECT m.control_id FROM delivery d JOIN message m ON m.id = d.message_id ORDER BY d.id"
        return [control_id for (control_id,) in self.rows(statement)]

    def queued(self) -> int:
        """How much is not delivered yet."""
        return int(self.rows("SELECT count(*) FROM delivery WHERE state = 'queued'")[0][0])

    def close(self) -> None:
        self._connection.close()
