"""Tests of stacks and all others have processes of their own, however many there are."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.scheduling import StackScheduling, file_processes, is_for_others

ROOT = Path(__file__).parents[3]
STACK, FILE = "tests/films/test_film.py::test_a_film", "tests/unit/test_number.py::test_a_number"


def whole_run(**others: Any) -> Any:
    """The configuration of a run of everything."""
    option = SimpleNamespace(keyword="", collectonly=False)
    return SimpleNamespace(args=["tests"], getini=lambda _: ["tests"], option=option, **others)


def readers(file: Path, processes: int) -> int:
    """How many of so many processes read a file."""

    def process(number: int) -> Any:
        given = {"workerid": f"gw{number}", "workercount": processes}
        return whole_run(workerinput=given, rootpath=ROOT)

    return sum(not is_for_others(process(number), file) for number in range(processes))


class Node:
    """A test process, as pytest-xdist's main process knows it."""

    def __init__(self) -> None:
        self.given: list[int] = []
        self.shutting_down = False

    def send_runtest_some(self, numbers: list[int]) -> None:
        self.given += numbers

    def shutdown(self) -> None:
        self.shutting_down = True


@pytest.mark.parametrize("processes", range(2, 9))
def test_there_are_processes_of_both_kinds(processes: int) -> None:
    assert 0 < len(file_processes(processes)) < processes


def test_a_file_is_read_by_who_may_be_given_it() -> None:
    takers = len(file_processes(7))
    assert readers(Path(__file__), 7) == 1
    assert readers(ROOT / "tests/media/test_compile.py", 7) == takers
    assert readers(ROOT / "tests/films/test_film.py", 7) == 7 - takers


def scheduled(processes: int) -> tuple[StackScheduling, list[Any], Any]:
    """The scheduling of so many processes that have read nothing yet, they, and the session."""
    session = SimpleNamespace(testscollected=0)
    plugins = SimpleNamespace(get_plugin=lambda _: session)
    config = whole_run(pluginmanager=plugins, getvalue=lambda _: ["popen"] * processes)
    scheduling = StackScheduling(config)
    nodes: list[Any] = [Node() for _ in range(processes)]
    for node in nodes:
        scheduling.add_node(node)
    return scheduling, nodes, session


def test_a_process_is_given_tests_before_the_others_have_read_theirs() -> None:
    scheduling, nodes, session = scheduled(3)
    assert not scheduling.collection_is_completed
    scheduling.add_node_collection(nodes[0], [STACK])
    assert scheduling.collection_is_completed
    scheduling.schedule()
    assert [node.given for node in nodes] == [[0], [], []]
    scheduling.mark_test_complete(nodes[0], 0)
    assert not scheduling.tests_finished
    assert not nodes[0].shutting_down
    scheduling.add_node_collection(nodes[2], [FILE])
    scheduling.schedule()
    scheduling.add_node_collection(nodes[1], [STACK])
    scheduling.schedule()
    assert [node.given for node in nodes] == [[0], [], [0]]
    assert session.testscollected == 2
    scheduling.mark_test_complete(nodes[2], 0)
    assert scheduling.tests_finished


def test_a_process_is_given_files_of_one_test_until_it_knows_the_next() -> None:
    scheduling, nodes, _ = scheduled(2)
    files = [f"tests/unit/test_{number}.py::test" for number in range(6)]
    for node in nodes:
        scheduling.add_node_collection(node, files)
        scheduling.schedule()
    for node in nodes:
        assert len(node.given) >= 2
        while len(node.given) > 1 and not node.shutting_down:
            scheduling.mark_test_complete(node, node.given.pop(0))
    assert not scheduling.workqueue
