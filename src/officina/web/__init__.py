"""Stage 11: the screens for people."""
