"""The spine: places, people, connectors, messages, patients, orders, events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "connector",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'active'"), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connector")),
        sa.UniqueConstraint("name", name=op.f("uq_connector_name")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("event_id", ID, nullable=False),
        sa.Column("subscription_id", ID, nullable=False),
        sa.Column("connector_id", ID, nullable=False),
        sa.Column("lane", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    op.create_index(
        "ix_delivery_connector_id_id_queued",
        "delivery",
        ["connector_id", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index("ix_delivery_event_id", "delivery", ["event_id"], unique=False)

    op.create_table(
        "event",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("patient_id", ID, nullable=True),
        sa.Column("place_id", ID, nullable=True),
        sa.Column("message_id", ID, nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index(
        "ix_event_id_unprompted",
        "event",
        ["id"],
        unique=False,
        sqlite_where=sa.text("message_id is null"),
        postgresql_where=sa.text("message_id is null"),
    )
    op.create_index(
        "ix_event_message_id",
        "event",
        ["message_id"],
        unique=False,
        sqlite_where=sa.text("message_id is not null"),
        postgresql_where=sa.text("message_id is not null"),
    )
    op.create_index(
        "ix_event_patient_id",
        "event",
        ["patient_id"],
        unique=False,
        sqlite_where=sa.text("patient_id is not null"),
        postgresql_where=sa.text("patient_id is not null"),
    )
    op.create_index("ix_event_subject_subject_id", "event", ["subject", "subject_id"], unique=False)

    op.create_table(
        "message",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("connector_id", ID, nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("control_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("type", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("version", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("sender", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("facility_code", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("place_id", ID, nullable=True),
        sa.Column("patient_id", ID, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("ack_code", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("ack_outcome", sa.Text(), nullable=False),
        sa.Column("duplicate_of", ID, nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("encoding", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("findings", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index("ix_message_connector_id_id", "message", ["connector_id", "id"], unique=False)
    op.create_index(
        "ix_message_control_id_id",
        "message",
        ["control_id", "id"],
        unique=False,
        sqlite_where=sa.text("control_id <> ''"),
        postgresql_where=sa.text("control_id <> ''"),
    )
    op.create_index(
        "ix_message_digest",
        "message",
        ["digest"],
        unique=False,
        sqlite_where=sa.text("control_id = ''"),
        postgresql_where=sa.text("control_id = ''"),
    )
    op.create_index(
        "ix_message_duplicate_of",
        "message",
        ["duplicate_of"],
        unique=False,
        sqlite_where=sa.text("duplicate_of is not null"),
        postgresql_where=sa.text("duplicate_of is not null"),
    )
    op.create_index("ix_message_facility_code_id", "message", ["facility_code", "id"], unique=False)
    op.create_index(
        "ix_message_id_outward",
        "message",
        ["id"],
        unique=False,
        sqlite_where=sa.text("direction <> 'in'"),
        postgresql_where=sa.text("direction <> 'in'"),
    )
    op.create_index(
        "ix_message_patient_id",
        "message",
        ["patient_id"],
        unique=False,
        sqlite_where=sa.text("patient_id is not null"),
        postgresql_where=sa.text("patient_id is not null"),
    )
    op.create_index("ix_message_place_id_id", "message", ["place_id", "id"], unique=False)
    op.create_index(
        "ix_message_place_id_state_id",
        "message",
        ["place_id", "state", "id"],
        unique=False,
        sqlite_where=sa.text("state <> 'accepted'"),
        postgresql_where=sa.text("state <> 'accepted'"),
    )
    op.create_index("ix_message_received_at", "message", ["received_at"], unique=False)
    op.create_index("ix_message_state_id", "message", ["state", "id"], unique=False)
    op.create_index("ix_message_type_id", "message", ["type", "id"], unique=False)

    op.create_table(
        "message_body",
        sa.Column("message_id", ID, autoincrement=False, nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("findings", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_message_body")),
    )
    op.create_table(
        "order",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("place_id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("patient_id", ID, nullable=False),
        sa.Column("visit_id", ID, nullable=True),
        sa.Column("placer_number", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("filler_number", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("prescription_number", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("control", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("drug_code", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("drug_text", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("directions", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("prescriber", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("start_at", sa.BigInteger(), nullable=True),
        sa.Column("stop_at", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("message_id", ID, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order")),
    )
    op.create_index(
        "ix_order_digest",
        "order",
        ["digest"],
        unique=False,
        sqlite_where=sa.text("placer_number = '' and filler_number = '' and prescription_number = ''"),
        postgresql_where=sa.text("placer_number = '' and filler_number = '' and prescription_number = ''"),
    )
    op.create_index(
        "ix_order_filler_number",
        "order",
        ["filler_number"],
        unique=False,
        sqlite_where=sa.text("filler_number <> ''"),
        postgresql_where=sa.text("filler_number <> ''"),
    )
    op.create_index("ix_order_patient_id_id", "order", ["patient_id", "id"], unique=False)
    op.create_index("ix_order_place_id_id", "order", ["place_id", "id"], unique=False)
    op.create_index(
        "ix_order_placer_number",
        "order",
        ["placer_number"],
        unique=False,
        sqlite_where=sa.text("placer_number <> ''"),
        postgresql_where=sa.text("placer_number <> ''"),
    )
    op.create_index(
        "ix_order_prescription_number",
        "order",
        ["prescription_number"],
        unique=False,
        sqlite_where=sa.text("prescription_number <> ''"),
        postgresql_where=sa.text("prescription_number <> ''"),
    )
    op.create_index("ix_order_status_id", "order", ["status", "id"], unique=False)

    op.create_table(
        "order_version",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("order_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("message_id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_version")),
    )
    op.create_index("ix_order_version_message_id", "order_version", ["message_id"], unique=False)
    op.create_index("uq_order_version_order_id_number", "order_version", ["order_id", "number"], unique=True)

    op.create_table(
        "patient_identifier",
        sa.Column("organisation_id", ID, autoincrement=False, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("patient_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "value", "type", "authority", name=op.f("pk_patient_identifier")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_patient_identifier_patient_id", "patient_identifier", ["patient_id"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'active'"), nullable=False),
        sa.Column("failed_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("locked_until_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("login", name=op.f("uq_person_login")),
    )
    op.create_table(
        "place",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_id", ID, nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), server_default=sa.text("'UTC'"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'active'"), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["place.id"], name=op.f("fk_place_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
        sa.UniqueConstraint("code", name=op.f("uq_place_code")),
    )
    op.create_table(
        "profile",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profile")),
        sa.UniqueConstraint("name", name=op.f("uq_profile_name")),
    )
    op.create_table(
        "ticket",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("next", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
    )
    op.create_table(
        "visit",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("patient_id", ID, nullable=False),
        sa.Column("place_id", ID, nullable=False),
        sa.Column("number", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("category", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("point_of_care", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("room", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("bed", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("attending", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("admitted_at", sa.BigInteger(), nullable=True),
        sa.Column("discharged_at", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
    )
    op.create_index("uq_visit_patient_id_place_id_number", "visit", ["patient_id", "place_id", "number"], unique=True)

    op.create_table(
        "api_key",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("place_id", ID, nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_api_key_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_key_prefix")),
    )
    op.create_table(
        "code_map",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("place_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_code_map_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_map")),
    )
    op.create_index("uq_code_map_source_kind_code", "code_map", ["source", "kind", "code"], unique=True)

    op.create_table(
        "patient",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("family", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("given", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("middle", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("born_on", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("sex", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("address", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("phone", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("name_key", KEY, server_default=sa.text("''"), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["place.id"], name=op.f("fk_patient_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient")),
    )
    op.create_index(
        "ix_patient_organisation_id_name_key_id", "patient", ["organisation_id", "name_key", "id"], unique=False
    )

    op.create_table(
        "role_grant",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("place_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_grant_person_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_role_grant_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    op.create_index("ix_role_grant_person_id", "role_grant", ["person_id"], unique=False)

    op.create_table(
        "session",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_session_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_session_digest")),
    )
    op.create_table(
        "subscription",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("place_id", ID, nullable=True),
        sa.Column("connector_id", ID, nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'active'"), nullable=False),
        sa.ForeignKeyConstraint(["connector_id"], ["connector.id"], name=op.f("fk_subscription_connector_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_subscription_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint("name", name=op.f("uq_subscription_name")),
    )
    op.execute("INSERT INTO ticket (id, next) VALUES (1, 1)")
