"""Tables in this process, two tenants, and a project of one of them."""

from collections.abc import Iterator

import pytest

from showreel.core.dynamo import Table
from showreel.graphs import service
from showreel.projects import studio
from showreel.storyboards.store import StoryboardStore
from tests.unit.films.conftest import cloud, loopback_only, one_at_a_time
from tests.unit.storyboards.support import PROJECT, project_row

__all__ = ["cloud", "loopback_only", "one_at_a_time"]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CATALOGUE_PARAMETER", "")
    for one in (service.graphs, studio):
        one.cache_clear()
    yield
    for one in (service.graphs, studio):
        one.cache_clear()


@pytest.fixture
def project(cloud: Table) -> str:
    """Ann's project."""
    StoryboardStore(cloud).create_project(project_row(PROJECT))
    return PROJECT
