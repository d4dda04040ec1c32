"""Inputs and results of generations, as documented, in snake_case.

Every class can also be made from the documented camelCase form: `GenerationInput.of({"model": …})`.
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
    """Returns a name in snake_case: `storagePathPrefix` as `storage_path_prefix`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda match: "_" + match[1].lower(), name)


@dataclass(frozen=True)
class _Record:
    """A frozen record that can be made from a mapping."""

    @classmethod
    def of(cls, value: Mapping[str, Any] | Self) -> Self:
        """Makes it from camelCase or snake_case names. Raises TypeError for an unknown one."""
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
    """A file that the generation starts from. `url` is public https, or returned by `upload()`.

    Roles with an effect: `end_image` (also `end_frame`, `last_frame`) is the picture that a video
    ends with, `mask` the mask of an edit. Any other role is only a name.
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
    """The wanted form of the result. `count` is the number of pictures."""

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
    """The purpose of a generation. `project_id` is stored with its job; the rest is returned with
    the result. `entity_id` is a node, shot or clip.
    """

    source: Source | None = None
    project_id: str | None = None
    entity_id: str | None = None
    custom: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class GenerationInput(_Record):
    """One generation. `parameters` go to the model under the model's own names.

    With `strict` no other model may be used: no upgrade by the client, no fallback by the server.
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
    """How the result was made. `credits` is its cost, None if the server didn't say.

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
    """The progress of a generation. `percent` is 0 to 100, never falls and ends with 100."""

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
