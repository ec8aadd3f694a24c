"""Fixtures every room may use."""

from __future__ import annotations

import os

from hypothesis import settings

pytest_plugins = ["tests.support.databases"]

# No test is timed: a busy machine must not make a right answer wrong. The same examples in every run of CI.
settings.register_profile("hub", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("hub")
