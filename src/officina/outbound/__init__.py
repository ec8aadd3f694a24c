"""Stage 5: which events become deliveries to whom."""
