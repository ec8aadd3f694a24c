"""The tables of what a care home makes of its pharmacy's orders: residents, reviews, medications, decisions."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text, text

from officina.store.schema import Id, metadata, row_id, words

resident = Table(
    "resident",
    metadata,
    Column("patient_id", Id, primary_key=True, autoincrement=False),
    Column("place_id", Id, nullable=False),  # the facility
    Column("state", Text, nullable=False),  # admitted | discharged
    words("allergies"),  # one a line
    Column("admitted_at", BigInteger, nullable=False),
    Column("discharged_at", BigInteger),
    Column("changed_at", BigInteger, nullable=False),
    Index("ix_resident_place_id_state_patient_id", "place_id", "state", "patient_id"),
)
review = Table(
    "review",
    metadata,
    Column("order_id", Id, primary_key=True, autoincrement=False),
    Column("place_id", Id, nullable=False),
    Column("patient_id", Id, nullable=False),
    Column("version", Integer, nullable=False),  # of the order, that is to be reviewed or was
    Column("state", Text, nullable=False),  # workflow.review.ReviewState
    Column("opened_at", BigInteger, nullable=False),
    words("assigned_to"),  # a person's login
    words("first_by"),  # who approved, while a second nurse is awaited
    words("note"),  # why it is held
    Column("changed_at", BigInteger, nullable=False),
)
Index(
    "ix_review_place_id_opened_at_order_id",
    review.c.place_id,
    review.c.opened_at,
    review.c.order_id,
    sqlite_where=text("state <> 'done'"),
    postgresql_where=text("state <> 'done'"),
)
Index("ix_review_patient_id", review.c.patient_id)
medication = Table(
    "medication",
    metadata,
    row_id(),
    Column("place_id", Id, nullable=False),
    Column("patient_id", Id, nullable=False),
    Column("order_id", Id),  # whose facts these are
    words("drug_text"),
    Column("facts", LargeBinary, nullable=False),  # as order_version.facts
    Column("starts_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger),
    Column("changed_at", BigInteger, nullable=False),
    Index("ix_medication_patient_id_id", "patient_id", "id"),
)
decision = Table(
    "decision",
    metadata,
    row_id(),
    Column("order_id", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("patient_id", Id, nullable=False),
    Column("place_id", Id, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("by", Text, nullable=False),  # person:LOGIN
    Column("kind", Text, nullable=False),  # workflow.review.Verdict
    Column("medication_id", Id),
    Column("message_id", Id, nullable=False),
    Column("message_digest", LargeBinary, nullable=False),
    words("reason"),
    Column("shown", LargeBinary, nullable=False),  # what was on the screen, as compact JSON, packed
    Column("before", LargeBinary),  # the medication as it stood, packed: what undoing puts back
    Column("undone_at", BigInteger),
    Index("ix_decision_order_id_id", "order_id", "id"),
    Index("ix_decision_place_id_id", "place_id", "id"),
)
