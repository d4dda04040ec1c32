"""The product's own Google adapters against the simulator: both speak the same protocols."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from showreel.assets.service import copy_result
from showreel.core.errors import (
    ProviderInvalidInput,
    Transient,
)
from showreel.providers.base import (
    InputPicture,
    Pending,
    PollResult,
    Provider,
    SubmitRequest,
    Succeeded,
    VendorTask,
)
from showreel.providers.google.interactions import GoogleInteractions
from showreel.providers.google.veo import GoogleVeo
from tests.simulators.conftest import GOOGLE_KEY, Customer
from tests.simulators.films import decoded, difference, still
from tests.simulators.google.customer import OMNI, VEO, GoogleCustomer
from tests.support.http import eventually

Make = Callable[[str, str], Provider]
BOTH = pytest.mark.parametrize(("make", "upstream"), [(GoogleVeo, VEO), (GoogleInteractions, OMNI)])


@pytest.fixture
def google(customer: Customer) -> GoogleCustomer:
    customer.settings(gone_models=[])
    return GoogleCustomer(customer)


def adapter(google: GoogleCustomer, make: Make, key: str = GOOGLE_KEY) -> Provider:
    return make(f"{google.customer.config.base_url}/_p/process-3/google", key)


def request(google: GoogleCustomer, upstream: str, **changes: Any) -> SubmitRequest:
    usual: dict[str, Any] = {
        "external_id": "job-1-attempt-1",
        "upstream": upstream,
        "parameters": {},
        "prompt": "Slow zoom in",
        "duration_seconds": 5,
        "image": picture(google, "/room.jpg"),
        "aspect_ratio": "16:9",
        "resolution": "720p",
    }
    return SubmitRequest(**{**usual, **changes})


def picture(google: GoogleCustomer, name: str) -> InputPicture:
    return InputPicture(
        f"https://bucket.example{name}", lambda: google.customer.pictures.files[name]
    )


def verdict(provider: Provider, task: VendorTask) -> PollResult:
    def look() -> PollResult | None:
        found = provider.poll(task)
        return None if isinstance(found, Pending) else found

    found: PollResult = eventually(look)
    return found


def downloaded(google: GoogleCustomer, result: PollResult, path: Path, **changes: Any) -> bytes:
    assert isinstance(result, Succeeded)
    usual: dict[str, Any] = {
        "headers": result.headers,
        "allowed_hosts": [],
        "exempt_origins": [google.customer.config.base_url],
    }
    copy_result(result.urls[0], path, **{**usual, **changes})
    return path.read_bytes()


@BOTH
def test_a_job_from_submission_to_file(
    google: GoogleCustomer, make: Make, upstream: str, tmp_path: Path
) -> None:
    provider = adapter(google, make)
    order = request(google, upstream, end_image=picture(google, "/hall.jpg"))
    result = verdict(provider, provider.submit(order))
    clip = decoded(downloaded(google, result, tmp_path / "clip.mp4"))
    assert (clip.size(), len(clip.frames)) == ((1280, 720), 121)
    files = google.customer.pictures.files
    assert difference(clip.frames[0], still(files["/room.jpg"])) < 4
    assert difference(clip.frames[-1], still(files["/hall.jpg"])) < 4
    assert google.customer.tasks()[0]["caller"] == "process-3"


@BOTH
def test_a_job_from_words_alone_upright(
    google: GoogleCustomer, make: Make, upstream: str, tmp_path: Path
) -> None:
    provider = adapter(google, make)
    order = request(google, upstream, image=None, aspect_ratio="9:16")
    result = verdict(provider, provider.submit(order))
    clip = decoded(downloaded(google, result, tmp_path / "clip.mp4"), 90, 160)
    assert clip.size() == (720, 1280)


@BOTH
def test_without_the_key_there_is_no_file(
    google: GoogleCustomer, make: Make, upstream: str, tmp_path: Path
) -> None:
    provider = adapter(google, make)
    result = verdict(provider, provider.submit(request(google, upstream)))
    with pytest.raises(Transient):
        downloaded(google, result, tmp_path / "clip.mp4", headers={})


def test_a_clip_may_come_with_the_answer(google: GoogleCustomer) -> None:
    provider = adapter(google, GoogleInteractions)
    order = request(google, OMNI, parameters={"delivery": "inline"}, duration_seconds=3)
    result = verdict(provider, provider.submit(order))
    assert isinstance(result, Succeeded)
    assert (result.urls, result.headers) == ((), {})
    assert result.data is not None
    assert len(decoded(result.data).frames) == 73


@BOTH
def test_a_length_that_the_model_does_not_make_is_refused(
    google: GoogleCustomer, make: Make, upstream: str
) -> None:
    with pytest.raises(ProviderInvalidInput):
        adapter(google, make).submit(request(google, upstream, duration_seconds=12))
