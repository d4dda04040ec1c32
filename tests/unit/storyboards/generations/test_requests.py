"""Which model makes a shot, and what its job asks for."""

from collections.abc import Iterator
from typing import Any

import pytest

from showreel.catalog import get_model
from showreel.catalog.catalogue import list_ids
from showreel.core.errors import AppError, InvalidInput
from showreel.generation.models import Wanted
from showreel.generation.service import new_job
from showreel.storyboards.generations.choice import WORKFLOWS, choose, takes_pictures
from showreel.storyboards.generations.requests import (
    Making,
    job_request,
    nearest_ratio,
    wanted,
)
from showreel.storyboards.models import Medium, ShotInProject
from tests.support.cloud import empty_cloud
from tests.unit.storyboards.support import PROJECT, project_row, scene_row, shot_row

REFERENCE, PICTURE = "project-assets/reference.jpg", "project-assets/picture.jpg"
BASE = "https://api.example.com"


@pytest.fixture(autouse=True)
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_cloud():
        monkeypatch.setenv("GENERATION_TIMEOUT_SECONDS", "900")
        monkeypatch.setenv("LATE_RESULT_SECONDS", "600")
        yield


def found(reference: bool = True, **shot: Any) -> ShotInProject:
    project = project_row(PROJECT, reference_image_key=REFERENCE if reference else None)
    state = {"image": {"status": "completed", "key": PICTURE}, "dialogue": "Now or never."}
    return ShotInProject(project, scene_row(), shot_row(visual_prompt="A door", **(state | shot)))


def made(medium: Medium, model: str | None = None, place: ShotInProject | None = None) -> Wanted:
    place = place or found()
    return wanted(place, medium, choose(place.project, medium, model, "model").model)


def keys(what: Wanted) -> list[str]:
    return [media.key for media in what.input_media]


def test_defaults_are_the_catalogue_s() -> None:
    plain, referring = found(reference=False).project, found().project
    assert choose(plain, "image", None, "model").model.id == "fal-ai/flux/schnell"
    assert takes_pictures(choose(referring, "image", None, "model").model)
    assert choose(plain, "video", None, "model").model.workflow_type == "image-to-video"
    assert choose(plain, "audio", None, "model").model.workflow_type == "text-to-speech"


def test_the_reference_image_goes_to_models_that_take_one() -> None:
    assert keys(made("image")) == [REFERENCE]
    assert keys(made("image", "fal-ai/flux-pro/v1.1-ultra")) == [REFERENCE]
    assert keys(made("image", "gmi/gpt-image-2")) == [REFERENCE]
    assert keys(made("image", "fal-ai/flux/schnell")) == []
    assert keys(made("image", "gmi/gpt-image-2", found(reference=False))) == []


def test_a_video_begins_with_the_shot_s_picture() -> None:
    assert keys(made("video")) == [PICTURE]
    own = made("video", "kling-v2.6-pro")
    assert (own.image_key, own.raw_pictures) == (PICTURE, True)
    words = choose(
        found().project, "video", "fal-ai/kling-video/o3/standard/text-to-video", "video_model"
    )
    assert words.model.id == "fal-ai/kling-video/o3/standard/image-to-video"
    assert words.requested == "fal-ai/kling-video/o3/standard/text-to-video"
    assert "same_family" in str(words.reason)


def test_references_of_a_video_are_the_picture_and_the_project_s() -> None:
    both = made("video", "fal-ai/kling-video/o3/standard/reference-to-video")
    assert keys(both) == [PICTURE, REFERENCE]


def test_lengths_and_ratios_are_the_model_s_nearest() -> None:
    assert made("video", place=found(duration_ms=7400)).duration_seconds == 7
    assert made("video", place=found(duration_ms=900)).duration_seconds == 3
    assert nearest_ratio("16:9", ("1:1", "3:2", "2:3")) == "3:2"
    assert nearest_ratio("9:16", ("1:1", "3:2", "2:3")) == "2:3"
    assert nearest_ratio("16:9", ()) == "16:9"


def test_a_voice_over_says_the_dialogue_word_for_word() -> None:
    said = made("audio", "elevenlabs-tts")
    assert (said.prompt, said.characters, keys(said)) == ("Now or never.", 13, [])


@pytest.mark.parametrize(
    ("medium", "model", "code"),
    [
        ("image", "fal-ai/kling-video/o3/standard/image-to-video", "wrong_media_type"),
        ("image", "no-such-model", "unknown_model"),
        ("video", "fal-ai/flux/schnell", "wrong_media_type"),
        ("audio", "fal-ai/lyria2", "wrong_media_type"),
        ("image", "fal-ai/nano-banana-2/edit", "reference_required"),
    ],
)
def test_a_model_that_can_not_make_it_is_refused_by_name(
    medium: Medium, model: str, code: str
) -> None:
    with pytest.raises(AppError) as refused:
        choose(found(reference=False).project, medium, model, "image_model")
    assert refused.value.code == code
    assert refused.value.details["details"][0]["field"] == "image_model"


NEEDS_A_SAMPLE = "fal-ai/index-tts-2/text-to-speech"
MODELS = [
    (medium, model_id)
    for medium, workflows in WORKFLOWS.items()
    for workflow in workflows
    for model_id in list_ids(workflow_type=workflow)
    if model_id != NEEDS_A_SAMPLE
]


@pytest.mark.parametrize(("medium", "model_id"), MODELS)
def test_every_model_that_may_be_chosen_gets_a_job_with_a_price(
    medium: Medium, model_id: str
) -> None:
    place = found(duration_ms=5000)
    choice = choose(place.project, medium, model_id, "model")
    job = new_job(job_request(Making(place, medium, choice), "job", BASE))
    assert job.credits >= 1
    assert job.wanted.media_type == medium
    assert job.subject is not None
    if medium == "video":
        assert PICTURE in job.wanted.keys
    assert get_model(job.catalogue_id).media_type == medium


def test_a_model_that_needs_what_a_shot_has_not_got_says_so() -> None:
    with pytest.raises(InvalidInput) as refused:
        made("audio", NEEDS_A_SAMPLE)
    assert refused.value.details["details"][0]["field"] == "audio_url"
