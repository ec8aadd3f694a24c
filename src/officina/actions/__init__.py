"""Stage 6: use cases. One function, one transaction, one audit line; nothing else writes."""
