"""Functions die at every write and every vendor call that a good history makes: see `moments`."""

import pytest
from pytest_socket import enable_socket

from local.stack import Stack
from tests.chaos.histories.moments import Moment, Path, When, deaths, recorded
from tests.chaos.histories.users import (
    Act,
    all_pictures,
    fal,
    gmi,
    graph_again,
    sound,
    streamed_text,
    video,
    whole_film,
    written_shots,
)

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]
ACTS: tuple[Act, ...] = (
    sound,
    video,
    gmi,
    fal,
    streamed_text,
    written_shots,
    all_pictures,
    graph_again,
    whole_film,
)
Moments = dict[Act, dict[str, list[Moment]]]


@pytest.fixture(scope="module")
def moments(stack: Stack) -> Moments:
    """The moments of each history that those before it don't have."""
    enable_socket()
    known = set[Path]()
    return {act: recorded(stack, act, known) for act in ACTS}


def test_the_moments_are_those_of_every_step(moments: Moments) -> None:
    functions = {function for of_act in moments.values() for function in of_act}
    every = {"generation_submit", "generation_await", "generation_collect", "generation_make"}
    assert every | {"webhooks", "trigger_video", "pipeline_compile_video"} <= functions
    assert {"project_auto_generate", "auto_generate_make_shot"} <= functions
    assert {"gen_shots", "storyboard_write_shots"} <= functions
    assert {"compute_execute", "compute_graph_advance", "compute_graph_end_run"} <= functions
    assert sum(len(found) for of_act in moments.values() for found in of_act.values()) > 60


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("act", ACTS)
def test_killed_at_its_moments_everything_goes_on(
    stack: Stack, moments: Moments, act: Act, when: When
) -> None:
    enable_socket()
    lives = deaths(stack, act, moments[act], when)
    assert sum(life.fired for life in lives) >= len(lives), "few died"
    assert [str(life) for life in lives if life.outcome.violations] == []
