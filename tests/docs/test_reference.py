"""The documentation is complete, current, and says what the program does."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from officina import config
from officina.actions.site.document import PlaceRow
from officina.connectors import registry
from officina.store.schema import metadata
from officina.workflow import intake, order_status
from officina.workflow.rights import PERMISSIONS, ROLES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", list(generator().pages()))
def test_the_reference_is_what_the_code_says(name: str) -> None:
    made = generator()
    stands = (DOCS / "reference" / name).read_text(encoding="utf-8")
    assert stands == made.written(made.pages()[name]), f"docs/reference/{name} is out of date: run `make docs`"


def test_every_setting_says_what_it_does() -> None:
    assert [name for name, one in config.Settings.model_fields.items() if not one.description] == []


def test_every_setting_is_used() -> None:
    source = "".join(path.read_text() for path in (ROOT / "src").rglob("*.py"))
    assert [name for name in config.Settings.model_fields if f"settings.{name}" not in source] == []


def test_every_connector_setting_says_what_it_does() -> None:
    def silent(model: type, prefix: str) -> list[str]:
        found = []
        for name, one in model.model_fields.items():  # type: ignore[attr-defined]
            inner = generator()._nested(one.annotation)
            if inner is not None:
                found += silent(inner, f"{prefix}{name}.")
            elif not one.description:
                found.append(f"{prefix}{name}")
        return found

    assert [one for kind in registry.kinds() for one in silent(registry.kind(kind).settings, f"{kind}.")] == []


def test_every_word_is_in_the_glossary() -> None:
    glossary = (DOCS / "GLOSSARY.md").read_text(encoding="utf-8").lower()
    known = {word.strip() for line in re.findall(r"^\| ([^|]+) \|", glossary, re.M) for word in line.split(",")}
    known |= set(re.findall(r"table: ([a-z ]+)\.", glossary))
    words = {
        "table": set(metadata.tables),
        "message state": set(intake.OUTCOMES),
        "order status": set(order_status.STATUSES),
        "role": set(ROLES),
        "permission": {name.partition(".")[0].removesuffix("s") for name in PERMISSIONS} - {"people"},
        "place": set(PlaceRow.__dataclass_fields__["kind"].metadata["words"]),
        "connector role": {registry.kind(name).role for name in registry.kinds()},
    }
    missing = [
        f"{use}: {word}" for use, found in words.items() for word in found if word.replace("_", " ") not in known
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target) or "screenshots/" in target:
            continue
        file = page if not path else (page.parent / path).resolve()
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_in_the_documentation_exist(page: Path) -> None:
    known = set(re.findall(r"^## (officina [a-z ]+)$", (DOCS / "reference" / "cli.md").read_text(), re.M))
    firsts = {command.split()[1] for command in known}
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    text = page.read_text(encoding="utf-8")
    used = re.findall(r"(?:^|`)officina ([a-z]+)", text, re.M)
    made = re.findall(r"(?:^|`)make ([a-z-]+)", text, re.M)
    assert [word for word in used if word not in firsts] == []
    assert [word for word in made if word not in targets] == []
