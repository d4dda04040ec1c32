"""Which handle an edge means, what may come in there, and what becomes of it."""

from typing import Any

import pytest

from showreel.graphs.kinds import kind_of
from showreel.graphs.models import Step
from tests.support.graphs import PICTURE, SOUND, VIDEO, checked, codes, edge, node

TEXT = node("text", "Prompt", text="a cat")
IMAGE = node("image", "Upload", url=PICTURE)
CLIP = node("video", "Upload", url=VIDEO)
TONE = node("audio", "Upload", url=SOUND)
SOURCES = {"text": TEXT, "image": IMAGE, "video": CLIP, "audio": TONE}


def target(source: str, kind: str, handle: str, **params: Any) -> list[str]:
    """The handles of the node at which the source comes in, or the codes of the findings."""
    found = checked([SOURCES[source], node("to", kind, **params)], edge(source, "to", handle))
    if found.findings:
        return [one.code for one in found.findings]
    step: Step = found.steps["to"]
    return [name for name, of in step.inputs.items() if any(one.node_id for one in of)]


@pytest.mark.parametrize(
    "name", ["ImageEdit", "imageedit", "image_edit", "IMAGE-EDIT", "Image Edit"]
)
def test_kinds_have_many_spellings(name: str) -> None:
    assert kind_of(name) == "ImageEdit"


@pytest.mark.parametrize(
    ("source", "kind", "handle", "params", "came_in"),
    [
        ("text", "Image", "prompt", {}, "prompt"),
        ("text", "Image", "text", {}, "prompt"),
        ("text", "Image", "", {}, "prompt"),
        ("text", "Video", "input", {}, "prompt"),
        ("text", "Audio", "Script", {}, "prompt"),
        ("image", "Video", "image", {"prompt": "x"}, "image"),
        ("image", "Video", "firstFrame", {"prompt": "x"}, "image"),
        ("image", "Video", "start_image_url", {"prompt": "x"}, "image"),
        ("image", "Video", "", {"prompt": "x"}, "image"),
        ("image", "Video", "video", {"prompt": "x"}, "image"),
        (
            "image",
            "Video",
            "last-frame",
            {"prompt": "x", "inputs": {"image": PICTURE}},
            "end_image",
        ),
        ("image", "Image", "reference", {"prompt": "x"}, "references"),
        ("image", "ImageEdit", "image", {"prompt": "x"}, "references"),
        ("image", "ImageEdit", "image", {"model": "fal-ai/clarity-upscaler"}, "image"),
        ("video", "Video", "input", {"prompt": "x"}, "video"),
        ("video", "Transform", "clip", {"operation": "reverse"}, "media"),
        ("video", "Transform", "", {"operation": "reverse"}, "media"),
        (
            "audio",
            "Combine",
            "music",
            {"operation": "mix-audio", "inputs": {"video": VIDEO}},
            "audio",
        ),
        (
            "image",
            "Combine",
            "image",
            {"operation": "overlay", "inputs": {"video": VIDEO}},
            "overlay",
        ),
        (
            "image",
            "Combine",
            "logo",
            {"operation": "overlay", "inputs": {"base": VIDEO}},
            "overlay",
        ),
        (
            "video",
            "Model",
            "top_video_url",
            {
                "model": "fal-ai/workflow-utilities/blend-video",
                "inputs": {"bottom_video_url": VIDEO},
            },
            "top_video_url",
        ),
        ("audio", "Output", "result", {}, "input"),
    ],
)
def test_what_comes_finds_its_handle(
    source: str, kind: str, handle: str, params: dict[str, Any], came_in: str
) -> None:
    assert target(source, kind, handle, **params) == [came_in]


@pytest.mark.parametrize(
    ("source", "kind", "handle", "params", "code"),
    [
        ("audio", "Image", "prompt", {"prompt": "x"}, "incompatible_handles"),
        ("text", "Video", "image", {"prompt": "x"}, "incompatible_handles"),
        ("video", "Video", "image", {"prompt": "x"}, "incompatible_handles"),
        ("image", "Transform", "media", {"operation": "trim"}, "incompatible_handles"),
        ("text", "Transform", "", {"operation": "trim"}, "unknown_handle"),
        ("text", "Image", "smell", {"prompt": "x"}, "unknown_handle"),
        ("text", "Upload", "", {"url": PICTURE}, "unknown_handle"),
        ("text", "comment", "", {}, "unknown_handle"),
        ("audio", "Video", "audio", {"prompt": "x", "model": "veo-2"}, "input_unsupported"),
        (
            "image",
            "Image",
            "image",
            {"prompt": "x", "model": "fal-ai/flux/dev"},
            "input_unsupported",
        ),
    ],
)
def test_what_doesnt_fit_is_reported(
    source: str, kind: str, handle: str, params: dict[str, Any], code: str
) -> None:
    assert code in target(source, kind, handle, **params)


