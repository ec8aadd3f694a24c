"""Stage 4: what may happen next. Every status table lives here and nowhere else."""
