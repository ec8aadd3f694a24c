"""The tables of the book: one schema for SQLite and PostgreSQL.

Conventions: ids come from one roll (`ticket`), so an id is also an order of commit across all tables; columns that
end in ``_at`` hold instants (`officina.clock`); states are words; JSON is compact text.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text, text

# The Alembic revision that makes this schema; a new migration changes both.
REVISION = "0010"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite makes only a column declared INTEGER the row id itself, so ids are INTEGER there and BIGINT elsewhere.
Id = BigInteger().with_variant(Integer(), "sqlite")
# Text that is searched by its beginning sorts by code point on both databases.
Key = Text().with_variant(Text(collation="C"), "postgresql")


def row_id() -> Column[int]:
    return Column("id", Id, primary_key=True, autoincrement=False)


def words(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default=text("''"))


# --- the roll of ids -------------------------------------------------------------------------------------------
ticket = Table("ticket", metadata, row_id(), Column("next", Id, nullable=False))

# --- who and where ---------------------------------------------------------------------------------------------
place = Table(
    "place",
    metadata,
    row_id(),
    Column("kind", Text, nullable=False),  # organisation | facility | unit | dispensary
    Column("parent_id", Id, ForeignKey("place.id")),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("time_zone", Text, nullable=False, server_default=text("'UTC'")),
    Column("state", Text, nullable=False, server_default=text("'active'")),  # active | inactive
    words("review"),  # whether orders of a facility are reviewed by its nurses: '' | orders
)
code_map = Table(
    "code_map",
    metadata,
    row_id(),
    Column("source", Text, nullable=False),  # the connector whose codes these are, or * for any
    Column("kind", Text, nullable=False),  # facility
    Column("code", Text, nullable=False),
    Column("place_id", Id, ForeignKey("place.id"), nullable=False),
    Index("uq_code_map_source_kind_code", "source", "kind", "code", unique=True),
)
person = Table(
    "person",
    metadata,
    row_id(),
    Column("login", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'active'")),  # active | inactive
    Column("failed_count", Integer, nullable=False, server_default=text("0")),
    Column("locked_until_at", BigInteger),
    Column("created_at", BigInteger, nullable=False),
)
role_grant = Table(
    "role_grant",
    metadata,
    row_id(),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False),
    Column("role", Text, nullable=False),
    Column("place_id", Id, ForeignKey("place.id")),  # null: everywhere
    Index("ix_role_grant_person_id", "person_id"),
)
session = Table(
    "session",
    metadata,
    row_id(),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("csrf", Text, nullable=False),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)
api_key = Table(
    "api_key",
    metadata,
    row_id(),
    Column("name", Text, nullable=False),
    Column("prefix", Text, nullable=False, unique=True),
    Column("digest", LargeBinary, nullable=False),
    Column("scopes", Text, nullable=False),  # permissions, separated by blanks
    Column("place_id", Id, ForeignKey("place.id")),  # null: everywhere
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
)

# --- how partners are connected --------------------------------------------------------------------------------
profile = Table(
    "profile",
    metadata,
    row_id(),
    Column("name", Text, nullable=False, unique=True),
    Column("body", Text, nullable=False),  # TOML, as its author wrote it
    Column("changed_at", BigInteger, nullable=False),
)
connector = Table(
    "connector",
    metadata,
    row_id(),
    Column("name", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),  # mllp_listener …: a name of the registry
    Column("state", Text, nullable=False, server_default=text("'active'")),  # active | suspended | inactive
    Column("profile", Text, nullable=False),
    Column("settings", Text, nullable=False, server_default=text("'{}'")),
    Column("changed_at", BigInteger, nullable=False),
    Column("keep_bodies_days", Integer),  # null: for ever
    Column("keep_metadata_days", Integer),
)
subscription = Table(
    "subscription",
    metadata,
    row_id(),
    Column("name", Text, nullable=False, unique=True),
    Column("event", Text, nullable=False),  # event kind, or a prefix that ends in *
    Column("place_id", Id, ForeignKey("place.id")),  # null: any
    Column("connector_id", Id, ForeignKey("connector.id"), nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'active'")),
    words("order_type"),  # '': any
)

# --- what came and went ----------------------------------------------------------------------------------------
message = Table(
    "message",
    metadata,
    row_id(),
    Column("connector_id", Id, nullable=False),
    Column("direction", Text, nullable=False),  # in | out
    Column("received_at", BigInteger, nullable=False),
    words("control_id"),  # MSH-10
    words("type"),  # RDE^O11
    words("version"),  # MSH-12
    words("sender"),  # MSH-3|MSH-4
    words("facility_code"),
    Column("place_id", Id),
    Column("patient_id", Id),
    Column("state", Text, nullable=False),  # workflow.intake.MessageState
    words("reason"),  # why it is in that state: a stable word
    words("ack_code"),  # AA AE AR CA CE CR, or '' where none was asked for
    Column("ack_outcome", Text, nullable=False),  # none | written | undeliverable
    Column("duplicate_of", Id),
    Column("digest", LargeBinary, nullable=False),  # blake2b-128 of the raw bytes
    Column("size", Integer, nullable=False),
    words("encoding"),
    Column("findings", Integer, nullable=False, server_default=text("0")),
)
Index(
    "ix_message_control_id_id",
    message.c.control_id,
    message.c.id,
    sqlite_where=text("control_id <> ''"),
    postgresql_where=text("control_id <> ''"),
)
# Nearly all messages are accepted, and a list of those needs no index.
Index(
    "ix_message_state_id",
    message.c.state,
    message.c.id,
    sqlite_where=text("state <> 'accepted'"),
    postgresql_where=text("state <> 'accepted'"),
)
Index("ix_message_type_id", message.c.type, message.c.id)
Index("ix_message_facility_code_id", message.c.facility_code, message.c.id)
Index("ix_message_received_at", message.c.received_at)
Index("ix_message_place_id_id", message.c.place_id, message.c.id)
Index("ix_message_connector_id_id", message.c.connector_id, message.c.id)
Index(
    "ix_message_id_outward",
    message.c.id,
    sqlite_where=text("direction <> 'in'"),
    postgresql_where=text("direction <> 'in'"),
)
# What needs a look at a place; nearly all messages are accepted and need none.
Index(
    "ix_message_place_id_state_id",
    message.c.place_id,
    message.c.state,
    message.c.id,
    sqlite_where=text("state <> 'accepted'"),
    postgresql_where=text("state <> 'accepted'"),
)
Index(
    "ix_message_patient_id",
    message.c.patient_id,
    sqlite_where=text("patient_id is not null"),
    postgresql_where=text("patient_id is not null"),
)
# Messages without a control id are told apart by their bytes.
Index(
    "ix_message_digest",
    message.c.digest,
    sqlite_where=text("control_id = ''"),
    postgresql_where=text("control_id = ''"),
)
Index(
    "ix_message_duplicate_of",
    message.c.duplicate_of,
    sqlite_where=text("duplicate_of is not null"),
    postgresql_where=text("duplicate_of is not null"),
)
message_body = Table(
    "message_body",
    metadata,
    Column("message_id", Id, primary_key=True, autoincrement=False),
    Column("raw", LargeBinary, nullable=False),  # packed
    Column("answer", LargeBinary, nullable=False),  # the acknowledgement as sent, unframed; empty if none
    Column("findings", Text, nullable=False, server_default=text("'[]'")),
)

# The order numbers of messages that had no effect on those orders, so that they are found by them all the same. Of the
# others, the events of the orders tell.
message_number = Table(
    "message_number",
    metadata,
    Column("number", Text, primary_key=True),
    Column("message_id", Id, primary_key=True, autoincrement=False),
    Index("ix_message_number_message_id", "message_id"),
)

# Pruning goes through the messages of a connector once, the oldest first. What it has to leave for later is noted, so
# that no run reads again what an earlier one has read.
retention = Table(
    "retention",
    metadata,
    Column("connector_id", Id, primary_key=True, autoincrement=False),
    Column("bodies_through", Id, nullable=False),  # the bodies of messages up to this one went, or are kept back
)
kept_back = Table(
    "kept_back",
    metadata,
    Column("connector_id", Id, primary_key=True, autoincrement=False),
    Column("message_id", Id, primary_key=True, autoincrement=False),
    Index("ix_kept_back_message_id", "message_id"),
)

# --- patients and their orders ---------------------------------------------------------------------------------
patient = Table(
    "patient",
    metadata,
    row_id(),
    Column("organisation_id", Id, ForeignKey("place.id"), nullable=False),
    words("family"),
    words("given"),
    words("middle"),
    words("born_on"),  # YYYY, YYYY-MM or YYYY-MM-DD
    words("sex"),
    words("address"),
    words("phone"),
    Column("name_key", Key, nullable=False, server_default=text("''")),  # folded family and given name, for search
    Column("changed_at", BigInteger, nullable=False),
)
Index("ix_patient_organisation_id_name_key_id", patient.c.organisation_id, patient.c.name_key, patient.c.id)
patient_identifier = Table(
    "patient_identifier",
    metadata,
    Column("organisation_id", Id, primary_key=True, autoincrement=False),
    Column("value", Text, primary_key=True),
    Column("type", Text, primary_key=True),
    Column("authority", Text, primary_key=True),
    Column("patient_id", Id, nullable=False),
    Index("ix_patient_identifier_patient_id", "patient_id"),
    sqlite_with_rowid=False,
)
visit = Table(
    "visit",
    metadata,
    row_id(),
    Column("patient_id", Id, nullable=False),
    Column("place_id", Id, nullable=False),
    words("number"),
    words("category"),  # PV1-2
    words("point_of_care"),
    words("room"),
    words("bed"),
    words("attending"),
    Column("admitted_at", BigInteger),
    Column("discharged_at", BigInteger),
    Column("changed_at", BigInteger, nullable=False),
    Index("uq_visit_patient_id_place_id_number", "patient_id", "place_id", "number", unique=True),
)
order = Table(
    "order",
    metadata,
    row_id(),
    Column("place_id", Id, nullable=False),
    Column("organisation_id", Id, nullable=False),
    Column("patient_id", Id, nullable=False),
    Column("visit_id", Id),
    words("placer_number"),
    words("filler_number"),
    words("prescription_number"),
    Column("status", Text, nullable=False),  # workflow.order_status
    words("control"),  # ORC-1 of the current version
    words("drug_code"),
    words("drug_text"),
    words("directions"),
    words("prescriber"),
    Column("start_at", BigInteger),
    Column("stop_at", BigInteger),
    Column("digest", LargeBinary, nullable=False),  # blake2b-128 of what was last asked for
    Column("version", Integer, nullable=False),
    Column("message_id", Id, nullable=False),  # the message of the current version
    Column("created_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)
Index(
    "ix_order_placer_number",
    order.c.placer_number,
    sqlite_where=text("placer_number <> ''"),
    postgresql_where=text("placer_number <> ''"),
)
Index(
    "ix_order_filler_number",
    order.c.filler_number,
    sqlite_where=text("filler_number <> ''"),
    postgresql_where=text("filler_number <> ''"),
)
Index(
    "ix_order_prescription_number",
    order.c.prescription_number,
    sqlite_where=text("prescription_number <> ''"),
    postgresql_where=text("prescription_number <> ''"),
)
Index("ix_order_patient_id_id", order.c.patient_id, order.c.id)
# Orders without any number are told apart by their facts.
_NUMBERLESS = text("placer_number = '' and filler_number = '' and prescription_number = ''")
Index("ix_order_digest", order.c.digest, sqlite_where=_NUMBERLESS, postgresql_where=_NUMBERLESS)
Index("ix_order_place_id_id", order.c.place_id, order.c.id)
Index("ix_order_status_id", order.c.status, order.c.id)
order_version = Table(
    "order_version",
    metadata,
    row_id(),
    Column("order_id", Id, nullable=False),
    Column("number", Integer, nullable=False),
    Column("message_id", Id, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("facts", LargeBinary, nullable=False),  # order.order.Order.facts() as compact JSON, packed
    Index("uq_order_version_order_id_number", "order_id", "number", unique=True),
)

# --- what happened, and whom it concerns -----------------------------------------------------------------------
event = Table(
    "event",
    metadata,
    row_id(),
    Column("at", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),  # order.created, message.parked, person.signed_in …
    Column("subject", Text, nullable=False),  # table name of the subject
    Column("subject_id", Id, nullable=False),
    Column("actor", Text, nullable=False),  # connector:NAME | person:LOGIN | key:PREFIX | system
    Column("patient_id", Id),
    Column("place_id", Id),
    Column("message_id", Id),  # the message that caused it
    Column("detail", Text),  # compact JSON, no patient data
)
Index("ix_event_subject_subject_id", event.c.subject, event.c.subject_id)
Index(
    "ix_event_patient_id",
    event.c.patient_id,
    sqlite_where=text("patient_id is not null"),
    postgresql_where=text("patient_id is not null"),
)
Index(
    "ix_event_message_id",
    event.c.message_id,
    sqlite_where=text("message_id is not null"),
    postgresql_where=text("message_id is not null"),
)
# What people and the hub did, without what messages caused: the audit trail.
Index(
    "ix_event_id_unprompted",
    event.c.id,
    sqlite_where=text("message_id is null"),
    postgresql_where=text("message_id is null"),
)
delivery = Table(
    "delivery",
    metadata,
    row_id(),
    Column("event_id", Id, nullable=False),
    Column("subscription_id", Id, nullable=False),
    Column("connector_id", Id, nullable=False),
    words("lane"),  # what must stay in order: '' all of the connector, else the patient or the order
    Column("state", Text, nullable=False),  # workflow.delivery.DeliveryState
    Column("created_at", BigInteger, nullable=False),
    Column("rank", Integer, nullable=False, server_default=text("0")),  # below 0: put before the others by a person
    Column("message_id", Id),  # what is sent; null until it has been written
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    words("reason"),  # why it failed: a stable word
    Column("requeued_at", BigInteger),  # when a person last queued it again
    Column("spent", Integer, nullable=False, server_default=text("0")),  # attempts made before that
)
Index(
    "ix_delivery_queue",
    delivery.c.connector_id,
    delivery.c.id,
    sqlite_where=text("state = 'queued'"),
    postgresql_where=text("state = 'queued'"),
)
Index(
    "ix_delivery_front",
    delivery.c.connector_id,
    delivery.c.rank,
    delivery.c.id,
    sqlite_where=text("state = 'queued' and rank < 0"),
    postgresql_where=text("state = 'queued' and rank < 0"),
)
Index(
    "ix_delivery_failed",
    delivery.c.connector_id,
    delivery.c.id,
    sqlite_where=text("state = 'failed'"),
    postgresql_where=text("state = 'failed'"),
)
Index(
    "ix_delivery_message_id",
    delivery.c.message_id,
    sqlite_where=text("message_id is not null"),
    postgresql_where=text("message_id is not null"),
)
attempt = Table(
    "attempt",
    metadata,
    row_id(),
    Column("delivery_id", Id, nullable=False),
    Column("number", Integer, nullable=False),  # from 1, over all resubmissions
    Column("message_id", Id, nullable=False),  # what was sent
    Column("at", BigInteger, nullable=False),
    Column("took", BigInteger, nullable=False),  # microseconds until the answer, or until it was given up
    Column("result", Text, nullable=False),  # workflow.delivery.Result
    words("code"),  # MSA-1 of the application acknowledgement: AA AE AR
    words("accept_code"),  # MSA-1 of the commit acknowledgement, in enhanced mode: CA CE CR
    words("text"),  # the receiver's words, or why there are none
    Column(
        "answer", LargeBinary, nullable=False
    ),  # the application acknowledgement as received, unframed; empty if none
    Column("accept_answer", LargeBinary),  # the commit acknowledgement, likewise
)
Index("ix_attempt_delivery_id_number", attempt.c.delivery_id, attempt.c.number)
Index("ix_attempt_message_id", attempt.c.message_id)
Index("ix_delivery_event_id", delivery.c.event_id)

# --- what is wrong, and who was told ---------------------------------------------------------------------------
alert_rule = Table(
    "alert_rule",
    metadata,
    row_id(),
    Column("kind", Text, nullable=False),  # workflow.alert.Kind
    Column("subject", Text, nullable=False),  # whom it concerns, or * for every subject
    Column("state", Text, nullable=False, server_default=text("'active'")),  # active | inactive: not watched
    Column("settings", Text, nullable=False, server_default=text("'{}'")),
    Index("uq_alert_rule_kind_subject", "kind", "subject", unique=True),
)
notify = Table(
    "notify",
    metadata,
    row_id(),
    Column("name", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),  # email | webhook
    Column("state", Text, nullable=False, server_default=text("'active'")),
    Column("settings", Text, nullable=False, server_default=text("'{}'")),
)
alert = Table(
    "alert",
    metadata,
    row_id(),
    Column("kind", Text, nullable=False),  # workflow.alert.Kind
    Column("subject", Text, nullable=False),  # a connector's name, a setting, database
    Column("text", Text, nullable=False),  # what was wrong when it opened, in plain words
    Column("urgent", Integer, nullable=False),  # 0 | 1
    Column("opened_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Column("acknowledged_at", BigInteger),
    words("acknowledged_by"),
)
Index(
    "uq_alert_open",
    alert.c.kind,
    alert.c.subject,
    unique=True,
    sqlite_where=text("closed_at is null"),
    postgresql_where=text("closed_at is null"),
)
notice = Table(
    "notice",
    metadata,
    row_id(),
    Column("alert_id", Id, nullable=False),
    Column("notify", Text, nullable=False),  # the name of the way it is told
    Column("what", Text, nullable=False),  # opened | repeated | closed
    Column("state", Text, nullable=False),  # waiting | told | dropped
    Column("due_at", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("told_at", BigInteger),
    Index("ix_notice_alert_id", "alert_id"),
)
Index(
    "ix_notice_waiting",
    notice.c.due_at,
    notice.c.id,
    sqlite_where=text("state = 'waiting'"),
    postgresql_where=text("state = 'waiting'"),
)

# --- the site as it was ----------------------------------------------------------------------------------------
site_version = Table(  # the whole site as a file, after each change
    "site_version",
    metadata,
    row_id(),
    Column("number", Integer, nullable=False),  # from 1, without gaps
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("summary", Text, nullable=False),  # what changed, in one line
    Column("digest", Text, nullable=False),  # SHA-256 of the body
    Column("body", Text, nullable=False),
    Index("uq_site_version_number", "number", unique=True),
)

# --- how much came and went -------------------------------------------------------------------------------------
traffic = Table(
    "traffic",
    metadata,
    Column("begins_at", BigInteger, primary_key=True, autoincrement=False),
    Column("connector_id", Id, primary_key=True, autoincrement=False),
    *[
        Column(name, Integer, nullable=False, server_default=text("0"))
        for name in ("taken", "no_effect", "refused", "sent", "not_sent")
    ],
)

# --- which of several hubs does what ----------------------------------------------------------------------------
lease = Table(
    "lease",
    metadata,
    Column("name", Text, primary_key=True),  # deliveries:ID | housekeeping | hub:NAME, a hub's sign of life
    Column("holder", Text, nullable=False),  # the name of the hub that has it, or had it last
    Column("token", BigInteger, nullable=False),  # grows whenever somebody else takes it
    Column("until_at", BigInteger, nullable=False),  # by the clock of the database
)
