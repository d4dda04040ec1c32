"""Films whose processes die at random."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.films.conftest import CLIP, TRANSITION, Studio
from tests.films.test_adversity import PIPELINE, check_submissions

pytestmark = pytest.mark.stack


@contextmanager
def killer(studio: Studio, seed: int) -> Iterator[list[str]]:
    """Kills processes of random functions, again and again."""
    chance, stop, killed = random.Random(seed), threading.Event(), list[str]()

    def work() -> None:
        while not stop.wait(chance.uniform(0.2, 0.7)):
            killed.append(chance.choice(PIPELINE))
            studio.kill(killed[-1])

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield killed
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("seed", [1])
def test_killed_at_random_the_film_still_completes(studio: Studio, seed: int) -> None:
    project = studio.project(2)
    run_id = studio.trigger(project)
    with killer(studio, seed) as killed:
        time.sleep(8)
    run = studio.ended(run_id)
    assert run["status"] == "completed", (run, killed)
    assert run["output"]["missingClips"] == []
    check_submissions(studio, 3)
    assert studio.spent() == 2 * CLIP + TRANSITION
