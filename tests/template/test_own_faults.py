"""Our own side may be out for hours: state machines wait for it, and give up for nothing else."""

import json
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest

from showreel.core.backoff import OUTAGE_SECONDS
from showreel.films.projects.models import MAX_CLIPS
from showreel.storyboards.batch.models import MAX_SHOTS_OF_A_RUN
from showreel.storyboards.batch.steps import AHEAD
from tests.template.test_house_rules import TASKS, TEMPLATE

MACHINES = Path(__file__).parents[2] / "statemachines"
OURS = {
    "Transient",
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
}
"""What breaks by throttles and outages of AWS's services; a bug doesn't raise it."""
EVENTS_PER_ATTEMPT = 5
"""Of the history: scheduled, started, failed, and what enters and leaves the state."""
EVENTS_OF_A_SHOT = 8
"""Its iteration and its state begin and end; between it is scheduled, started, submitted, done."""
MOST_EVENTS = 25_000
SLACK = 0.95
"""Full jitter takes half of each delay in the mean, so a sum of many is near half of the whole."""


def _policy(state: dict[str, Any], error: str) -> dict[str, Any]:
    policy: dict[str, Any] = next(one for one in state["Retry"] if error in one["ErrorEquals"])
    return policy


def _delays(policy: dict[str, Any]) -> list[float]:
    grown = (policy["IntervalSeconds"] * policy["BackoffRate"] ** n for n in count())
    return [min(one, policy["MaxDelaySeconds"]) for one in islice(grown, policy["MaxAttempts"])]


@pytest.mark.parametrize(("name", "state"), TASKS)
def test_our_own_faults_are_waited_out_for_hours(name: str, state: dict[str, Any]) -> None:
    policy = _policy(state, "Transient")
    assert set(policy["ErrorEquals"]) == OURS, "crashes may be bugs and have their own policy"
    assert policy["JitterStrategy"] == "FULL"
    assert sum(_delays(policy)) / 2 >= SLACK * OUTAGE_SECONDS, name
    assert policy["MaxDelaySeconds"] <= 300, "what is over is noticed soon"


@pytest.mark.parametrize(("name", "state"), TASKS)
def test_crashes_are_given_up_within_an_hour(name: str, state: dict[str, Any]) -> None:
    policy = _policy(state, "Runtime.ExitError")
    assert policy["MaxAttempts"] >= 6
    assert sum(_delays(policy)) <= 3600, name


def test_the_longest_outage_fits_into_a_history() -> None:
    """Of a film all clips may wait at once, in one execution."""
    for name, at_once in (("generation", 1), ("video_pipeline", MAX_CLIPS)):
        states = [case.values[1] for case in TASKS if str(case.id).startswith(f"{name}.")]
        most = max(_policy(state, "Transient")["MaxAttempts"] for state in states)
        assert at_once * most * EVENTS_PER_ATTEMPT < 0.7 * MOST_EVENTS


def test_the_longest_run_of_a_storyboard_fits_into_a_history_with_an_outage_in_it() -> None:
    states = [case.values[1] for case in TASKS if str(case.id).startswith("auto_generate.")]
    most = max(_policy(state, "Transient")["MaxAttempts"] for state in states)
    at_once = AHEAD * TEMPLATE["Parameters"]["ImageConcurrency"]["MaxValue"]
    tries = at_once * most * EVENTS_PER_ATTEMPT
    assert tries + EVENTS_OF_A_SHOT * MAX_SHOTS_OF_A_RUN < MOST_EVENTS


def test_a_film_outlives_the_longest_outage() -> None:
    machine = json.loads((MACHINES / "video_pipeline.asl.json").read_text())
    assert machine["TimeoutSeconds"] >= 2 * OUTAGE_SECONDS


@pytest.mark.parametrize(("name", "state"), TASKS)
def test_a_wait_that_ran_out_gives_nothing_up(name: str, state: dict[str, Any]) -> None:
    """The function has answered, so a token's time-out is a lost answer; where a state waits for a
    job or a neighbour, a run's own limit ends it, not this state.
    """
    if "waitForTaskToken" not in state["Resource"]:
        return
    assert any(
        "States.Timeout" in rule["ErrorEquals"] for rule in (*state["Retry"], *state["Catch"])
    ), name


def test_a_clip_that_cannot_even_be_given_up_ends_its_film_at_once() -> None:
    """Its neighbours wait for it, and would until the run's limit."""
    machine = json.loads((MACHINES / "video_pipeline.asl.json").read_text())
    states = machine["States"]["MakePieces"]["ItemProcessor"]["States"]
    assert states[states["SkipClip"]["Catch"][-1]["Next"]]["Type"] == "Fail"
    assert machine["States"]["MakePieces"]["Catch"][-1]["Next"] == "ReleaseRun"
