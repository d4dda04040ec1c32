"""The ideal schedule that the pipeline's bench compares with."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    path = Path(__file__).parents[2] / "bench" / "pipeline.py"
    spec = importlib.util.spec_from_file_location("bench_pipeline", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("clips", "transitions", "ideal"),
    [
        ([1.0], [], 1.0),
        ([1.0, 1.0, 1.0], [], 1.0),
        ([1.0] * 4, [], 2.0),
        ([1.0, 1.0], [1.0], 2.0),
        ([3.0, 1.0, 1.0, 1.0], [], 3.0),
        ([1.0] * 10, [1.0] * 9, 7.0),
    ],
)
def test_small_films_by_hand(
    bench: ModuleType, clips: list[float], transitions: list[float], ideal: float
) -> None:
    assert bench.ideal_makespan(clips, transitions) == pytest.approx(ideal)


def test_most_in_flight_counts_only_what_overlaps(bench: ModuleType) -> None:
    tasks = [bench.Task("a", 0, 1), bench.Task("b", 1, 2), bench.Task("c", 0.5, 1.5)]
    assert bench.most_in_flight(tasks) == 2


def test_the_chart_has_a_line_for_each_task(bench: ModuleType) -> None:
    lines = bench.gantt([bench.Task("clip 01", 0, 2), bench.Task("transition 01", 2, 4)])
    assert [line[:8].strip() for line in lines] == ["clip 01", "transition 01"]
    assert "█" in lines[0]
    assert "▒" in lines[1]
