"""Tests of stacks and all others have processes of their own, however many there are."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.scheduling import file_processes, is_for_others

ROOT = Path(__file__).parents[3]


def readers(file: Path, processes: int) -> int:
    """How many of so many processes read a file."""

    def process(number: int) -> Any:
        return SimpleNamespace(
            workerinput={"workerid": f"gw{number}", "workercount": processes},
            rootpath=ROOT,
            args=["tests"],
            getini=lambda _: ["tests"],
            option=SimpleNamespace(keyword="", collectonly=False),
        )

    return sum(not is_for_others(process(number), file) for number in range(processes))


@pytest.mark.parametrize("processes", range(2, 9))
def test_there_are_processes_of_both_kinds(processes: int) -> None:
    assert 0 < len(file_processes(processes)) < processes


def test_a_file_is_read_by_who_may_be_given_it() -> None:
    takers = len(file_processes(7))
    assert readers(Path(__file__), 7) == 1
    assert readers(ROOT / "tests/media/test_compile.py", 7) == takers
    assert readers(ROOT / "tests/films/test_film.py", 7) == 7 - takers
