"""Reference assets as input fields, under the names that the documented clients use."""

from collections.abc import Mapping, Sequence
from typing import Any

from showreel_client.models import GenerationInput, MediaType, ReferenceAsset
from showreel_client.routes import EDGE_FUNCTION

END_ROLES = frozenset({"end_image", "end_frame", "last_frame"})
MASK_ROLE = "mask"
IMAGE_FIELDS = ("image_url", "image_urls", "start_image_url", "image", "images", "reference_images")
VIDEO_FIELDS = ("video_url", "video_urls", "video", "videos", "reference_videos")


def fal_inputs(wanted: GenerationInput, media_type: MediaType) -> dict[str, Any]:
    """Returns prompt, references and output format; the caller's parameters take precedence.

    A single picture is sent both ways, `image_url` and `image_urls`: the server picks the one that
    its model takes.
    """
    inputs: dict[str, Any] = {"prompt": wanted.prompt, **asset_fields(wanted.reference_assets)}
    output = wanted.output_config
    if output.format:
        inputs["output_format"] = output.format
    if output.count is not None and media_type in {"image", "unknown"}:
        inputs["num_images"] = output.count
    elif output.count not in {None, 1}:
        raise ValueError("count is for pictures; other media are made one at a time")
    return inputs | own_parameters(wanted)


def asset_fields(assets: Sequence[ReferenceAsset]) -> dict[str, Any]:
    """Returns `image_url(s)`, `video_url(s)`, `audio_url(s)`, `end_image_url` and `mask_url`."""
    found = _special(assets, "_url")
    for kind, urls in _plain(assets).items():
        if len(urls) == 1 or kind != "image":
            found[f"{kind}_url"] = urls[0]
        if len(urls) > 1 or kind == "image":
            found[f"{kind}_urls"] = urls
    return found


def gmi_inputs(wanted: GenerationInput) -> dict[str, Any]:
    """Returns inputs in GMI Cloud's form: `image` is a URL, or a list of several."""
    fields = _special(wanted.reference_assets, "")
    for kind, urls in _plain(wanted.reference_assets).items():
        fields[kind] = urls[0] if len(urls) == 1 else urls
    return {"prompt": wanted.prompt, **fields, **own_parameters(wanted)}


def own_parameters(wanted: GenerationInput) -> dict[str, Any]:
    """Returns the caller's parameters without the one for routing."""
    return {name: value for name, value in wanted.parameters.items() if name != EDGE_FUNCTION}


def given_media(wanted: GenerationInput) -> frozenset[str]:
    """Returns which of `image` and `video` the assets or the caller's own input fields have."""
    kinds = {asset.type for asset in wanted.reference_assets if asset.role != MASK_ROLE}
    kinds |= {"image"} if _any(wanted.parameters, IMAGE_FIELDS) else set()
    kinds |= {"video"} if _any(wanted.parameters, VIDEO_FIELDS) else set()
    return frozenset(kinds & {"image", "video"})


def _any(parameters: Mapping[str, Any], names: Sequence[str]) -> bool:
    return any(parameters.get(name) for name in names)


def _special(assets: Sequence[ReferenceAsset], ending: str) -> dict[str, Any]:
    fields = {}
    for asset in assets:
        if _is_special(asset):
            name = "mask" if asset.role == MASK_ROLE else "end_image"
            fields[f"{name}{ending}"] = asset.url
    return fields


def _is_special(asset: ReferenceAsset) -> bool:
    return asset.type == "image" and (asset.role in END_ROLES or asset.role == MASK_ROLE)


def _plain(assets: Sequence[ReferenceAsset]) -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = {}
    for asset in assets:
        if not _is_special(asset):
            kinds.setdefault(asset.type, []).append(asset.url)
    return kinds
