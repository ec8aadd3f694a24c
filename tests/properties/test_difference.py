"""A profile compared with itself shows no difference, whatever the message; what is compared is all text."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.properties.test_profile import PROFILES, SEGMENTS

from officina.actions.receive import Source, read, stated
from officina.actions.receive.difference import difference
from officina.message.profile import Profile
from officina.message.route import Routed

ROUTES = {"OAKS": Routed(2, 1, UTC)}


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
@given(segments=st.lists(SEGMENTS, max_size=10), kind=st.sampled_from(["RDE^O11", "ORM^O01", "RDS^O13", "^"]))
def test_the_same_profile_shows_no_difference(profile: Profile, segments: list[str], kind: str) -> None:
    text = "\r".join([f"MSH|^~\\&|A|OAKS|||2026||{kind}|1|P|2.5", "PID|||7", "ORC|NW|P1", *segments])
    source = Source(1, "pharmacy", profile, ROUTES)
    before, after = (stated(read(text.encode(), source, at=at)) for at in (1, 2))
    assert not difference(before, after)
    assert all(isinstance(each, str) and each for each in before.flat().values())
