"""Every test of a call runs twice: in ordinary code and under asyncio. No socket is opened."""

import pytest

from tests.client.support import CATALOGUE, Both, Server, answer


@pytest.fixture
def server() -> Server:
    """With a catalogue, and nothing else yet."""
    return Server().on("functions/v1/model-catalog", answer(200, CATALOGUE, ETag='"1"'))


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def call(request: pytest.FixtureRequest, server: Server) -> Both:
    return Both(server, is_async=request.param)
