"""A stack with short times, in which single videos are bought."""

import io

import pytest
from PIL import Image

from local.stack import Stack
from tests.videos.faults import MODELS, Market


@pytest.fixture(scope="module")
def market(stack: Stack) -> Market:
    _force_circuits_closed(stack)
    picture = io.BytesIO()
    image = Image.effect_mandelbrot((1600, 900), (-2, -1.2, 1, 1.2), 60)
    image.convert("RGB").save(picture, "JPEG")
    return Market(stack, picture.getvalue())


def _force_circuits_closed(stack: Stack) -> None:
    """As an operator may: a vendor that fails one purchase on purpose isn't out for the others."""
    for vendor in {model.vendor for model in MODELS}:
        for operation in ("submit", "poll"):
            stack.clients.dynamodb.update_item(
                TableName=stack.variable("JOBS_TABLE"),
                Key={"pk": {"S": "circuit"}, "sk": {"S": f"{vendor}#{operation}"}},
                UpdateExpression="SET forced = :closed",
                ExpressionAttributeValues={":closed": {"S": "closed"}},
            )
