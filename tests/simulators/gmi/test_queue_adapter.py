"""The product's own adapter of GMI's queue against the simulator."""

from typing import Any

import pytest

from showreel.core.errors import (
    ProviderAuth,
    ProviderModelGone,
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
from showreel.providers.gmi.queue import Gmi
from tests.simulators.conftest import GMI_KEY, Customer
from tests.simulators.gmi.customer import KLING, PICTURE, SPEECH, VEO
from tests.support.http import eventually


@pytest.fixture
def gmi(customer: Customer) -> Gmi:
    return Gmi(f"{customer.config.base_url}/_p/process-3/gmi", GMI_KEY)


def request(**changes: Any) -> SubmitRequest:
    usual: dict[str, Any] = {
        "external_id": "job-1-attempt-1",
        "upstream": VEO,
        "parameters": {},
        "prompt": "Slow zoom in",
        "duration_seconds": 3,
    }
    return SubmitRequest(**{**usual, **changes})


def verdict(gmi: Gmi, task: VendorTask) -> PollResult:
    def look() -> PollResult | None:
        found = gmi.poll(task)
        return found if isinstance(found, Succeeded | Failed) else None

    found: PollResult = eventually(look)
    return found


def delivered(customer: Customer, result: PollResult) -> bytes:
    assert isinstance(result, Succeeded)
    assert len(result.urls) == 1
    return customer.client.get(result.urls[0]).content


@pytest.mark.parametrize("model", [VEO, KLING])
def test_a_clip_of_ours_from_submission_to_result(customer: Customer, gmi: Gmi, model: str) -> None:
    picture = InputPicture(customer.picture_url, bytes)
    tail = InputPicture(f"{customer.pictures.base_url}/hall.jpg", bytes)
    task = gmi.submit(request(upstream=model, image=picture, end_image=tail))
    assert delivered(customer, verdict(gmi, task))[4:8] == b"ftyp"
    (seen,) = customer.tasks()
    assert seen["caller"] == "process-3"
    assert customer.picture_url in seen["inputs"].values()
    assert gmi.cancel(task) is False
    assert gmi.find(Lookup("job-1-attempt-1", sent_at_seconds=1_780_000_000)) is None


def test_a_callers_own_fields_are_sent_as_they_are(customer: Customer, gmi: Gmi) -> None:
    order = request(
        upstream=PICTURE,
        inputs={"prompt": "a lamp", "size": "1024x1024", "max_images": 1},
        parameters={"watermark": False},
    )
    result = verdict(gmi, gmi.submit(order))
    assert delivered(customer, result)[:2] == b"\xff\xd8"
    assert customer.tasks()[0]["inputs"] == {
        "prompt": "a lamp",
        "size": "1024x1024",
        "max_images": 1,
        "watermark": False,
    }
    assert isinstance(result, Succeeded)
    assert result.output.keys() == {"media_urls", "thumbnail_image_url"}


def test_what_is_finished_at_once_is_read_like_the_rest(customer: Customer, gmi: Gmi) -> None:
    task = gmi.submit(request(upstream=SPEECH, inputs={"text": "Welcome", "voice_id": "Jing"}))
    result = gmi.poll(task)
    assert delivered(customer, result)


def test_the_start_of_the_work_is_reported(customer: Customer, gmi: Gmi) -> None:
    customer.settings(generation_seconds=2)
    task = gmi.submit(request())
    assert gmi.poll(task) == Pending()
    eventually(lambda: gmi.poll(task) == Pending(is_running=True))


def test_unknown_models_and_keys(customer: Customer, gmi: Gmi) -> None:
    with pytest.raises(ProviderModelGone):
        gmi.submit(request(upstream="nobody-knows-it"))
    for key in ("", "of-somebody-else"):
        with pytest.raises(ProviderAuth):
            Gmi(gmi.base_url, key).submit(request())
