"""Stage 1: bytes to structures and back, without I/O. Knows HL7, knows nothing of pharmacies."""
