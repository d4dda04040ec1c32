"""Tables and a bucket in this process, and a storyboard to cut."""

from collections.abc import Iterator

import pytest

from showreel.core.dynamo import Table
from tests.unit.cuts.world import World, world
from tests.unit.films.conftest import cloud, loopback_only, one_at_a_time

__all__ = ["cloud", "loopback_only", "one_at_a_time"]


@pytest.fixture
def here(cloud: Table) -> Iterator[World]:
    with world(cloud) as made:
        yield made
