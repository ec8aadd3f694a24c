"""Packed messages and facts; two indexes fewer for each message.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from officina.packed import Like, pack

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

AT_ONCE = 1_000


def upgrade() -> None:
    op.drop_index("ix_order_version_message_id", "order_version")
    op.drop_index("ix_message_state_id", "message")
    op.create_index(
        "ix_message_state_id",
        "message",
        ["state", "id"],
        sqlite_where=sa.text("state <> 'accepted'"),
        postgresql_where=sa.text("state <> 'accepted'"),
    )
    with op.batch_alter_table("order_version") as order_version:
        order_version.alter_column(
            "facts",
            type_=sa.LargeBinary(),
            existing_type=sa.Text(),
            existing_nullable=False,
            postgresql_using="convert_to(facts, 'UTF8')",
        )
    _pack("message_body", "message_id", "raw", Like.MESSAGE)
    _pack("order_version", "id", "facts", Like.FACTS)


def downgrade() -> None:
    raise NotImplementedError("restore the copy that was made before the migration")


def _pack(table: str, key: str, column: str, like: Like) -> None:
    """A thousand rows at a time, so that a book of any size fits into memory."""
    book = op.get_bind()
    read = sa.text(f"SELECT {key}, {column} FROM {table} WHERE {key} > :last ORDER BY {key} LIMIT {AT_ONCE}")
    write = sa.text(f"UPDATE {table} SET {column} = :packed WHERE {key} = :key")
    last = 0
    while rows := book.execute(read, {"last": last}).all():
        packed = [{"key": row[0], "packed": pack(_content(row[1]), like)} for row in rows]
        book.execute(write, packed)
        last = rows[-1][0]


def _content(value: str | bytes | memoryview) -> bytes:
    return value.encode("utf-8", "replace") if isinstance(value, str) else bytes(value)
