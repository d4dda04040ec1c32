"""The pictures a customer gives: fetched, decoded and checked as the vendors do."""

import base64
import binascii
import io

import httpx
from PIL import Image

from local.simulators.fetching import fetch

_MOST_BYTES = 10 * 1024 * 1024
_LEAST_PIXELS = 300
_WIDEST_RATIO = 2.5


class PictureRefused(Exception):
    """The picture is not one the vendor takes; the message is the vendor's."""


def is_address(picture: str) -> bool:
    """Returns whether the field holds an address rather than the picture itself."""
    return picture.lower().startswith(("http://", "https://"))


def load_picture(picture: str) -> bytes:
    """Returns the checked bytes behind an address or raw base64. Raises PictureRefused."""
    data = _download(picture) if is_address(picture) else decoded_picture(picture)
    return checked(data)


def decoded_picture(text: str) -> bytes:
    """Returns the bytes of raw base64, which has no `data:` in front. Raises PictureRefused."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise PictureRefused("File is not in a valid base64 format") from error


def checked(data: bytes) -> bytes:
    """Returns the same bytes if they are a JPEG or PNG of an allowed size. Raises
    PictureRefused.
    """
    if len(data) > _MOST_BYTES:
        raise PictureRefused("Image file size exceeds the limit of 10MB")
    width, height = picture_size(data)
    if min(width, height) < _LEAST_PIXELS:
        raise PictureRefused("Image pixel is invalid")
    if max(width, height) / min(width, height) > _WIDEST_RATIO:
        raise PictureRefused("Image aspect ratio is invalid")
    return data


def picture_size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels, read from the header. Raises PictureRefused."""
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as picture:
            return picture.size
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise PictureRefused("Image format is invalid") from error


def _download(url: str) -> bytes:
    try:
        answer = fetch(url, follow_redirects=True)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise PictureRefused("Failed to download the image") from error
    if answer.status_code != 200:
        raise PictureRefused(f"Failed to download the image: {answer.status_code}")
    return answer.content
