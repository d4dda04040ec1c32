"""What goes in and what comes out, as documented, in snake_case.

Every class is also made from the documented camelCase form: `GenerationInput.of({"model": …})`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, Self, TypedDict

AssetType = Literal["image", "video", "audio", "text", "model"]
MediaType = Literal["image", "video", "audio", "text", "unknown"]
Source = Literal["project-setup", "studio", "editor", "storyboard", "timeline"]
Status = Literal["pending", "running", "completed", "failed"]
ASSET_TYPES = frozenset({"image", "video", "audio", "text", "model"})


def snake(name: str) -> str:
    """`storagePathPrefix` as `storage_path_prefix`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda match: "_" + match[1].lower(), name)


@dataclass(frozen=True)
class _Record:
    """A frozen record with two ways to make it."""

    @classmethod
    def of(cls, value: Mapping[str, Any] | Self) -> Self:
        """From camelCase or snake_case names. Raises TypeError for a name that there isn't."""
        if isinstance(value, cls):
            return value
        if not isinstance(value, Mapping):
            raise TypeError(f"{cls.__name__} is made from a mapping, not {type(value).__name__}")
        given = {snake(str(name)): item for name, item in value.items()}
        unknown = given.keys() - {item.name for item in fields(cls)}
        if unknown:
            raise TypeError(f"{cls.__name__} has no field {', '.join(sorted(unknown))}")
        return cls(**given)


@dataclass(frozen=True)
class ReferenceAsset(_Record):
    """A file that the generation starts from. `url` is public https, or one of `upload()`.

    Roles with an effect: `end_image` (also `end_frame`, `last_frame`) is the picture a video ends
    with, `mask` the mask of an edit. Any other role is only a name.
    """

    url: str
    type: AssetType
    role: str | None = None

    def __post_init__(self) -> None:
        if self.type not in ASSET_TYPES:
            raise ValueError(f"a reference asset is one of {', '.join(sorted(ASSET_TYPES))}")
        if not isinstance(self.url, str) or not self.url:
            raise ValueError("a reference asset has a URL; upload() makes one from a file")


@dataclass(frozen=True)
class OutputConfig(_Record):
    """What the result should be. `count` is the number of pictures."""

    format: str | None = None
    count: int | None = None
    storage_bucket: str | None = None
    storage_path_prefix: str | None = None
    auto_store: bool | None = True

    def __post_init__(self) -> None:
        if self.count is not None and (type(self.count) is not int or self.count < 1):
            raise ValueError("count is a whole number of at least 1")
        if self.auto_store is False or self.storage_bucket or self.storage_path_prefix:
            raise ValueError(
                "the server stores every file and names it: auto_store can't be false, and neither "
                "storage_bucket nor storage_path_prefix can be chosen"
            )


@dataclass(frozen=True)
class GenerationMetadata(_Record):
    """What the generation is for. `project_id` is noted on its job; the rest comes back with the
    result. `entity_id` is a node, shot or clip.
    """

    source: Source | None = None
    project_id: str | None = None
    entity_id: str | None = None
    custom: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class GenerationInput(_Record):
    """One generation. `parameters` go to the model under the model's own names.

    With `strict` nobody may take another model: the client makes no upgrade, the server no
    fallback.
    """

    model: str
    prompt: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    reference_assets: Sequence[ReferenceAsset] = ()
    output_config: OutputConfig = field(default_factory=OutputConfig)
    metadata: GenerationMetadata = field(default_factory=GenerationMetadata)
    strict: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.model, str) or not isinstance(self.prompt, str):
            raise TypeError("model and prompt are strings")
        assets = tuple(ReferenceAsset.of(asset) for asset in self.reference_assets or ())
        whole = {
            "parameters": dict(self.parameters or {}),
            "reference_assets": assets,
            "output_config": OutputConfig.of(self.output_config or {}),
            "metadata": GenerationMetadata.of(self.metadata or {}),
        }
        for name, value in whole.items():
            object.__setattr__(self, name, value)


@dataclass(frozen=True)
class GenerationResultMetadata(_Record):
    """How the result came about. `credits` is what it cost, where the server said so.

    `raw` is the model's own answer; of text it is `{"text": …}`.
    """

    generation_id: str
    resolved_model: str
    requested_model: str
    fallback_used: bool = False
    fallback_reason: str | None = None
    media_type: MediaType = "unknown"
    credits: int | None = None
    duration_seconds: float | None = None
    raw: Any = None
    storage_url: str | None = None
    width: int | None = None
    height: int | None = None
    job_id: str | None = None
    source: Source | None = None
    entity_id: str | None = None
    custom: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class GenerationResult(_Record):
    """A finished generation. `url` is empty for text; `urls` has every file, best first."""

    url: str
    metadata: GenerationResultMetadata
    status: Status
    urls: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "metadata", GenerationResultMetadata.of(self.metadata))
        object.__setattr__(self, "urls", tuple(self.urls))

    @property
    def text(self) -> str:
        """The text of a text generation, else empty."""
        text = self.metadata.raw.get("text") if isinstance(self.metadata.raw, Mapping) else None
        return text if isinstance(text, str) else ""


@dataclass(frozen=True)
class Progress:
    """How far a generation is. `percent` is 0 to 100, never goes back and ends with 100."""

    percent: int
    message: str


class OptionKeywords(TypedDict, total=False):
    """The options of `generate_image` and its siblings."""

    model: str
    parameters: Mapping[str, Any]
    reference_assets: Sequence[ReferenceAsset | Mapping[str, Any]]
    project_id: str
    entity_id: str
    source: Source
    custom: Mapping[str, Any]
    auto_store: bool
    format: str
    count: int
    storage_bucket: str
    storage_path_prefix: str
    strict: bool
