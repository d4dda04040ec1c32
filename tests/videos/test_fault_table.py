"""Models times everything that goes wrong: one end, one submission at most, the ledger agrees.

`make test` tries each case with one vendor, the vendors in turn, and `make chaos` all cells: what
each vendor says of a fault, and which class of error that is, `tests/simulators/test_contract.py`
shows for all of them. The README has the table; `make fault-table` writes it there.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.videos.faults import CASES, MODELS, ONE_OF_EACH_VENDOR, Case, Market, Model, Outcome

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- faults: begin -->\n", "<!-- faults: end -->\n"
AT_ONCE = 7
pytestmark = pytest.mark.timeout(900)  # the first test waits for all cells
Cell = tuple[str, str]
"""A model's id and a case's title."""
Table = dict[Cell, Outcome]


@pytest.fixture(scope="module")
def table(market: Market, request: pytest.FixtureRequest) -> Table:
    """The cells that this run is asked for, bought next to each other."""
    calls = [getattr(item, "callspec", None) for item in request.session.items]
    cells = [
        (call.params["model"], call.params["case"])
        for call in calls
        if call and "case" in call.params
    ]
    cells.sort(key=_quick)
    with ThreadPoolExecutor(AT_ONCE) as buyers:
        outcomes = buyers.map(lambda cell: market.buy(*cell), cells)
        return {
            (model.id, case.title): outcome
            for (model, case), outcome in zip(cells, outcomes, strict=True)
        }


def _quick(cell: tuple[Model, Case]) -> bool:
    """Those that wait long start first."""
    return not cell[1].headers


def each_cell() -> pytest.MarkDecorator:
    cells = [
        pytest.param(model, case, id=f"{model.id}-{case.title}", marks=_marks(model, case))
        for model in MODELS
        for case in CASES
        if _can_happen(model, case)
    ]
    return pytest.mark.parametrize(("model", "case"), cells)


def _can_happen(model: Model, case: Case) -> bool:
    return model.has_webhooks or not case.is_about_webhooks


def _marks(model: Model, case: Case) -> list[pytest.MarkDecorator]:
    able = [one for one in ONE_OF_EACH_VENDOR if _can_happen(one, case)]
    return [] if model == able[CASES.index(case) % len(able)] else [pytest.mark.deep]


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


def test_the_readme_shows_these_very_cells(table: Table):
    text = README.read_text()
    if os.environ.get("WRITE_FAULT_TABLE"):
        README.write_text(_with(text, rendered(table)))
        return
    shown = _cells(text.partition(BEGIN)[2].partition(END)[0])
    found = {cell: str(outcome) for cell, outcome in table.items()}
    assert {cell: shown[cell] for cell in found} == found, "make fault-table"


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


def _cells(table: str) -> dict[Cell, str]:
    """What a table in Markdown says of each cell."""
    rows = [
        [text.strip() for text in line.strip("|").split("|")] for line in table.splitlines()[2:]
    ]
    assert [row[0] for row in rows] == [case.title for case in CASES], "make fault-table"
    return {
        (model.id, case.title): text
        for case, row in zip(CASES, rows, strict=True)
        for model, text in zip(MODELS, row[1:], strict=True)
    }


def _cell(table: Table, model: Model, case: Case) -> str:
    if not _can_happen(model, case):
        return "the vendor sends none"
    return str(table[model.id, case.title])


def _with(text: str, written: str) -> str:
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert begin, f"{README.name} has no place for the table"
    assert end, f"{README.name} has no place for the table"
    return f"{before}{begin}{written}{end}{after}"
