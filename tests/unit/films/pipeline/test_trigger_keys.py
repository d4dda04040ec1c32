"""One `Idempotency-Key` is one run, whatever dies in between."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from showreel.core.errors import IdempotencyMismatch
from showreel.films.pipeline.trigger import Options, TriggeredRun, retry_clip, trigger_video
from showreel.runs.claims import Key
from showreel.runs.lifecycle import Lifecycle
from tests.support.cloud import empty_cloud
from tests.unit.films.pipeline.world import ARN, World, world
from tests.unit.films.support import BASE

KEY = Key(("workspace-1", "trigger", "film-1"), "this body")
OTHER_BODY = Key(KEY.scope, "another body")
Start = Callable[[World, Key | None], TriggeredRun]


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def here() -> Iterator[World]:
    with empty_cloud(), world(2) as here:
        yield here


def trigger(here: World, key: Key | None) -> TriggeredRun:
    return trigger_video(here.film(), Options(), BASE, ARN, key)


def retry(here: World, key: Key | None) -> TriggeredRun:
    return retry_clip(here.film(), "clip_0", BASE, ARN, key)


def die_after_the_transaction(here: World, start: Start, key: Key) -> None:
    def killed(*_: Any) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Lifecycle, "dispatch", killed)
        with pytest.raises(Killed):
            start(here, key)


@pytest.mark.parametrize("start", [trigger, retry])
def test_a_key_whose_process_died_gives_its_run_again(here: World, start: Start) -> None:
    die_after_the_transaction(here, start, KEY)
    first = here.run()
    here.on.cancel(first)
    again = start(here, KEY)
    assert (again.run.id, again.is_new) == (first.id, True)
    assert here.run().id == first.id, "no second run, no second hold"
    with pytest.raises(IdempotencyMismatch):
        start(here, OTHER_BODY)
    assert start(here, None).run.id != first.id
    assert start(here, KEY).run.id == first.id


def test_a_key_that_met_another_ones_run_stands_for_that_run(here: World) -> None:
    first = trigger(here, None)
    met = trigger(here, KEY)
    assert (met.run.id, met.is_new) == (first.run.id, False)
    here.on.cancel(first.run)
    again = trigger(here, KEY)
    assert (again.run.id, again.is_new) == (first.run.id, False)


def test_a_key_is_free_again_after_a_day(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first = trigger(here, KEY)
    here.on.cancel(first.run)
    later = first.run.limit_seconds + 10**10
    monkeypatch.setattr("showreel.runs.claims.now_seconds", lambda: later)
    assert trigger(here, OTHER_BODY).run.id != first.run.id