def test_an_editors_port_stands_for_the_handle_that_it_names() -> None:
    ports = {
        "inputs": [{"id": "p-17", "name": "Prompt", "datatype": "text", "cardinality": "1"}],
        "outputs": [{"id": "o-1", "name": "Image"}],
    }
    found = checked(
        [TEXT, {**node("to", "Image"), **ports}, node("end", "Output")],
        edge("text", "to", "p-17"),
        edge("to", "end", source_handle="o-1"),
    )
    assert found.findings == ()


def test_one_medium_takes_one_edge_and_a_list_as_many_as_there_are() -> None:
    pictures = [node(f"i{one}", "Upload", url=PICTURE) for one in range(3)]
    edges = [edge(f"i{one}", "to", "image") for one in range(3)]
    edit = checked([*pictures, node("to", "ImageEdit", prompt="x")], *edges)
    assert [one.node_id for one in edit.steps["to"].inputs["references"]] == ["i0", "i1", "i2"]
    clip = checked([*pictures, node("to", "Video", prompt="x")], *edges)
    assert [where[1:] for where in codes(clip)] == [
        ("edges.1.target_handle", "too_many_edges"),
        ("edges.2.target_handle", "too_many_edges"),
    ]


def test_all_of_a_concat_are_of_one_type() -> None:
    ways = [edge("video", "to"), edge("audio", "to")]
    found = checked([CLIP, TONE, node("to", "Combine")], *ways)
    assert [one.code for one in found.findings] == ["incompatible_handles"]


def test_a_list_may_have_as_many_as_an_operation_needs() -> None:
    shown = [CLIP, node("all", "Output"), node("film", "Combine")]
    assert checked(shown, edge("video", "all"), edge("all", "film")).findings == ()


def test_what_isnt_known_yet_goes_where_only_one_input_takes_it() -> None:
    frame = node("any", "Model", model="fal-ai/ffmpeg-api/extract-frame", inputs={"video": VIDEO})
    turned = node("to", "Transform", operation="resize", width=640)
    assert checked([frame, turned], edge("any", "to")).findings == ()
    clip = node("to", "Video", prompt="x")
    assert checked([frame, clip], edge("any", "to", "image")).findings == ()
    found = checked([frame, clip], edge("any", "to"))
    assert [one.code for one in found.findings] == ["unknown_handle"]


def test_what_an_edge_brings_goes_before_what_is_written() -> None:
    written = node("to", "Video", prompt="x", inputs={"image": "https://example.com/b.png"})
    inputs = checked([IMAGE, written], edge("image", "to", "image")).steps["to"].inputs
    assert [(one.node_id, one.url) for one in inputs["image"]] == [("image", None)]
    alone = checked([written]).steps["to"].inputs
    assert [(one.node_id, one.url) for one in alone["image"]] == [
        (None, "https://example.com/b.png")
    ]


@pytest.mark.parametrize(
    ("params", "media"),
    [
        ({"url": PICTURE}, "image"),
        ({"assetUrl": VIDEO}, "video"),
        ({"audio_url": "https://example.com/x"}, "audio"),
        ({"url": "https://example.com/x?a.png", "mediaType": "audio/mpeg"}, "audio"),
        ({"url": "https://example.com/x.MOV?token=1"}, "video"),
    ],
)
def test_an_upload_says_what_it_is(params: dict[str, Any], media: str) -> None:
    found = checked([node("up", "Upload", **params)])
    assert (found.findings, found.steps["up"].output) == ((), media)


def test_an_upload_of_unknown_type_is_an_invalid_parameter() -> None:
    for params in ({"url": "https://example.com/x"}, {"url": PICTURE, "type": "pdf"}):
        assert [one.code for one in checked([node("up", "Upload", **params)]).findings] == [
            "invalid_param"
        ]
