"""Decisions have one form, the index lists them all, and references lead somewhere."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "decisions"
FILES = sorted(FOLDER.glob("[0-9]*.md"))
FORM = re.compile(
    r"# (?P<title>.+)\n\nDate: (?P<date>\d{4}-\d\d-\d\d)\. Status: (?P<status>[a-z].+)\.\n\n"
    r"## Context\n\n.+\n\n## Decision\n\n.+\n\n## Alternatives\n\n.+\n\n## Consequences\n\n.+\n",
    re.DOTALL,
)


def _index_row(path: Path) -> str:
    found = FORM.fullmatch(path.read_text())
    assert found is not None, f"{path.name} lacks a part: see FORM"
    status = re.sub(r"\. (.)", lambda start: f"; {start[1].lower()}", found["status"])
    return f"| [{path.name[:4]}]({path.name}) | {found['title']} | {status} | {found['date']} |"


def test_the_index_lists_every_decision_as_its_file_says() -> None:
    index = (FOLDER / "README.md").read_text().splitlines()
    assert [line for line in index if line.startswith("| [")] == [_index_row(f) for f in FILES]


def test_numbers_of_decisions_are_given_once() -> None:
    numbers = [file.name[:4] for file in FILES]
    assert len(set(numbers)) == len(numbers)


def test_every_decision_that_is_named_exists() -> None:
    files = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    texts = [ROOT / name for name in files.stdout.split() if name.endswith((".py", ".md", ".yaml"))]
    named = {
        number
        for path in texts
        if path.exists()
        for number in re.findall(r"[Dd]ecisions? (\d{4})\b", path.read_text())
    }
    assert named <= {file.name[:4] for file in FILES}
