"""Turns `generate_video(prompt, options)` into a GenerationInput."""

from collections.abc import Mapping
from typing import Any, Literal

from showreel_client.models import GenerationInput, OptionKeywords, snake

Kind = Literal["image", "video", "audio", "text"]
DEFAULT_MODELS: Mapping[Kind, str] = {
    "image": "fal-ai/flux/schnell",
    "video": "fal-ai/kling-video/o3/standard/text-to-video",
    "audio": "elevenlabs-tts",
    "text": "google/gemini-2.5-flash",
}
_DIRECT = ("model", "parameters", "reference_assets", "strict")
_OUTPUT = ("format", "count", "storage_bucket", "storage_path_prefix", "auto_store")
_METADATA = ("source", "project_id", "entity_id", "custom")


def input_of(
    kind: Kind, prompt: str, options: Mapping[str, Any] | None, keywords: OptionKeywords
) -> GenerationInput:
    """Returns the input, from options in camelCase or snake_case, then keywords.

    `None` and an empty `{}` are the same. Raises TypeError for an unknown option.
    """
    given = {snake(name): value for name, value in {**(options or {}), **keywords}.items()}
    unknown = given.keys() - {*_DIRECT, *_OUTPUT, *_METADATA}
    if unknown:
        raise TypeError(f"there is no option {', '.join(sorted(unknown))}")
    present = {name: value for name, value in given.items() if value is not None}
    fields = {"model": DEFAULT_MODELS[kind], "prompt": prompt} | _of(present, _DIRECT)
    return GenerationInput.of(
        {**fields, "output_config": _of(present, _OUTPUT), "metadata": _of(present, _METADATA)}
    )


def _of(present: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: present[name] for name in names if name in present}
