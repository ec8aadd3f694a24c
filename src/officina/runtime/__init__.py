"""Stage 9: what keeps running: supervisor, intake, live signals, logs."""
