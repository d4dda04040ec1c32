"""What each kind of node orders, or gives at once, for what comes in; and what its job gives."""

from typing import Any

import pytest

from showreel.core.clock import now_iso
from showreel.core.errors import InvalidInput
from showreel.generation.models import Job, JobOutput, JobRequest, StoredFile, Terms
from showreel.generation.service import new_job
from showreel.graphs.cache_key import Resolved
from showreel.graphs.models import Artifact, Step
from showreel.graphs.nodes import executor_of
from showreel.graphs.operations import OUR_MODEL
from showreel.graphs.ports import JobOrder, NodeCall, Output
from showreel.media.operations.models import OPERATIONS
from tests.support.graphs import checked, edge, node, picture, text

STILL = picture("project-assets/still.png")
CLIP = Artifact(type="video", key="generation-videos/clip.mp4", duration_seconds=5)
SOUND = Artifact(type="audio", key="audio/music.mp3", duration_seconds=30)
FAL_VIDEO = "fal-ai/kling-video/o3/standard/image-to-video"


def call(step: Step, texts: dict[str, str] | None = None, **media: Any) -> NodeCall:
    given = {name: one if isinstance(one, tuple) else (one,) for name, one in media.items()}
    return NodeCall(
        step=step,
        inputs=Resolved(texts or {}, given),
        workspace_id="ws_1",
        project_id="p_1",
        run_id="run_1",
        public_base_url="https://api.example.com/prod",
    )


def begun(step: Step, texts: dict[str, str] | None = None, **media: Any) -> Output | JobOrder:
    return executor_of(step).begin(call(step, texts, **media))


def ordered(step: Step, texts: dict[str, str] | None = None, **media: Any) -> JobOrder:
    order = begun(step, texts, **media)
    assert isinstance(order, JobOrder)
    return order


def modelled(kind: str, model: str, **settings: Any) -> Step:
    return Step(node_id="n", kind=kind, model_id=model, settings=settings)


def operated(operation: str, **settings: Any) -> Step:
    return Step(node_id="n", kind="Transform", operation=operation, settings=settings)


def ended(order: JobOrder, files: list[StoredFile], **changes: Any) -> Job:
    """The completed job of an order."""
    request = JobRequest(
        job_id="job",
        workspace_id="ws_1",
        kind="graph-node",
        catalogue_id=order.catalogue_id,
        wanted=order.wanted,
        terms=Terms(deadline_at_seconds=1),
        quoted_credits=1,
    )
    ending = {"status": "completed", "finished_at": now_iso()}
    delivery = JobOutput(is_stored=True, files=tuple(files), result=changes.pop("result", None))
    return new_job(request).model_copy(update=ending | {"delivery": delivery} | changes)


def test_words_and_results_are_there_at_once() -> None:
    words = begun(Step(node_id="n", kind="Prompt"), {"prompt": "A door"})
    assert words == Output(artifacts=(text("A door"),))
    shown = begun(Step(node_id="n", kind="Output"), input=(STILL, text("x")))
    assert shown == Output(artifacts=(STILL, text("x")))
    with pytest.raises(InvalidInput):
        begun(Step(node_id="n", kind="Text"), {"prompt": "  "})
    with pytest.raises(KeyError):
        executor_of(Step(node_id="n", kind="comment"))


def test_a_models_node_is_ordered_in_the_models_own_form() -> None:
    order = ordered(modelled("Video", FAL_VIDEO, duration=5), {"prompt": "slow pan"}, image=STILL)
    assert (order.catalogue_id, order.output_prefix) == (FAL_VIDEO, "generation-videos")
    assert (order.wanted.media_type, order.wanted.prompt) == ("video", "slow pan")
    (place,) = order.wanted.input_media
    assert place.key == STILL.key
    assert STILL.key in order.wanted.keys
    assert order.wanted.duration_seconds == 5


def test_a_picture_by_url_is_fetched_by_the_job() -> None:
    url = Artifact(type="image", url="https://example.com/a.png")
    order = ordered(modelled("Video", FAL_VIDEO), {"prompt": "pan"}, image=url)
    (place,) = order.wanted.input_urls
    assert (place.url, place.kind, order.wanted.input_media) == (url.url, "image", ())
    own = ordered(modelled("Video", "showreel/camera-motion"), {"prompt": "in"}, image=url)
    assert (own.wanted.image_url, own.wanted.image_key) == (url.url, None)


def test_our_own_camera_is_ordered_by_a_jobs_fields() -> None:
    step = modelled("Video", "showreel/camera-motion", duration=3, aspect_ratio="9:16")
    wanted = ordered(step, {"prompt": "dolly in"}, image=STILL, end_image=STILL).wanted
    assert (wanted.image_key, wanted.end_image_key, wanted.raw_pictures) == (
        STILL.key,
        STILL.key,
        True,
    )
    assert (wanted.duration_seconds, wanted.aspect_ratio, wanted.inputs) == (3, "9:16", {})


def test_a_text_is_ordered_whole() -> None:
    step = modelled("Text", "google/gemini-3.5-flash-lite", maxTokens=50)
    order = ordered(step, {"prompt": "Describe a door", "systemPrompt": "Be brief"})
    assert order.wanted.media_type == "text"
    assert order.wanted.inputs == {
        "prompt": "Describe a door",
        "systemPrompt": "Be brief",
        "maxTokens": 50,
    }
    told = '{"text": "A red door"}'
    output = executor_of(step).output(call(step), ended(order, [], result=told))
    assert output.artifacts == (text("A red door"),)
    assert output.model


