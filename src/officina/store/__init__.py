"""Stage 7: the book. Schema, queries and migrations for SQLite and PostgreSQL; all SQL is here."""
