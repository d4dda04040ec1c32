"""Kinds of nodes, with the spellings that clients use."""

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
"""Kinds that FFmpeg makes."""
MAKES: dict[str, MediaType] = {
    "Text": "text",
    "Prompt": "text",
    "Image": "image",
    "ImageEdit": "image",
    "Video": "video",
    "Audio": "audio",
}
"""The media type that each kind makes. Model and Gateway nodes may make any."""
EXECUTOR_VERSIONS: dict[str, int] = dict.fromkeys(KINDS, 1)
"""Part of every cache key of the kind. Raise it when the same node would give another result."""
_SEPARATORS = re.compile(r"[\s_-]+")


@functools.lru_cache(4096)
def squashed(name: str) -> str:
    """Returns a name in lower case without separators: `extract-frame` as `extractframe`."""
    return _SEPARATORS.sub("", name).lower()


_KINDS = {squashed(kind): kind for kind in KINDS}


def kind_of(name: str) -> NodeKind | None:
    """Returns the kind that a name stands for, in any case, with `_` or `-`; None if unknown."""
    return _KINDS.get(squashed(name))


def is_run(kind: str) -> bool:
    """Returns whether nodes of the kind run. Comments don't."""
    return kind != "comment"
