"""The threat model names tests that exist."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
DOCUMENT = (TESTS.parent / "docs" / "security.md").read_text()
MODEL = DOCUMENT[: DOCUMENT.index("## Who may do what")]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in MODEL.splitlines()
    if line.startswith("|") and line.count("|") == 6
]
THREATS = [row for row in ROWS if row[0] not in {"Actor", "---"}]
NAMED = re.compile(r"`([\w/]+\.py)(?:::(test_\w+))?`")


def test_there_are_threats_and_every_actor_is_known() -> None:
    actors = set(re.findall(r"^\| ([a-z ,]+) \| [^|]+ \| [^|]+ \|$", MODEL, re.MULTILINE))
    known = {name for row in actors for name in row.split(", ")}
    assert len(THREATS) > 15
    assert {name for row in THREATS for name in row[0].split(", ")} <= known


@pytest.mark.parametrize("row", THREATS, ids=lambda row: row[2][:50])
def test_a_threat_has_a_control_and_a_test_that_exists(row: list[str]) -> None:
    assert row[3]
    tests = NAMED.findall(row[4])
    assert tests
    for path, name in tests:
        source = (TESTS / path).read_text()
        assert name == "" or f"def {name}(" in source, f"{path}::{name}"
