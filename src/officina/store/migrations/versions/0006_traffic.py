"""How much comes and goes is counted for each connector.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    counts = ("taken", "no_effect", "refused", "sent", "not_sent")
    op.create_table(
        "traffic",
        sa.Column("begins_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("connector_id", ID, autoincrement=False, nullable=False),
        *[sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False) for name in counts],
        sa.PrimaryKeyConstraint("begins_at", "connector_id", name=op.f("pk_traffic")),
    )


def downgrade() -> None:
    raise NotImplementedError("restore the copy that was made before the migration")
