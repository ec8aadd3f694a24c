"""Deliveries are sent: what is sent, each attempt, and the queues of a connector. Messages without effect keep the
order numbers they are found by.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_delivery_connector_id_id_queued", "delivery")
    with op.batch_alter_table("delivery") as delivery:
        delivery.add_column(sa.Column("rank", sa.Integer(), server_default=sa.text("0"), nullable=False))
        delivery.add_column(sa.Column("message_id", ID, nullable=True))
        delivery.add_column(sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False))
        delivery.add_column(sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.execute(
        "UPDATE delivery SET message_id ="
        " (SELECT event.message_id FROM event WHERE event.id = delivery.event_id) WHERE state = 'queued'"
    )
    _index("ix_delivery_queue", ["connector_id", "id"], "state = 'queued'")
    _index("ix_delivery_front", ["connector_id", "rank", "id"], "state = 'queued' and rank < 0")
    _index("ix_delivery_failed", ["connector_id", "id"], "state = 'failed'")
    _index("ix_delivery_message_id", ["message_id"], "message_id is not null")
    op.create_table(
        "attempt",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("delivery_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("message_id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("took", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("accept_code", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("text", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    op.create_index("ix_attempt_delivery_id_number", "attempt", ["delivery_id", "number"])
    op.create_table(
        "message_number",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("message_id", ID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("number", "message_id", name=op.f("pk_message_number")),
    )


def downgrade() -> None:
    raise NotImplementedError("restore the copy that was made before the migration")


def _index(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "delivery", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
