"""Which video model is asked, by what there is to start from."""

from typing import Any

import pytest

from showreel_client import Models, ReferenceAsset, upgrade_table
from showreel_client.upgrade import SUITABLE, choose, family, is_suitable, workflow_in
from tests.client.support import CATALOGUE, KLING, Both, Server, answer, events, model

DONE = {"type": "done", "result": {"video": {"url": "https://v3.fal.media/1.mp4"}}}
IMAGE = ReferenceAsset("https://a.example/1.png", "image")
VIDEO = ReferenceAsset("https://a.example/1.mp4", "video")
MODELS = Models.of(CATALOGUE)
I, V, NOTHING = frozenset({"image"}), frozenset({"video"}), frozenset[str]()  # noqa: E741


@pytest.mark.parametrize(
    ("wanted", "media", "resolved", "reason"),
    [
        (f"{KLING}/text-to-video", NOTHING, f"{KLING}/text-to-video", None),
        (f"{KLING}/text-to-video", I, f"{KLING}/image-to-video", "text-to-video->same_family"),
        (f"{KLING}/text-to-video", V, f"{KLING}/reference-to-video", "text-to-video->same_family"),
        (f"{KLING}/text-to-video", I | V, f"{KLING}/reference-to-video",
         "text-to-video->same_family"),
        (f"{KLING}/image-to-video", NOTHING, f"{KLING}/text-to-video",
         "image-to-video->same_family"),
        (f"{KLING}/reference-to-video", I, f"{KLING}/reference-to-video", None),
        ("fal-ai/veo3.1", I, "fal-ai/veo3.1/image-to-video", "text-to-video->same_family"),
        ("fal-ai/veo3.1/image-to-video", NOTHING, "fal-ai/veo3.1", "image-to-video->same_family"),
        ("fal-ai/cogvideox-5b", I, f"{KLING}/image-to-video", "text-to-video->default"),
        ("fal-ai/stable-video", NOTHING, f"{KLING}/text-to-video", "image-to-video->default"),
        ("fal-ai/sora-2/text-to-video", I, f"{KLING}/image-to-video", "text-to-video->default"),
        ("fal-ai/latentsync", V, "fal-ai/latentsync", None),
        ("fal-ai/anything", I, "fal-ai/anything", None),
        ("fal-ai/anything", NOTHING, "fal-ai/anything", None),
        ("gmi/seedance-2.0-t2v", I, "gmi/seedance-2.0-i2v", "text-to-video->same_family"),
        ("gmi/seedance-2.0-t2v", V, "gmi/wan2.7-r2v", "text-to-video->default"),
        ("gmi/kling-v3-omni", I, "gmi/ltx-fast-i2v", "text-to-video->default"),
        ("fal-ai/new/text-to-video", I, f"{KLING}/image-to-video", "text-to-video->default"),
        ("fal-ai/new", I, "fal-ai/new", None),
    ],
)  # fmt: skip
def test_the_table(wanted: str, media: frozenset[str], resolved: str, reason: str | None) -> None:
    choice = choose(wanted, media, MODELS)
    assert choice.model == resolved
    told = f"incompatible_with_reference_input:{reason}:{resolved}" if reason else None
    assert choice.reason == told


def test_the_table_can_be_printed() -> None:
    rows = list(upgrade_table(MODELS))
    videos = [one for one in MODELS.values() if one.workflow_type.endswith("-to-video")]
    assert len(rows) == 3 * len(videos)
    assert all((row.reason is None) == (row.model == row.resolved) for row in rows)
    asked = {(row.given, MODELS[row.resolved].workflow_type) for row in rows if row.reason}
    assert asked == {
        ("text", "text-to-video"),
        ("image", "image-to-video"),
        ("video", "reference-to-video"),
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f"{KLING}/text-to-video", f"{KLING}/image-to-video"),
        ("gmi/kling-t2v-v2.1-master", "gmi/kling-i2v-v2.1-master"),
        ("gmi/kling-text2video-v2-master", "gmi/kling-image2video-v2-master"),
        ("gmi/skyreels-v4-text-to-video", "gmi/skyreels-v4-image-to-video"),
        ("fal-ai/ltx-2.3/text-to-video/fast", "fal-ai/ltx-2.3/fast"),
    ],
)
def test_siblings_differ_only_in_their_workflow(one: str, other: str) -> None:
    assert family(one) == family(other)


@pytest.mark.parametrize(
    "identity", ["fal-ai/text-to-videos", "gmi/t2vector", "fal-ai/o3/video-to-video/edit", ""]
)
def test_an_id_that_names_no_workflow(identity: str) -> None:
    assert workflow_in(identity) is None


def test_a_server_without_the_default_gets_the_first_of_the_kind() -> None:
    models = Models.of([
        model("fal-ai/a", "text-to-video"), model("fal-ai/b", "image-to-video"),
    ])  # fmt: skip
    assert choose("fal-ai/a", I, models).model == "fal-ai/b"
    assert choose("fal-ai/a", V, models).reason is None


