"""docs/reference/api.md says what the code does."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from officina import api
from officina.api import reference
from officina.config import Settings

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "api.md"
MARK = "<!-- generated below: python -m tests.api.test_reference -->\n"


def generated() -> str:
    document = api.build(SimpleNamespace(settings=Settings())).openapi()  # type: ignore[arg-type]
    return reference.markdown(document)


def test_the_reference_is_up_to_date() -> None:
    written = PAGE.read_text(encoding="utf-8").partition(MARK)[2].strip()
    assert written == generated().strip(), "write it anew with: python -m tests.api.test_reference"


if __name__ == "__main__":
    by_hand = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    PAGE.write_text(f"{by_hand}{MARK}\n{generated().strip()}\n", encoding="utf-8")
