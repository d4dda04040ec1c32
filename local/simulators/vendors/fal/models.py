"""Which models fal has, by patterns in their names, and what each sort makes.

A name is `owner/app/path`; the queue looks only at owner and app. The first pattern that is found
in the whole name decides.
"""

import re
from dataclasses import dataclass
from typing import Literal

Making = Literal["images", "video", "speech", "music", "effect", "text"]

_NAMESPACES = ("workflows", "comfy")


@dataclass(frozen=True)
class Model:
    """One model: what it makes, the field of its result, and the inputs it can't do without."""

    making: Making
    field: str
    needs: tuple[str, ...] = ()


_IMAGES = (
    "/flux|nano-banana|qwen-image|seedream|ideogram|stable-diffusion|recraft|aura-flow|hidream"
    "|omnigen|gpt-image|imagine-image|imagen|z-image|iclight"
)
_VIDEOS = (
    "-video|video-|/veo|sora|seedance|/ltx|/magi|/wan|/vidu|pixverse|hailuo|lipsync|sadtalker"
    "|liveportrait|latentsync|hallo|/sonic|fabric|aurora|cogvideo|ffmpeg-api/compose"
)
_PATTERNS: tuple[tuple[str, Making, str], ...] = (
    (r"whisper|speech-to-text", "text", "text"),
    (r"extract-(nth-)?frame", "images", "images"),
    (r"pixverse/sound-effects|video-sound-effects", "video", "video"),
    (r"cassetteai/music", "music", "audio_file"),
    (r"cassetteai/sound", "effect", "audio_file"),
    (
        r"(^|[/-])tts|text-to-speech|speech-\d|voice-(clone|design)|vibevoice|/maya",
        "speech",
        "audio",
    ),
    (r"lyria|/yue|ace-step|music", "music", "audio"),
    (r"sound-effects|merge-audios|audio-compressor|impulse-response", "effect", "audio"),
    (r"(clarity|creative)-upscaler", "images", "image"),
    (_IMAGES, "images", "images"),
    (_VIDEOS, "video", "video"),
)
_PICTURE = ("image_url", "image_urls", "start_image_url", "first_frame_url", "source_image_url")
_REFERENCES = (*_PICTURE, "elements", "reference_image_urls", "video_url", "video_urls")
_CLIP = ("video_url", "video_urls", "videos")
_NEEDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"image-to-video|image-to-image|/edit|/redux|upscaler|iclight|edit-25|layered", _PICTURE),
    (r"reference-to-video", _REFERENCES),
    (r"extract-|extend-video|video-extend|(trim|scale|reverse)-video|merge-videos", _CLIP),
    (r"whisper|speech-to-text", ("audio_url", "video_url")),
)


def find_model(name: str) -> Model | None:
    """Returns the model of that name, if there is one."""
    found = (
        (making, field) for pattern, making, field in _PATTERNS if re.search(pattern, f"/{name}")
    )
    making, field = next(found, (None, ""))
    return None if making is None else Model(making, field, _needs(name))


def app_of(name: str) -> str:
    """Owner and app, which is all that the queue's other addresses have."""
    parts = name.split("/")
    return "/".join(parts[: 3 if parts[0] in _NAMESPACES else 2])


def _needs(name: str) -> tuple[str, ...]:
    """Fields of which a request must have one; a picture's come before the prompt's."""
    if "video-to-video" in name:
        return _CLIP
    found = (fields for pattern, fields in _NEEDS if re.search(pattern, name))
    return next(found, ("prompt", "text", "script", "lyrics", *_REFERENCES, "audio_url", "tracks"))
