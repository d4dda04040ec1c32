"""Five models times everything that goes wrong: one end, one submission at most, the ledger agrees.

The README shows the table that this run produces; `make fault-table` writes it there.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.videos.faults import CASES, MODELS, Case, Market, Model, Outcome

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- faults: begin -->\n", "<!-- faults: end -->\n"
AT_ONCE = 7
pytestmark = pytest.mark.timeout(900)  # the first test waits for all cells
Table = dict[tuple[str, str], Outcome]


@pytest.fixture(scope="module")
def table(market: Market) -> Table:
    cells = [(model, case) for case in sorted(CASES, key=_quick) for model in MODELS]
    with ThreadPoolExecutor(AT_ONCE) as buyers:
        outcomes = buyers.map(lambda cell: market.buy(*cell), cells)
        return {
            (model.id, case.title): outcome
            for (model, case), outcome in zip(cells, outcomes, strict=True)
        }


def _quick(case: Case) -> bool:
    """Those that wait long start first."""
    return not case.headers


def each_cell() -> pytest.MarkDecorator:
    cells = [pytest.param(m, c, id=f"{m.id}-{c.title}") for m in MODELS for c in CASES]
    return pytest.mark.parametrize(("model", "case"), cells)


@each_cell()
def test_a_cell_ends_once_is_submitted_once_and_adds_up(table: Table, model: Model, case: Case):
    outcome = table[model.id, case.title]
    assert outcome.end["status"] in {"completed", "failed"}
    assert outcome.accepted <= 1
    assert outcome.credits_moved == outcome.end["credits_used"]
    assert outcome.balance == outcome.entries
    assert outcome.open_holds == 0
    assert outcome.credits_moved == 0 or outcome.accepted == 1
    assert ("video_url" in outcome.end) == (outcome.end["status"] == "completed")


def test_the_readme_shows_this_very_table(table: Table):
    text = README.read_text()
    written = rendered(table)
    if os.environ.get("WRITE_FAULT_TABLE"):
        README.write_text(_with(text, written))
        return
    shown = text.partition(BEGIN)[2].partition(END)[0]
    assert shown == written, "make fault-table"


def rendered(table: Table) -> str:
    """The table in Markdown: HTTP status and end, submissions accepted, credits moved."""
    lines = [
        f"| | {' | '.join(f'`{model.id}`' for model in MODELS)} |",
        f"|---|{'---|' * len(MODELS)}",
    ]
    for case in CASES:
        cells = [_cell(table, model, case) for model in MODELS]
        lines.append(f"| {case.title} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(table: Table, model: Model, case: Case) -> str:
    if case.is_about_webhooks and not model.has_webhooks:
        return "the vendor sends none"
    return str(table[model.id, case.title])


def _with(text: str, written: str) -> str:
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert begin, f"{README.name} has no place for the table"
    assert end, f"{README.name} has no place for the table"
    return f"{before}{begin}{written}{end}{after}"
