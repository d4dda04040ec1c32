"""The product's own fal adapter against the simulator: both speak the same protocol."""

import json
import time
from typing import Any

import httpx
import pytest

from showreel.core.errors import (
    ProviderInvalidInput,
    ProviderUpstream,
)
from showreel.providers.base import (
    Failed,
    InputPicture,
    Lookup,
    Pending,
    PollResult,
    SubmitRequest,
    Succeeded,
    VendorTask,
)
from showreel.providers.fal.queue import Fal
from tests.simulators.conftest import FAL_KEY, Customer
from tests.simulators.fal.customer import FLUX, KLING, FalCustomer
from tests.support.http import eventually


@pytest.fixture
def market(customer: Customer) -> FalCustomer:
    return FalCustomer(customer)


def adapter(market: FalCustomer, key: str = FAL_KEY, caller: str = "process-3") -> Fal:
    return Fal(f"{market.customer.config.base_url}/_p/{caller}/fal", key)


def running(fal: Fal, task: VendorTask) -> Pending | None:
    found = fal.poll(task)
    return found if isinstance(found, Pending) and found.is_running else None


def request(**changes: Any) -> SubmitRequest:
    usual = {
        "external_id": "job-1-attempt-1",
        "upstream": FLUX,
        "parameters": {},
        "prompt": "a lamp",
        "duration_seconds": 0,
        "inputs": {"prompt": "a lamp", "image_size": "square"},
    }
    return SubmitRequest(**{**usual, **changes})


def lookup(told: str | None, upstream: str = FLUX) -> Lookup:
    return Lookup("job-1-attempt-1", int(time.time()), upstream, "a lamp", reported_task_id=told)


def verdict(fal: Fal, task: VendorTask) -> PollResult:
    def look() -> PollResult | None:
        found = fal.poll(task)
        return None if isinstance(found, Pending) else found

    found: PollResult = eventually(look)
    return found


@pytest.mark.parametrize(
    ("changes", "start"),
    [
        ({"inputs": {"prompt": "a lamp", "num_images": 2}}, b"\xff\xd8"),
        (
            {"upstream": f"{KLING}/text-to-video", "inputs": {"prompt": "pan", "duration": "3"}},
            b"\0\0\0",
        ),
        ({"upstream": "fal-ai/elevenlabs/tts/turbo-v2.5", "inputs": {"text": "Welcome"}}, b""),
    ],
)
def test_a_job_from_submission_to_result(
    market: FalCustomer, changes: dict[str, Any], start: bytes
) -> None:
    fal = adapter(market)
    task = fal.submit(request(**changes))
    result = verdict(adapter(market, caller="process-4"), task)
    assert isinstance(result, Succeeded)
    assert len(result.urls) == changes.get("inputs", {}).get("num_images", 1)
    for url in result.urls:
        assert url in json.dumps(result.output)
        assert httpx.get(url).content.startswith(start)
    assert market.customer.tasks()[0]["caller"] == "process-3"


def test_each_poll_is_counted_for_the_process_that_makes_it(market: FalCustomer) -> None:
    task = adapter(market).submit(request())
    adapter(market, caller="process-4").poll(task)
    seen = market.customer.client.get("/_sim/requests", params={"operation": "poll"}).json()
    assert [entry["caller"] for entry in seen["requests"]] == ["process-4"]


def test_a_job_of_ours_with_two_pictures(market: FalCustomer) -> None:
    pages = market.customer.pictures.base_url
    image, end = (InputPicture(f"{pages}/{name}.jpg", bytes) for name in ("room", "hall"))
    order = request(
        upstream=f"{KLING}/image-to-video",
        inputs={},
        prompt="slow zoom in",
        duration_seconds=3,
        image=image,
        end_image=end,
        aspect_ratio="9:16",
    )
    fal = adapter(market)
    assert isinstance(verdict(fal, fal.submit(order)), Succeeded)
    assert market.customer.tasks()[0]["inputs"] == {
        "prompt": "slow zoom in",
        "image_url": image.url,
        "end_image_url": end.url,
        "duration": "3",
    }


def test_progress_through_the_queue_is_reported(market: FalCustomer) -> None:
    market.customer.settings(generation_seconds=10)
    fal = adapter(market)
    task = fal.submit(request())
    assert fal.poll(task) == Pending(queue_position=0)
    told = eventually(lambda: found if (found := running(fal, task)) else None)
    assert told.queue_position is None
    assert fal.cancel(task)
    assert not fal.cancel(task)
    result = fal.poll(task)
    assert isinstance(result, Failed)
    assert isinstance(result.error, ProviderUpstream)


def test_what_is_found_has_the_handle_of_what_was_submitted(market: FalCustomer) -> None:
    fal = adapter(market)
    task = fal.submit(request())
    assert fal.find(lookup(task.task_id)) == task
    assert fal.find(lookup(task.task_id, f"{KLING}/text-to-video")) is None


@pytest.mark.parametrize(
    ("upstream", "inputs"),
    [
        (FLUX, {"num_images": 9}),
        (f"{KLING}/image-to-video", {"image_url": "http://127.0.0.1:9/a.jpg"}),
    ],
)
def test_input_that_the_model_refuses_is_invalid(
    market: FalCustomer, upstream: str, inputs: dict[str, Any]
) -> None:
    fal = adapter(market)
    result = verdict(fal, fal.submit(request(upstream=upstream, inputs=inputs)))
    assert isinstance(result, Failed)
    assert type(result.error) is ProviderInvalidInput
