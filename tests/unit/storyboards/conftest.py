"""Tables and a bucket in this process, two tenants, and storyboards of one of them."""

from collections.abc import Callable, Iterator

import pytest

from showreel.core.dynamo import Table
from showreel.storyboards import access
from showreel.storyboards.media import ShotMedia
from showreel.storyboards.models import ShotRow
from showreel.storyboards.store import StoryboardStore
from tests.unit.films.conftest import cloud, loopback_only, one_at_a_time
from tests.unit.storyboards.support import PROJECT, SCENE, project_row, scene_row, shot_row

__all__ = ["cloud", "loopback_only", "one_at_a_time"]
Shots = Callable[..., list[ShotRow]]


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    kept = (access.storyboards, access.shot_media, access.removal)
    for one in kept:
        one.cache_clear()
    yield
    for one in kept:
        one.cache_clear()


@pytest.fixture
def store(cloud: Table) -> StoryboardStore:
    """Ann's project with one scene."""
    store = StoryboardStore(cloud)
    store.create_project(project_row(PROJECT))
    store.add_scene(scene_row(SCENE))
    return store


@pytest.fixture
def media(cloud: Table) -> ShotMedia:
    return ShotMedia(cloud)


@pytest.fixture
def shots(store: StoryboardStore) -> Shots:
    """Adds so many shots to the scene."""

    def add(count: int = 1) -> list[ShotRow]:
        return store.add_shots([shot_row() for _ in range(count)])

    return add
