"""The documented calls of the Unified Generation Service, against the product as it runs."""

from collections.abc import Iterator

import httpx
import pytest

from local.stack import ROOT, Stack
from showreel_client import (
    GenerationError,
    InsufficientCreditsError,
    Progress,
    ReferenceAsset,
    UnifiedGenerationService,
)
from tests.functions.routed.streams import FLUX, KLING, KLING_FROM_PICTURE

pytestmark = pytest.mark.stack
ROOM = next((ROOT / "local" / "demo" / "rooms").glob("*living-room.jpg"))


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=60) as client:
        yield client


def service(stack: Stack, http: httpx.Client, credit_count: int = 100) -> UnifiedGenerationService:
    tenant = stack.seeder.tenant(credit_count)
    return UnifiedGenerationService(
        stack.base_url, tenant.token, workspace_id=tenant.workspace_id, http=http
    )


def test_a_picture_of_fal_by_the_documented_call(stack: Stack, http: httpx.Client) -> None:
    image = service(stack, http).generate_image(
        "A cinematic wide shot of a futuristic city at sunset",
        {"model": FLUX, "parameters": {"image_size": "landscape_16_9"}, "autoStore": True},
    )
    assert image.url == image.metadata.storage_url
    assert http.get(image.url, follow_redirects=True).headers["content-type"] == "image/jpeg"
    assert (image.metadata.resolved_model, image.metadata.credits) == (FLUX, 3)
    assert (image.metadata.width, image.metadata.height) == (1024, 576)


def test_a_clip_of_fal_with_progress(stack: Stack, http: httpx.Client) -> None:
    seen: list[Progress] = []
    video = service(stack, http).generate_video(
        "A drone flyover of a tropical island, golden hour",
        {
            "model": KLING,
            "parameters": {"duration": "5", "aspect_ratio": "16:9", "generate_audio": True},
        },
        seen.append,
    )
    assert http.get(video.url, follow_redirects=True).headers["content-type"] == "video/mp4"
    assert [step.percent for step in seen] == sorted(step.percent for step in seen)
    assert (seen[0].percent, seen[-1].percent) == (0, 100)
    assert video.metadata.credits == 20


def test_a_picture_makes_a_text_model_the_one_that_starts_from_it(
    stack: Stack, http: httpx.Client
) -> None:
    client = service(stack, http)
    still = ReferenceAsset(client.upload(ROOM), "image")
    video = client.generate_video("Slow dolly in", {"model": KLING}, reference_assets=[still])
    assert video.metadata.resolved_model == KLING_FROM_PICTURE
    assert video.metadata.fallback_used
    assert "same_family" in str(video.metadata.fallback_reason)


def test_a_picture_of_gmi(stack: Stack, http: httpx.Client) -> None:
    image = service(stack, http).generate_image("A vase", {"model": "gmi/seedream-5.0-lite"})
    assert http.get(image.url, follow_redirects=True).headers["content-type"] == "image/jpeg"
    assert image.metadata.credits == 3


def test_failures_raise_the_documented_errors(stack: Stack, http: httpx.Client) -> None:
    client = service(stack, http, credit_count=1)
    with pytest.raises(InsufficientCreditsError) as broke:
        client.generate_image("A vase", {"model": FLUX})
    assert (broke.value.required, broke.value.available) == (3, 1)
    with pytest.raises(GenerationError) as wrong:
        client.generate_image("A vase", {"model": FLUX, "parameters": {"seed": "one"}})
    assert (wrong.value.code, wrong.value.status) == ("stream_error", 400)
    with pytest.raises(GenerationError) as unknown:
        client.generate_image("A vase", {"model": "gmi/none-such"})
    assert (unknown.value.code, unknown.value.server_code) == ("gmi_error", "unknown_model")
