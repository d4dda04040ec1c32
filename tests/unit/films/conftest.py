"""Tables and a bucket in this process, two tenants, and pictures that lie in the bucket."""

from collections.abc import Iterator
from threading import Lock
from typing import Any

import pytest
from pytest_socket import enable_socket, socket_allow_hosts

from showreel.assets import service as assets
from showreel.core import dynamo
from showreel.core.dynamo import Table
from showreel.films.projects import service
from showreel.films.projects.responses import VideoProject
from showreel.films.projects.schemas import NewProject
from showreel.music import library as music
from tests.support.cloud import empty_cloud
from tests.unit.films.support import ANN, BASE, OTHER_WORKSPACE, WORKSPACE, Project, upload


@pytest.fixture(autouse=True)
def loopback_only() -> Iterator[None]:
    socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)
    yield
    enable_socket()


def clear_caches() -> None:
    assets.storage.cache_clear()
    assets.asset_rows.cache_clear()
    service.films.cache_clear()
    music.published_key.cache_clear()


@pytest.fixture
def cloud() -> Iterator[Table]:
    clear_caches()
    with empty_cloud():
        for workspace, user in ((WORKSPACE, "ann"), (OTHER_WORKSPACE, "eve")):
            member = {"pk": f"workspace#{workspace}", "sk": f"member#{user}", "role": "owner"}
            Table("identity").put(member)
        yield Table("studio")
    clear_caches()


@pytest.fixture
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """moto's transactions are not atomic under threads."""
    lock, call = Lock(), dynamo._call

    def locked(operation: str, **request: Any) -> Any:
        with lock:
            return call(operation, **request)

    monkeypatch.setattr(dynamo, "_call", locked)


@pytest.fixture
def project(cloud: Table) -> Project:
    """Makes a project of Ann's with so many clips."""

    def make(clips: int = 0, **fields: Any) -> VideoProject:
        bodies = [{"sourceImageUrl": upload(), "roomType": "kitchen"} for _ in range(clips)]
        body = {"name": "Home", "workspaceId": WORKSPACE, "clips": bodies, **fields}
        return service.create(ANN, NewProject.model_validate(body), BASE)

    return make
