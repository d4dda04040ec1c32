"""A stack with short times, in which single videos are bought."""

import io
from collections.abc import Iterator

import pytest
from PIL import Image

from local.settings import StackSettings
from local.stack import Stack
from tests import permissions
from tests.videos.faults import Market

PARAMETERS = {
    "SyncWindowSeconds": "60",
    "PollSeconds": "1",
    "WebhookPollSeconds": "1",
    "GenerationTimeoutSeconds": "60",
    "LateResultSeconds": "25",
}


@pytest.fixture(scope="session")
def market(request: pytest.FixtureRequest) -> Iterator[Market]:
    picture = io.BytesIO()
    image = Image.effect_mandelbrot((1600, 900), (-2, -1.2, 1, 1.2), 60)
    image.convert("RGB").save(picture, "JPEG")
    with Stack(StackSettings(fork=True, generation_seconds=0.3, parameters=PARAMETERS)) as stack:
        yield Market(stack, picture.getvalue())
        permissions.note(request.config, stack)
