"""What fal's models read of a request, while they run: fields, pictures and clips.

A model passes over fields that it doesn't know. It finds what is wrong only when its turn comes,
and the request fails with that.
"""

import re
import subprocess
import tempfile
from pathlib import Path

import httpx

from local.simulators.fetching import fetch
from local.simulators.pictures import PictureRefused, decoded_picture, load_picture
from local.simulators.rendering import RenderOrder
from local.simulators.sounds import SoundKind, SoundOrder
from local.simulators.vendors.fal.errors import InputRefused
from local.simulators.vendors.fal.models import Model
from local.simulators.vendors.fal.pictures import Size, own_size

Inputs = dict[str, object]

_SIZES: dict[str, Size] = {
    "square_hd": (1024, 1024),
    "square": (512, 512),
    "portrait_4_3": (768, 1024),
    "portrait_16_9": (576, 1024),
    "landscape_4_3": (1024, 768),
    "landscape_16_9": (1024, 576),
    "16:9": (1024, 576),
    "9:16": (576, 1024),
    "4:3": (1024, 768),
    "3:4": (768, 1024),
}
_LEAST_SIDE, _MOST_SIDE = 64, 2048
_MOST_PICTURES = 4
_FIRST = ("image_url", "start_image_url", "first_frame_url", "source_image_url", "image_urls",
          "reference_image_urls", "elements")  # fmt: skip
_LAST = ("end_image_url", "tail_image_url", "last_frame_url")
_CLIPS = ("video_url", "video_urls", "videos")
_RATIOS = ("16:9", "9:16", "1:1")
_LONGEST_SECONDS = 15
_CHARACTERS_A_SECOND = 15
_SECONDS = ("duration", "duration_seconds", "seconds_total")


def prompt_of(inputs: object) -> str:
    """Returns the words of a request, whatever the model calls them."""
    if not isinstance(inputs, dict):
        return ""
    names = ("prompt", "text", "script", "lyrics")
    found = (inputs[name] for name in names if isinstance(inputs.get(name), str))
    return next(found, "")


def check_needs(model: Model, inputs: Inputs) -> None:
    """Raises InputRefused if what the model can't do without is missing."""
    if not any(inputs.get(name) for name in model.needs):
        raise InputRefused(model.needs[0], "Field required", "missing")


def clip_order(inputs: Inputs, ffmpeg: Path) -> RenderOrder:
    """Returns the clip: from the given pictures, else from the first picture of the given clip."""
    first = _first_picture(inputs, ffmpeg)
    end = _address(inputs, _LAST)
    ratio = inputs.get("aspect_ratio")
    return RenderOrder(
        prompt=prompt_of(inputs),
        seconds=max(1, round(_seconds(inputs, 5))),
        sound=bool(inputs.get("generate_audio") or inputs.get("audio_url")),
        first=first,
        last=_picture(*end) if end and first else None,
        aspect_ratio=str(ratio) if ratio in _RATIOS else "16:9",
    )


def sound_order(kind: SoundKind, inputs: Inputs) -> SoundOrder:
    """Returns the sound: speech as long as its text, the others as long as is asked for."""
    words = prompt_of(inputs)
    usual = len(words) / _CHARACTERS_A_SECOND if kind == "speech" else 5
    milliseconds = inputs.get("music_length_ms")
    asked = milliseconds / 1000 if isinstance(milliseconds, int) else _seconds(inputs, usual)
    seconds = max(1.0, min(asked, float(_LONGEST_SECONDS)))
    return SoundOrder(kind, seconds, f"{words} {inputs.get('voice')}", 44_100, 128)


def picture_of(inputs: Inputs, ffmpeg: Path) -> bytes | None:
    """Returns the picture that a result is made of, if one is given."""
    return _first_picture(inputs, ffmpeg)


def picture_size(inputs: Inputs, given: bytes | None) -> Size:
    """Returns what is asked for, by name, ratio or numbers; else the given picture's, else a
    square.
    """
    asked = inputs.get("image_size", inputs.get("aspect_ratio"))
    if isinstance(asked, dict):
        return _side(asked.get("width")), _side(asked.get("height"))
    if isinstance(asked, str) and asked in _SIZES:
        return _SIZES[asked]
    if "image_size" in inputs and asked != "auto":
        raise InputRefused("image_size", "Input should be a known size", "literal_error")
    if given is None:
        return _SIZES["square_hd"]
    width, height = own_size(given)
    shrink = min(1.0, _MOST_SIDE / max(width, height))
    return round(width * shrink), round(height * shrink)


def picture_count(inputs: Inputs) -> int:
    """Returns how many pictures are asked for. Raises InputRefused for more than four."""
    count = inputs.get("num_images", 1)
    if not isinstance(count, int) or not 1 <= count <= _MOST_PICTURES:
        text = "Input should be less than or equal to 4"
        raise InputRefused("num_images", text, "less_than_equal")
    return count


def _side(value: object) -> int:
    if not isinstance(value, int) or not 0 < value <= 14_142:
        raise InputRefused("image_size", "Input should be a valid size", "less_than_equal")
    return min(max(value, _LEAST_SIDE), _MOST_SIDE)


def _seconds(inputs: Inputs, usual: float) -> float:
    """Returns a number, or a text such as `5` or `8s`."""
    given = next((inputs[name] for name in _SECONDS if name in inputs), usual)
    found = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)s?", str(given))
    if found is None and given != "auto":
        raise InputRefused("duration", "Input should be a valid duration", "literal_error")
    return min(float(found[1]) if found else usual, _LONGEST_SECONDS)


def _first_picture(inputs: Inputs, ffmpeg: Path) -> bytes | None:
    given = _address(inputs, _FIRST)
    if given:
        return _picture(*given)
    clip = _address(inputs, _CLIPS)
    return _frame(*clip, ffmpeg) if clip else None


def _address(inputs: Inputs, names: tuple[str, ...]) -> tuple[str, str] | None:
    """Returns the first of these fields that has an address, alone or in a list, and the
    address.
    """
    for name in names:
        value = inputs.get(name)
        value = value[0] if isinstance(value, list) and value else value
        if isinstance(value, dict):
            value = value.get("frontal_image_url") or value.get("image_url") or value.get("url")
        if isinstance(value, str) and value:
            return name, value
    return None


def _picture(field: str, address: str) -> bytes:
    try:
        if address.startswith("data:"):
            return decoded_picture(address.partition(",")[2])
        return load_picture(address)
    except PictureRefused as refusal:
        is_missing = "download" in str(refusal)
        kind = "file_download_error" if is_missing else "image_load_error"
        raise InputRefused(field, str(refusal), kind) from refusal


def _frame(field: str, address: str, ffmpeg: Path) -> bytes:
    """Returns the first picture of a clip."""
    try:
        answer = fetch(address)
        data = answer.raise_for_status().content
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        text = "Failed to download the file"
        raise InputRefused(field, text, "file_download_error") from error
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        file.write(data)
        file.flush()
        source = ["-nostdin", "-v", "error", "-i", file.name, "-frames:v", "1"]
        command = [str(ffmpeg), *source, "-f", "image2pipe", "-c:v", "mjpeg", "-"]
        done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode or not done.stdout:
        raise InputRefused(field, "The video can't be read", "unsupported_video_format")
    return done.stdout
