"""Stage 10: the interface for partners' programs."""
