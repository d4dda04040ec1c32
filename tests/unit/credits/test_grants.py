"""Grants go to workspaces that are there."""

from collections.abc import Iterator

import pytest

from showreel.core.dynamo import Table
from showreel.core.errors import NotFound
from showreel.credits import service
from showreel.identity.store import workspaces
from tests.support.cloud import empty_cloud


@pytest.fixture
def cloud() -> Iterator[None]:
    workspaces.cache_clear()
    with empty_cloud():
        yield
    workspaces.cache_clear()


def test_a_grant_to_no_workspace_is_refused(cloud: None) -> None:
    """It was added to an account that nobody has."""
    request = service.Grant(workspace_id="ws_1", amount=5, grant_id="g")
    with pytest.raises(NotFound):
        service.grant(request)
    assert Table("credits").get("ws_1", "account") is None
    Table("identity").put({"pk": "workspace#ws_1", "sk": "workspace", "workspace_id": "ws_1"})
    assert service.grant(request).balance == 5