def test_texts_that_a_row_does_not_hold_are_refused() -> None:
    step = modelled("Text", "google/gemini-3.5-flash-lite")
    order = ordered(step, {"prompt": "word " * 6000})
    assert (len(order.wanted.prompt), len(order.wanted.inputs["prompt"])) == (500, 30_000)
    with pytest.raises(InvalidInput) as refused:
        begun(step, {"prompt": "\N{ROCKET}" * 20_000})
    assert refused.value.code == "text_too_long"


def test_what_the_form_refuses_is_reported_by_field() -> None:
    with pytest.raises(InvalidInput) as refused:
        begun(modelled("Image", "fal-ai/flux/schnell"), {"prompt": "x" * 5000})
    assert refused.value.details["details"][0]["field"] == "prompt"


def test_a_result_is_as_long_as_what_it_is_made_of_if_the_model_can_do_that() -> None:
    step = modelled("Model", "veed/fabric-1.0")
    order = ordered(step, image=STILL, audio=SOUND)
    assert order.wanted.duration_seconds == SOUND.duration_seconds
    with pytest.raises(InvalidInput) as refused:
        begun(step, image=STILL, audio=SOUND.model_copy(update={"duration_seconds": 700}))
    assert refused.value.code == "media_too_long"


def test_every_operation_names_its_files_and_parameters() -> None:
    media = {"media": CLIP, "overlay": STILL, "audio": SOUND}
    for name, operation in OPERATIONS.items():
        settings = {"factor": 2} if name == "speed" else {}
        settings |= {"width": 64} if name == "resize" else {}
        settings |= {"aspect_ratio": "1:1"} if name == "crop" else {}
        given = {one: media[one] for one in operation.takes}
        order = ordered(operated(name, **settings), **given)
        assert order.catalogue_id == OUR_MODEL
        assert order.wanted.inputs["operation"]["operation"] == name
        assert order.wanted.keys == {one.key for one in given.values()}
        kind = CLIP.type if operation.gives == "same" else operation.gives
        assert order.wanted.media_type == kind


def test_joined_media_keep_their_order_and_urls_their_place() -> None:
    url = Artifact(type="video", url="https://example.com/b.mp4")
    order = ordered(operated("concat"), media=(CLIP, url, CLIP))
    assert order.wanted.inputs["files"] == {"media": [CLIP.key, "", CLIP.key]}
    assert [one.path for one in order.wanted.input_urls] == [("files", "media", 1)]


@pytest.mark.parametrize(
    ("operation", "media", "code"),
    [
        ("reverse", {}, "missing_input"),
        ("reverse", {"media": STILL}, "incompatible_handles"),
        ("overlay", {"media": CLIP, "overlay": SOUND}, "incompatible_handles"),
        ("concat", {"media": (CLIP,) * 51}, "too_many_inputs"),
    ],
)
def test_media_that_an_operation_does_not_take_are_refused(operation, media, code) -> None:
    with pytest.raises(InvalidInput) as refused:
        begun(operated(operation), **media)
    assert refused.value.code == code


def test_of_a_list_one_operation_takes_the_first() -> None:
    order = ordered(operated("reverse"), media=(CLIP, CLIP.model_copy(update={"key": "b"})))
    assert order.wanted.keys == {CLIP.key}


def test_an_upload_is_fetched_and_checked_as_what_it_is_said_to_be() -> None:
    step = Step(node_id="n", kind="Upload", output="image")
    order = ordered(step, url=Artifact(type="image", url="https://example.com/a.png"))
    assert order.wanted.inputs["accept"] == "image"
    assert order.may_be_any_media
    file = StoredFile(key="project-assets/x-0.png", content_type="image/png", width=9, height=8)
    output = executor_of(step).output(call(step), ended(order, [file]))
    (made,) = output.artifacts
    assert (made.type, made.key, made.width, made.height) == ("image", file.key, 9, 8)
    assert output.model is None


def test_several_files_are_several_artifacts_and_words_are_a_text() -> None:
    step = modelled("Image", "fal-ai/flux/schnell", num_images=2)
    order = ordered(step, {"prompt": "x"})
    files = [StoredFile(key=f"project-assets/{n}.jpg", content_type="image/jpeg") for n in "ab"]
    output = executor_of(step).output(call(step), ended(order, files, fallback_reason="gone"))
    assert [one.key for one in output.artifacts] == ["project-assets/a.jpg", "project-assets/b.jpg"]
    assert (output.model, output.fallback_reason) == ("fal-ai/flux/schnell", "gone")
    heard = modelled("Model", "fal-ai/whisper")
    order = ordered(heard, audio=SOUND)
    assert order.may_be_data
    output = executor_of(heard).output(call(heard), ended(order, [], result='{"text": "Hello"}'))
    assert output.artifacts == (text("Hello"),)


def test_the_model_of_operations_is_no_model_to_ask() -> None:
    found = checked([node("a", "Model", model=OUR_MODEL)])
    assert [one.code for one in found.findings] == ["wrong_model"]


def test_steps_of_a_checked_graph_are_what_executors_take() -> None:
    found = checked(
        [
            node("a", "Upload", url="https://example.com/a.mp4"),
            node("b", "Transform", operation="extractFrame", atSeconds=1),
            node("c", "Output"),
        ],
        edge("a", "b"),
        edge("b", "c"),
    )
    assert found.findings == ()
    order = ordered(found.steps["b"], media=CLIP)
    assert order.wanted.inputs["operation"]["at_seconds"] == 1
