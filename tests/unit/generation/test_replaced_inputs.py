"""A caller's own inputs when another model takes over."""

from typing import Any

import pytest

from showreel.core.errors import ProviderModelGone
from showreel.generation.decide import Again, Decision, Fail, decide
from showreel.generation.models import InputMedia, JobRequest, Wanted
from showreel.generation.service import new_job
from tests.unit.generation.support import grouped

GONE = ProviderModelGone("gone")
V3 = "fal-ai/kling-video/v3/pro/image-to-video"
O3 = "fal-ai/kling-video/o3/standard/image-to-video"


def decided(**fields: Any) -> Decision:
    request: dict[str, Any] = {
        "job_id": "j",
        "workspace_id": "w",
        "kind": "fal-stream",
        "catalogue_id": V3,
        "prompt": "Pan",
        "duration_seconds": 10,
        "inputs": {"prompt": "Pan", "duration": "10", "start_image_url": "project-assets/a.jpg"},
        "input_media": (InputMedia(path=("start_image_url",), key="project-assets/a.jpg"),),
        "deadline_at_seconds": 1000,
    }
    job = new_job(JobRequest.model_validate(grouped(request | fields)))
    return decide(job, GONE, now_seconds=10, random_unit=0.5)


def test_the_inputs_get_the_names_of_the_model_that_takes_over() -> None:
    again = decided()
    assert isinstance(again, Again)
    wanted = Wanted.model_validate(again.changes["wanted"])
    inputs = wanted.inputs
    assert inputs["image_url"] == "project-assets/a.jpg"
    assert "start_image_url" not in inputs
    assert (inputs["prompt"], inputs["duration"]) == ("Pan", "10")
    assert wanted.input_media == (InputMedia(path=("image_url",), key="project-assets/a.jpg"),)
    assert (again.changes["model"], again.changes["fallback_used"]) == (O3, True)
    assert again.changes["credits"] <= 84


@pytest.mark.parametrize(
    "fields",
    [
        {"may_be_replaced": False},
        {"inputs": {"prompt": "x" * 3000, "start_image_url": "project-assets/a.jpg"}},
        {"inputs": {"prompt": "Pan", "mask": "m"},
         "input_media": (InputMedia(path=("mask",), key="m"),)},
    ],
    ids=["forbidden", "not taken", "a file would be lost"],
)  # fmt: skip
def test_nobody_takes_over_what_can_not_be_taken_over(fields: dict[str, Any]) -> None:
    assert decided(**fields) == Fail("model_gone")
