"""Each connector may say how long its messages are kept; what is older is pruned.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("connector") as connector:
        connector.add_column(sa.Column("keep_bodies_days", sa.Integer(), nullable=True))
        connector.add_column(sa.Column("keep_metadata_days", sa.Integer(), nullable=True))
    op.create_table(
        "retention",
        sa.Column("connector_id", ID, autoincrement=False, nullable=False),
        sa.Column("bodies_through", ID, nullable=False),
        sa.PrimaryKeyConstraint("connector_id", name=op.f("pk_retention")),
    )
    op.create_table(
        "kept_back",
        sa.Column("connector_id", ID, autoincrement=False, nullable=False),
        sa.Column("message_id", ID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("connector_id", "message_id", name=op.f("pk_kept_back")),
    )
    op.create_index("ix_kept_back_message_id", "kept_back", ["message_id"])
    op.create_index("ix_message_number_message_id", "message_number", ["message_id"])
    op.create_index("ix_attempt_message_id", "attempt", ["message_id"])


def downgrade() -> None:
    raise NotImplementedError("restore the copy that was made before the migration")
