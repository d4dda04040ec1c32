"""The glossary defines each term once and names files and classes that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers" / "common" / "showreel"
TEXT = (ROOT / "docs" / "glossary.md").read_text()
ROWS = [line.split(" | ") for line in TEXT.splitlines() if re.match(r"\| (?!Term|---)", line)]


def _path(name: str) -> Path:
    return next((base / name for base in (PACKAGE, ROOT) if (base / name).exists()), ROOT / name)


def test_each_term_is_defined_once() -> None:
    terms = [row[0] for row in ROWS]
    assert len(terms) > 30
    assert len(set(terms)) == len(terms)


def test_the_files_that_the_glossary_names_exist() -> None:
    named = set(re.findall(r"`([\w/]+(?:/|\.(?:py|json|yaml)))`", TEXT))
    assert [name for name in sorted(named) if not _path(name).exists()] == []


def test_the_glossary_names_classes_where_they_are() -> None:
    named = re.findall(r"`([A-Z]\w+)` in `([\w/]+\.py)`", TEXT)
    assert len(named) > 5
    assert [c for c, file in named if f"\nclass {c}" not in _path(file).read_text()] == []
