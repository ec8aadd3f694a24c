"""Stage 2: what a partner meant. Profiles (dialects, as data), extraction, validation, routing, duplicates."""
