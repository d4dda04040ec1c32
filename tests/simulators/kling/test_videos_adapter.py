"""The product's own adapter for Kling's first standard against the simulator."""

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
from showreel.providers.kling.videos import Kling
from tests.simulators.conftest import ACCESS_KEY, API_KEY, SECRET_KEY, Customer
from tests.support.http import eventually

SIGNING = ("", ACCESS_KEY, SECRET_KEY)
LOOKUP = Lookup("job-1-attempt-1", sent_at_seconds=1_780_000_000, image_path="/room.jpg")


def adapter(customer: Customer, keys: tuple[str, ...] = SIGNING) -> Kling:
    return Kling(f"{customer.config.base_url}/_p/process-3/kling", *keys)


def request(customer: Customer, **changes: object) -> SubmitRequest:
    usual: dict[str, object] = {
        "external_id": "job-1-attempt-1",
        "upstream": "kling-v2-6",
        "parameters": {"mode": "pro"},
        "prompt": "Slow zoom in",
        "duration_seconds": 5,
        "image": InputPicture(customer.picture_url, bytes),
    }
    return SubmitRequest(**{**usual, **changes})  # type: ignore[arg-type]


def verdict(kling: Kling, task: VendorTask) -> PollResult:
    def look() -> PollResult | None:
        found = kling.poll(task)
        return found if isinstance(found, Succeeded | Failed) else None

    found: PollResult = eventually(look)
    return found


@pytest.mark.parametrize("keys", [SIGNING, (API_KEY,)])
def test_a_job_from_submission_to_result(customer: Customer, keys: tuple[str, ...]) -> None:
    kling = adapter(customer, keys)
    hook = f"{customer.pictures.base_url}/hook"
    tail = f"{customer.pictures.base_url}/hall.jpg"
    order = request(
        customer, end_image=InputPicture(tail, bytes), native_audio=True, callback_url=hook
    )
    task = kling.submit(order)
    result = verdict(kling, task)
    assert isinstance(result, Succeeded)
    assert customer.client.get(result.urls[0]).content[4:8] == b"ftyp"
    assert customer.tasks()[0]["caller"] == "process-3"


def test_a_job_from_words_alone(customer: Customer) -> None:
    kling = adapter(customer)
    short = {"upstream": "kling-v3", "duration_seconds": 3}
    order = request(customer, image=None, aspect_ratio="9:16", **short)
    assert isinstance(verdict(kling, kling.submit(order)), Succeeded)


def test_a_second_create_with_our_own_id_is_refused(customer: Customer) -> None:
    kling = adapter(customer)
    kling.submit(request(customer))
    with pytest.raises(ProviderInvalidInput):
        kling.submit(request(customer))
    assert len(customer.tasks()) == 1
