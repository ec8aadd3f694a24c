"""Fixtures every room may use."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

pytest_plugins = ["tests.support.databases"]

# No test is timed: a busy machine must not make a right answer wrong. The same examples in every run of CI.
settings.register_profile("hub", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("hub")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys last: Playwright keeps a loop running in its thread, in which no other test could run one."""
    items.sort(key=lambda item: "journeys" in item.path.parts)
