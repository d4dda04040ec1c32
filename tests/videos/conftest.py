"""A stack with short times, in which single videos are bought."""

import io

import pytest
from PIL import Image

from local.stack import Stack
from tests.videos.faults import Market


@pytest.fixture(scope="module")
def market(stack: Stack) -> Market:
    picture = io.BytesIO()
    image = Image.effect_mandelbrot((1600, 900), (-2, -1.2, 1, 1.2), 60)
    image.convert("RGB").save(picture, "JPEG")
    return Market(stack, picture.getvalue())
