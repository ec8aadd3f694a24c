"""Care homes review what their pharmacy sends: residents, reviews, medications and decisions.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _id(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, ID, autoincrement=False, nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False)


def _at(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def upgrade() -> None:
    op.add_column("place", _text("review"))
    op.create_table(
        "resident",
        _id("patient_id"),
        _id("place_id"),
        sa.Column("state", sa.Text(), nullable=False),
        _text("allergies"),
        _at("admitted_at"),
        _at("discharged_at", nullable=True),
        _at("changed_at"),
        sa.PrimaryKeyConstraint("patient_id", name=op.f("pk_resident")),
    )
    op.create_index("ix_resident_place_id_state_patient_id", "resident", ["place_id", "state", "patient_id"])
    op.create_table(
        "review",
        _id("order_id"),
        _id("place_id"),
        _id("patient_id"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        _at("opened_at"),
        _text("assigned_to"),
        _text("first_by"),
        _text("note"),
        _at("changed_at"),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_review")),
    )
    pending = sa.text("state <> 'done'")
    op.create_index(
        "ix_review_place_id_opened_at_order_id",
        "review",
        ["place_id", "opened_at", "order_id"],
        sqlite_where=pending,
        postgresql_where=pending,
    )
    op.create_index("ix_review_patient_id", "review", ["patient_id"])
    op.create_table(
        "medication",
        _id("id"),
        _id("place_id"),
        _id("patient_id"),
        _id("order_id", nullable=True),
        _text("drug_text"),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        _at("starts_at"),
        _at("ends_at", nullable=True),
        _at("changed_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_medication")),
    )
    op.create_index("ix_medication_patient_id_id", "medication", ["patient_id", "id"])
    op.create_table(
        "decision",
        _id("id"),
        _id("order_id"),
        sa.Column("version", sa.Integer(), nullable=False),
        _id("patient_id"),
        _id("place_id"),
        _at("at"),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        _id("medication_id", nullable=True),
        _id("message_id"),
        sa.Column("message_digest", sa.LargeBinary(), nullable=False),
        _text("reason"),
        sa.Column("shown", sa.LargeBinary(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=True),
        _at("undone_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index("ix_decision_order_id_id", "decision", ["order_id", "id"])
    op.create_index("ix_decision_place_id_id", "decision", ["place_id", "id"])


def downgrade() -> None:
    raise NotImplementedError("restore the copy that was made before the migration")
