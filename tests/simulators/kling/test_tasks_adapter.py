"""The product's own adapter for Kling's second standard against the simulator."""

import pytest

from showreel.core.errors import (
    ProviderInvalidInput,
)
from showreel.providers.base import (
    Failed,
    InputPicture,
    Lookup,
    PollResult,
    SubmitRequest,
    Succeeded,
    VendorTask,
)
from showreel.providers.kling.tasks import KlingTasks
from tests.simulators.conftest import API_KEY, Customer
from tests.support.http import eventually

LOOKUP = Lookup("job-1-attempt-1", sent_at_seconds=1_780_000_000, image_path="/room.jpg")


def adapter(customer: Customer, api_key: str = API_KEY) -> KlingTasks:
    return KlingTasks(f"{customer.config.base_url}/_p/process-3/kling", api_key)


def request(customer: Customer, **changes: object) -> SubmitRequest:
    usual: dict[str, object] = {
        "external_id": "job-1-attempt-1",
        "upstream": "kling-3.0",
        "parameters": {},
        "prompt": "Slow zoom in",
        "duration_seconds": 5,
        "image": InputPicture(customer.picture_url, bytes),
    }
    return SubmitRequest(**{**usual, **changes})  # type: ignore[arg-type]


def verdict(kling: KlingTasks, task: VendorTask) -> PollResult:
    def look() -> PollResult | None:
        found = kling.poll(task)
        return found if isinstance(found, Succeeded | Failed) else None

    found: PollResult = eventually(look)
    return found


@pytest.mark.parametrize(
    ("upstream", "has_end", "native_audio"),
    [
        ("kling-3.0", True, True),
        ("kling-3.0-turbo", False, True),
        ("kling-2.6", True, True),
        ("kling-2.5-turbo", True, False),
    ],
)
def test_every_model_takes_what_the_adapter_sends(
    customer: Customer, upstream: str, has_end: bool, native_audio: bool
) -> None:
    kling = adapter(customer)
    tail = InputPicture(f"{customer.pictures.base_url}/hall.jpg", bytes) if has_end else None
    order = request(
        customer, upstream=upstream, end_image=tail, native_audio=native_audio, resolution="720p"
    )
    result = verdict(kling, kling.submit(order))
    assert isinstance(result, Succeeded)
    assert customer.client.get(result.urls[0]).content[4:8] == b"ftyp"
    assert customer.tasks()[0]["caller"] == "process-3"


def test_a_job_from_words_alone(customer: Customer) -> None:
    kling = adapter(customer)
    order = request(customer, image=None, aspect_ratio="9:16", duration_seconds=3)
    assert isinstance(verdict(kling, kling.submit(order)), Succeeded)
    assert customer.tasks()[0]["inputs"]["aspect_ratio"] == "9:16"


def test_an_end_frame_that_the_model_does_not_take_is_refused(customer: Customer) -> None:
    tail = InputPicture(f"{customer.pictures.base_url}/hall.jpg", bytes)
    with pytest.raises(ProviderInvalidInput):
        adapter(customer).submit(request(customer, upstream="kling-3.0-turbo", end_image=tail))


def test_a_second_create_with_our_own_id_is_refused(customer: Customer) -> None:
    kling = adapter(customer)
    kling.submit(request(customer))
    with pytest.raises(ProviderInvalidInput):
        kling.submit(request(customer))
    assert len(customer.tasks()) == 1
