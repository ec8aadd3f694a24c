"""MLLP sender: gives messages to a partner's listener and waits for the answers."""
