"""Forty histories with fixed seeds, several at once on one stack: see `tests/chaos/histories`."""

import pytest
from pytest_socket import enable_socket

from local.stack import Stack
from tests.chaos.histories.ground import Ground
from tests.chaos.histories.history import together

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]
AT_ONCE = 8
FIRST_SEEDS = range(1, 41, AT_ONCE)


@pytest.mark.parametrize("first", FIRST_SEEDS)
def test_whatever_breaks_money_runs_and_results_are_right(stack: Stack, first: int) -> None:
    enable_socket()
    outcomes = together(range(first, first + AT_ONCE), stack)
    assert sum(outcome.broken for outcome in outcomes) > 0, "nothing was broken"
    violated = [str(outcome) for outcome in outcomes if outcome.violations]
    assert not violated, "\n".join(violated)


def test_a_week_later_every_object_is_named_or_gone(stack: Stack) -> None:
    """I5, the other half, for all of them at once."""
    enable_socket()
    ground = Ground(stack)
    assert ground.objects(), "nothing was made"
    assert ground.strays() == []
