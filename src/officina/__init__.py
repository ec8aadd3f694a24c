"""Officina, the open pharmacy integration hub."""

__version__ = "0.1.0"
