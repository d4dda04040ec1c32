"""Kinds of nodes, under all the spellings that clients have for them."""

import functools
import re
from typing import Literal, get_args

from showreel.catalog.models import MediaType

NodeKind = Literal[
    "Text",
    "Prompt",
    "Image",
    "ImageEdit",
    "Video",
    "Audio",
    "Upload",
    "Transform",
    "Combine",
    "Model",
    "Gateway",
    "Output",
    "comment",
]
KINDS: tuple[NodeKind, ...] = get_args(NodeKind)
MEDIA_KINDS: tuple[NodeKind, ...] = ("Transform", "Combine")
"""Kinds that FFmpeg runs."""
MAKES: dict[str, MediaType] = {
    "Text": "text",
    "Prompt": "text",
    "Image": "image",
    "ImageEdit": "image",
    "Video": "video",
    "Audio": "audio",
}
"""What the model of a node makes, for kinds that say so. Model and Gateway take any."""
EXECUTOR_VERSIONS: dict[str, int] = dict.fromkeys(KINDS, 1)
"""Raised when the same node would come out differently: part of every cache key of the kind."""
_SEPARATORS = re.compile(r"[\s_-]+")


@functools.lru_cache(4096)
def squashed(name: str) -> str:
    """Returns what spellings of a name have in common: `extract-frame`, `extractFrame`."""
    return _SEPARATORS.sub("", name).lower()


_KINDS = {squashed(kind): kind for kind in KINDS}


def kind_of(name: str) -> NodeKind | None:
    """Returns the kind that a name stands for, in any case and with `_` or `-`."""
    return _KINDS.get(squashed(name))


def is_run(kind: str) -> bool:
    """Returns whether nodes of the kind run at all."""
    return kind != "comment"
