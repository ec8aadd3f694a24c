"""`officina profile`: check, show, and test on samples."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.samples import rde_o11
from tests.unit.cli.conftest import Officina

DIALECTS = Path(__file__).parents[3] / "docs" / "howto" / "dialects"
OWN = 'extends = "hl7"\n[order]\ndrug_code = { from = "RXE-2.1", as = "lower" }\n'


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(OWN)
    (tmp_path / "sample.hl7").write_bytes(rde_o11())
    return path


def test_a_sound_profile_is_said_to_be_so(officina: Officina, profile: Path) -> None:
    assert officina("profile", "check", str(profile))[:2] == (0, "own is a sound profile.\n")
    assert officina("profile", "check", "ltc").code == 0


def test_a_mistake_is_told_with_key_line_and_remedy(officina: Officina, profile: Path) -> None:
    profile.write_text(OWN.replace("drug_code", "drug_cod"))
    ran = officina("profile", "check", str(profile))
    assert ran.code == 3
    assert ran.err == "officina: order.drug_cod (line 3): unknown key\n  → did you mean drug_code?\n"


def test_a_profile_nobody_knows_is_not_found(officina: Officina) -> None:
    ran = officina("profile", "check", "nobody")
    assert ran.code == 4
    assert "hl7, ltc, tracking-orm" in ran.err


def test_show_says_where_each_value_comes_from(officina: Officina, profile: Path) -> None:
    lines = [line.split() for line in officina("profile", "show", str(profile)).out.splitlines()]
    assert [line[-1] for line in lines if line[0] == "order.drug_code"] == ["own"]
    assert [line[-1] for line in lines if line[0] == "order.drug_text"] == ["hl7"]


def test_a_sample_without_expectations_is_not_well(officina: Officina, profile: Path) -> None:
    ran = officina("profile", "test", str(profile), str(profile.parent))
    assert ran.code == 8
    assert "nothing is expected of it" in ran.out


def test_expectations_are_written_and_then_hold(officina: Officina, profile: Path) -> None:
    sample = profile.parent / "sample.hl7"
    assert officina("profile", "test", str(profile), str(sample), "--write", "--zone", "America/Chicago").code == 0
    written = sample.with_suffix(".toml").read_text()
    assert 'zone = "America/Chicago"' in written
    assert 'order[1].entered_at = "2026-07-14T08:25:00-05:00"' in written
    ran = officina("profile", "test", str(profile), str(sample))
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "1 of 1 samples are read as expected.")


def test_what_differs_is_shown_and_ends_with_8(officina: Officina, profile: Path) -> None:
    expected = profile.parent / "sample.toml"
    expected.write_text('[expect]\nfate = "ignored"\norder[1].drug_code = "00071015523"\norder[2].control = ""\n')
    ran = officina("profile", "test", str(profile), str(profile.parent))
    assert ran.code == 8
    assert "fate: ignored was expected, order is read" in ran.out
    assert "drug_code" not in ran.out  # nothing is said of what fits
    assert "0 of 1 samples" in ran.out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[expct]\nfate = "order"', "did you mean expect?"),
        ("[expect]\nfate = 1", "must be a text"),
        ("[expect]\nfate = ", "is not TOML"),
        ('zone = "Mars/Base"\n[expect]\nfate = "order"', "there is no time zone Mars/Base"),
    ],
)
def test_a_mistake_in_the_expectations_is_told(officina: Officina, profile: Path, text: str, told: str) -> None:
    (profile.parent / "sample.toml").write_text(text)
    ran = officina("profile", "test", str(profile), str(profile.parent))
    assert ran.code == 3
    assert told in ran.err


@pytest.mark.parametrize("folder", sorted(DIALECTS.iterdir()), ids=lambda each: each.name)
def test_the_worked_examples_are_read_as_they_say(officina: Officina, folder: Path) -> None:
    ran = officina("profile", "test", str(folder / "profile.toml"), str(folder))
    assert ran.code == 0, ran.out
    assert f"`dialects/{folder.name}`" in (DIALECTS.parent / "write-a-profile.md").read_text(encoding="utf-8")


def test_what_a_profile_sends_is_compared_too(officina: Officina, tmp_path: Path) -> None:
    profile, sample = tmp_path / "board.toml", tmp_path / "sample.hl7"
    profile.write_text('extends = "tracking-status"\n')
    sample.write_bytes(rde_o11())
    expected = sample.with_suffix(".toml")
    expected.write_text('[expect]\nsent[1].ORC-5 = "Status Pending"\nsent[1].PID-5.1 = "Marlowe"\nsent[2].ORC-5 = ""\n')
    assert officina("profile", "test", str(profile), str(sample)).code == 0
    expected.write_text('[expect]\nsent[1].ORC-5 = "Status Collected"\n')
    ran = officina("profile", "test", str(profile), str(sample))
    assert ran.code == 8
    assert "sent[1].ORC-5: Status Collected was expected, Status Pending is read" in ran.out
    expected.write_text('[expect]\nsent[1].ORC = "x"\n')
    ran = officina("profile", "test", str(profile), str(sample))
    assert ran.code == 3
    assert "sent[1].ORC" in ran.err
