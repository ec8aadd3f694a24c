"""Stage 8: sockets and mailboxes, one folder per kind. A connector knows bytes, not pharmacy."""