def test_the_catalogues_own_default_comes_first() -> None:
    extra = model("fal-ai/own/image-to-video", "image-to-video", isDefault=True)
    models = Models.of([*CATALOGUE, extra])
    assert choose("fal-ai/cogvideox-5b", I, models).model == "fal-ai/own/image-to-video"


@pytest.mark.parametrize(
    ("inputs", "suits"),
    [
        ({"prompt": "required"}, {"text"}),
        ({"image": "required"}, {"image"}),
        ({"image": "optional", "endImage": "optional"}, {"text", "image"}),
        ({"image": "none", "references": "required"}, {"image"}),
        ({"references": "optional", "video": "optional"}, {"text", "image", "video"}),
        ({"references": "optional", "video": "required"}, {"video"}),
        ({"audio": "required"}, set()),
    ],
)
def test_what_an_entry_declares_counts_more_than_its_workflow(
    inputs: dict[str, str], suits: set[str]
) -> None:
    declared = Models.of([model("fal-ai/a", "reference-to-video", inputs=inputs)])["fal-ai/a"]
    assert {given for given in SUITABLE if is_suitable(declared, given)} == suits


def test_an_upgrade_is_made_and_disclosed(call: Both, server: Server) -> None:
    server.on("functions/v1/fal-stream", events({"type": "meta", "fallback_used": False}, DONE))
    result = call(
        "generate_video",
        "A walk",
        model=f"{KLING}/text-to-video",
        parameters={"duration": "5", "aspect_ratio": "16:9"},
        reference_assets=[IMAGE],
    )
    (body,) = server.bodies("fal-stream")
    assert body["modelId"] == f"{KLING}/image-to-video"
    assert body["inputs"] == {
        "prompt": "A walk",
        "duration": "5",
        "image_url": IMAGE.url,
        "image_urls": [IMAGE.url],
    }
    about = result.metadata
    assert about.requested_model == f"{KLING}/text-to-video"
    assert (about.resolved_model, about.fallback_used) == (f"{KLING}/image-to-video", True)
    assert about.fallback_reason == (
        f"incompatible_with_reference_input:text-to-video->same_family:{KLING}/image-to-video"
    )


def test_an_upgrade_and_a_fallback_are_both_disclosed(call: Both, server: Server) -> None:
    meta = {"type": "meta", "fallback_used": True, "fallback_reason": "model_gone"}
    server.on("functions/v1/fal-stream", events(meta | {"resolved_model": "fal-ai/z"}, DONE))
    about = call("generate_video", "x", reference_assets=[VIDEO]).metadata
    assert about.resolved_model == "fal-ai/z"
    assert about.fallback_reason is not None
    assert about.fallback_reason.endswith("/reference-to-video; model_gone")


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ({"reference_assets": [IMAGE], "strict": True}, f"{KLING}/text-to-video"),
        ({"parameters": {"image_url": IMAGE.url}}, f"{KLING}/image-to-video"),
        ({"model": f"{KLING}/image-to-video", "parameters": {"image_url": IMAGE.url}},
         f"{KLING}/image-to-video"),
        ({"model": "fal-ai/latentsync", "reference_assets": [VIDEO]}, "fal-ai/latentsync"),
        ({"model": "fal-ai/veo3.1", "reference_assets": [IMAGE]}, "fal-ai/veo3.1/image-to-video"),
        ({"model": "fal-ai/stable-video"}, f"{KLING}/text-to-video"),
    ],
)  # fmt: skip
def test_which_model_is_asked(
    call: Both, server: Server, options: dict[str, Any], asked: str
) -> None:
    server.on("functions/v1/fal-stream", events(DONE))
    call("generate_video", "x", options)
    call("generate", {"model": options.get("model", f"{KLING}/text-to-video"), "prompt": "x",
        **{name: value for name, value in options.items() if name != "model"}})  # fmt: skip
    assert [body["modelId"] for body in server.bodies("fal-stream")] == [asked, asked]


def test_a_default_of_another_provider_goes_its_own_way(call: Both, server: Server) -> None:
    only = [model("gmi/a-t2v", "text-to-video"), model(f"{KLING}/image-to-video", "image-to-video")]
    server.on("functions/v1/model-catalog", answer(200, only))
    server.on("functions/v1/fal-stream", events(DONE))
    result = call("generate_video", "x", model="gmi/a-t2v", reference_assets=[IMAGE])
    assert result.metadata.resolved_model == f"{KLING}/image-to-video"
    assert server.bodies("fal-stream")[0]["inputs"]["image_url"] == IMAGE.url


def test_pictures_are_never_upgraded(call: Both, server: Server) -> None:
    server.on("functions/v1/fal-stream", events(DONE))
    call("generate_image", "x", model="fal-ai/nano-banana-pro/edit", reference_assets=[IMAGE])
    assert server.to("model-catalog") == []
