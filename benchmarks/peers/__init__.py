"""The other servers of the comparison. Each file runs in the peers' own environment (`.venv-bench`)."""
