"""Forty histories with fixed seeds, several at once on one stack: see `tests/chaos/histories`."""

import pytest
from pytest_socket import enable_socket

from local.stack import Stack
from tests.chaos.histories.ground import Ground
from tests.chaos.histories.history import together
from tests.chaos.histories.invariants import Violation

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]
AT_ONCE = 8
OPEN = (
    ("I7", "its file on no row"),  # ends of runs adopt what is paid
    ("I8", "ended for internal_error"),  # faults of ours are waited out
    ("I8", "lost a clip for internal_error"),
    ("I8", "ended for hold_closed"),  # a job goes on after its run has ended
    ("I8", "lost a clip for hold_closed"),
    ("I6", "progress from"),
)
"""Violations that are known; a line goes when the fixed histories have none of them any more."""
FIRST_SEEDS = range(1, 41, AT_ONCE)


@pytest.mark.parametrize("first", FIRST_SEEDS)
def test_whatever_breaks_money_runs_and_results_are_right(stack: Stack, first: int) -> None:
    enable_socket()
    outcomes = together(range(first, first + AT_ONCE), stack)
    assert sum(outcome.broken for outcome in outcomes) > 0, "nothing was broken"
    violated = [str(outcome) for outcome in outcomes if any(map(is_new, outcome.violations))]
    assert not violated, "\n".join(violated)


def is_new(violation: Violation) -> bool:
    """Whether it is none of the open ones."""
    return not any(violation.invariant == name and words in violation.what for name, words in OPEN)


def test_a_week_later_every_object_is_named_or_gone(stack: Stack) -> None:
    """I5, the other half, for all of them at once."""
    enable_socket()
    ground = Ground(stack)
    assert ground.objects(), "nothing was made"
    assert ground.strays() == []
