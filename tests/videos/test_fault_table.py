"""Models times everything that goes wrong: one end, one submission at most, the ledger agrees.

One model of each vendor in `make test`, five in `make chaos`. The README shows the table that this
run produces; `make fault-table` writes it there.
"""

import os
from collections.abc import Sequence
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
def models(request: pytest.FixtureRequest) -> list[Model]:
    """The models that this run is asked for."""
    cells = [getattr(item, "callspec", None) for item in request.session.items]
    asked = {cell.params["model"] for cell in cells if cell and "case" in cell.params}
    return [model for model in MODELS if model in asked]


@pytest.fixture(scope="module")
def table(market: Market, models: list[Model]) -> Table:
    cells = [(model, case) for case in sorted(CASES, key=_quick) for model in models]
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
    cells = [
        pytest.param(model, case, id=f"{model.id}-{case.title}", marks=_marks(model))
        for model in MODELS
        for case in CASES
    ]
    return pytest.mark.parametrize(("model", "case"), cells)


def _marks(model: Model) -> list[pytest.MarkDecorator]:
    is_first = model == next(one for one in MODELS if one.vendor == model.vendor)
    return [] if is_first else [pytest.mark.deep]


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


def test_the_readme_shows_this_very_table(table: Table, models: list[Model]):
    text = README.read_text()
    if os.environ.get("WRITE_FAULT_TABLE"):
        README.write_text(_with(text, rendered(table, MODELS)))
        return
    shown = text.partition(BEGIN)[2].partition(END)[0]
    columns = [0, *(MODELS.index(model) + 1 for model in models)]
    assert _columns(shown, columns) == rendered(table, models), "make fault-table"


def rendered(table: Table, models: Sequence[Model]) -> str:
    """The table in Markdown: HTTP status and end, submissions accepted, credits moved."""
    lines = [
        f"| | {' | '.join(f'`{model.id}`' for model in models)} |",
        f"|---|{'---|' * len(models)}",
    ]
    for case in CASES:
        cells = [_cell(table, model, case) for model in models]
        lines.append(f"| {case.title} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _columns(table: str, numbers: list[int]) -> str:
    """Some columns of a table in Markdown."""
    rows = [line.strip("|").split("|") for line in table.splitlines()]
    return "".join(f"|{'|'.join(row[number] for number in numbers)}|\n" for row in rows)


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
