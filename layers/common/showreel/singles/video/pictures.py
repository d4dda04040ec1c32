"""The pictures of a video: looked at and copied before anything is held.

They are made plain, and brought to a model's ratio, by the job itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from showreel.assets.service import copy_image, delete_assets
from showreel.core.errors import AppError
from showreel.singles.video.schemas import VideoOrder


@dataclass(frozen=True)
class Frames:
    """Keys of the first and the last frame."""

    first: str | None = None
    last: str | None = None


@contextmanager
def imported(order: VideoOrder, base_url: str) -> Iterator[Frames]:
    """The order's frames; gone again if the order is refused.

    They stay when it is not known whether a job names them by now. Raises as `copy_image`.
    """
    kept: list[str] = []
    try:
        yield Frames(*[_copied(order, url, base_url, kept) for url in _urls(order)])
    except AppError as error:
        if error.status < 500:
            delete_assets(kept)
        raise


def _urls(order: VideoOrder) -> tuple[str | None, str | None]:
    """First and last frame: with a picture of before, `image_url` shows what is after."""
    if order.before_image_url is not None:
        return order.before_image_url, order.image_url
    return order.image_url, order.end_image_url


def _copied(order: VideoOrder, url: str | None, base_url: str, kept: list[str]) -> str | None:
    if url is None:
        return None
    kept.append(copy_image(order.workspace_id, url, base_url))
    return kept[-1]
