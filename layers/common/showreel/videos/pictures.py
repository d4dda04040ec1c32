"""The pictures of a video: verified, copied and, where a model looks at that, brought to the ratio
before anything is made.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from showreel.assets.service import delete_assets, import_fitted_image, import_image
from showreel.catalog import Model, replacement
from showreel.core.errors import AppError
from showreel.videos.routing import Choice
from showreel.videos.wire import VideoOrder


@dataclass(frozen=True)
class Frames:
    """Keys of the first and the last frame."""

    first: str | None = None
    last: str | None = None


@contextmanager
def imported(order: VideoOrder, choice: Choice, base_url: str) -> Iterator[Frames]:
    """The order's frames; gone again if the order is refused.

    They stay when it is not known whether a job names them by now. Raises as `import_image`.
    """
    kept: list[str] = []
    try:
        yield Frames(*[_imported(order, choice, url, base_url, kept) for url in _urls(order)])
    except AppError as error:
        if error.status < 500:
            delete_assets(kept)
        raise


def _urls(order: VideoOrder) -> tuple[str | None, str | None]:
    """First and last frame: with a picture of before, `image_url` shows what is after."""
    if order.before_image_url is not None:
        return order.before_image_url, order.image_url
    return order.image_url, order.end_image_url


def _imported(
    order: VideoOrder, choice: Choice, url: str | None, base_url: str, kept: list[str]
) -> str | None:
    if url is None:
        return None
    if _looks_at_the_picture(choice.model):
        ratio = choice.aspect_ratio
        image = import_fitted_image(order.workspace_id, url, base_url, ratio)
    else:
        image = import_image(order.workspace_id, url, base_url)
    kept.append(image.key)
    return image.key


def _looks_at_the_picture(model: Model) -> bool:
    """Whether the model takes its ratio from the picture, or the one that follows if it is gone."""
    makers = (model, replacement(model))
    return any(maker.capabilities.aspect_ratio_from == "image" for maker in makers if maker)
