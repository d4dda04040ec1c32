"""The checker notices defects: each is planted into the functions, and a short history lived."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_socket import enable_socket

from local.stack import Stack
from tests.chaos.histories import plants
from tests.chaos.histories.history import History, lived
from tests.chaos.histories.users import (
    Act,
    canceled_film,
    film_again,
    gmi,
    graph_again,
    short_film,
    sound,
)

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]
Plant = Callable[[str], None]

BOUND_SECONDS = 180.0
"""What has no end by then has none for ever, since nothing else is broken."""
CASES: dict[str, tuple[Act, str]] = {
    "hold_not_closed": (sound, "I2"),
    "blind_resend": (gmi, "I4"),
    "slot_not_freed": (canceled_film, "I3"),
    "event_skipped": (canceled_film, "I6"),
    "clip_dropped": (short_film, "I7"),
    "not_kept": (film_again, "I7"),
    "node_not_kept": (graph_again, "I7"),
}


@pytest.fixture
def plant(stack: Stack) -> Iterator[Plant]:
    """Plants a defect into every function, for the test."""
    enable_socket()
    usual = dict(stack.environment)

    def grow(name: str) -> None:
        stack.environment |= {"SHOWREEL_PRELOAD": str(Path(plants.__file__)), "PLANT": name}
        stack.restart_functions()

    yield grow
    stack.environment |= usual
    stack.restart_functions()


def violated(stack: Stack, acts: list[Act]) -> list[set[str]]:
    """The invariants that each history violates."""
    histories = [History(seed, stack, [act], unbroken=True) for seed, act in enumerate(acts, 1)]
    outcomes = lived(histories, stack, BOUND_SECONDS)
    return [{one.invariant for one in outcome.violations} for outcome in outcomes]


def test_without_a_defect_nothing_is_violated(stack: Stack) -> None:
    enable_socket()
    acts = list(dict.fromkeys(act for act, _ in CASES.values()))
    assert violated(stack, acts) == [set()] * len(acts)


def test_every_plant_has_a_case() -> None:
    assert CASES.keys() == plants.PLANTS.keys()


@pytest.mark.parametrize("name", CASES)
def test_a_defect_is_noticed(stack: Stack, plant: Plant, name: str) -> None:
    act, invariant = CASES[name]
    plant(name)
    assert invariant in violated(stack, [act])[0]
