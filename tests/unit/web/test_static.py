"""What the browser gets: small, our own, licensed, and free of inline scripts and styles."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from officina.web.assets import FOLDER
from officina.web.rendering import templates

TEMPLATES = Path(FOLDER).parent / "templates"
MOST_SCRIPT_LINES, MOST_STYLE_LINES = 600, 1000


def lines(folder: str, ending: str) -> int:
    return sum(len(path.read_text().splitlines()) for path in (FOLDER / folder).glob(f"*{ending}"))


def test_own_scripts_and_styles_stay_small() -> None:
    assert lines("js", ".js") <= MOST_SCRIPT_LINES
    assert lines("css", ".css") <= MOST_STYLE_LINES


def test_every_vendored_file_is_named_with_its_digest_and_licence() -> None:
    listed = (FOLDER / "vendor" / "VENDORED.md").read_text()
    for path in sorted((FOLDER / "vendor").glob("*")):
        if path.is_dir() or path.name == "VENDORED.md":
            continue
        assert f"`{path.name}`" in listed, path.name
        assert hashlib.sha256(path.read_bytes()).hexdigest() in listed, path.name
    for licence in re.findall(r"\(licences/([\w.-]+)\)", listed):
        assert (FOLDER / "vendor" / "licences" / licence).exists()


def test_no_template_holds_script_or_style_or_another_origin() -> None:
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|hx-on|javascript:|https?://", text), path
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text)), path


def test_attributes_of_htmx_stand_in_components_and_the_frame_only() -> None:
    for path in TEMPLATES.rglob("*.html"):
        if path.parent.name != "components" and path.name not in ("frame.html", "shell.html"):
            assert "hx-" not in path.read_text(), path


def test_every_icon_used_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', (FOLDER / "vendor" / "icons.svg").read_text()))
    used = set()
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text()
        used |= set(re.findall(r"icon\(['\"]([\w-]+)['\"]", text)) | set(re.findall(r"empty\(\"([\w-]+)\"", text))
        used |= set(re.findall(r"icon_name=\"([\w-]+)\"", text))
    assert used <= sprite
    assert {"tablets", "waypoints", "file-question-mark", "server-crash", "shield-x"} <= sprite


def test_every_template_compiles() -> None:
    for name in templates().list_templates():
        templates().get_template(name)
