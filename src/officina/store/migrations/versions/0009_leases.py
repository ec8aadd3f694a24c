"""Several hubs may share a book: leases. What a person queued again has its whole allowance of attempts and age again.
The commit acknowledgement of an attempt is kept apart from the application acknowledgement.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lease",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.add_column("delivery", sa.Column("requeued_at", sa.BigInteger(), nullable=True))
    op.add_column("delivery", sa.Column("spent", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("attempt", sa.Column("accept_answer", sa.LargeBinary(), nullable=True))
    moved = sa.text(
        "UPDATE attempt SET accept_code = code, code = '', accept_answer = answer, answer = :empty"
        " WHERE code IN ('CA', 'CE', 'CR') AND accept_code = ''"
    )
    op.execute(moved.bindparams(sa.bindparam("empty", b"", sa.LargeBinary())))


def downgrade() -> None:
    raise NotImplementedError("restore the copy that was made before the migration")
