"""The documented examples and every route, against the product as it runs."""

import asyncio
import runpy
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local.stack import ROOT, Stack
from showreel_client import (
    AsyncUnifiedGenerationService,
    GenerationInput,
    Progress,
    UnifiedGenerationService,
)

ROOM = next((ROOT / "local" / "demo" / "rooms").glob("*living-room.jpg"))


def example(name: str) -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "client" / "examples" / f"{name}.py"))


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=60) as client:
        yield client


@pytest.fixture
def service(stack: Stack, http: httpx.Client) -> UnifiedGenerationService:
    assert stack.tenant is not None
    return UnifiedGenerationService(
        stack.base_url, stack.tenant.token, workspace_id=stack.tenant.workspace_id, http=http
    )


def fetched(http: httpx.Client, url: str) -> str:
    """The content type of a result that is really there."""
    answer = http.get(url, follow_redirects=True)
    assert answer.status_code == 200
    assert answer.content
    return answer.headers["content-type"]


def test_an_image(stack: Stack, service: UnifiedGenerationService, http: httpx.Client) -> None:
    image = example("image")["image"](service)
    assert image.url.startswith(f"{stack.base_url}/storage/v1/object/public/")
    assert image.url == image.metadata.storage_url
    assert fetched(http, image.url).startswith("image/")
    assert image.metadata.resolved_model == "fal-ai/flux/schnell"
    assert (image.metadata.media_type, image.metadata.fallback_used) == ("image", False)
    assert image.metadata.credits


def test_a_video_with_progress(
    service: UnifiedGenerationService, http: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    video = example("video")["video"](service)
    assert fetched(http, video.url) == "video/mp4"
    lines = capsys.readouterr().out.splitlines()
    percents = [int(line.partition("%")[0]) for line in lines]
    assert percents == sorted(percents)
    assert lines[-1] == "100% — Complete"


def test_a_text(service: UnifiedGenerationService) -> None:
    assert example("text")["text"](service)


def test_errors(stack: Stack, http: httpx.Client) -> None:
    attempt, poor = example("errors")["attempt"], stack.seeder.tenant(1)
    service = UnifiedGenerationService(stack.base_url, poor.token, http=http)
    told = attempt(service, GenerationInput("fal-ai/flux/schnell", "A paper boat"))
    assert told.startswith("Need ")
    assert ", have 1: " in told
    assert attempt(service, GenerationInput("nobody/knows", "x")).startswith("[unknown_route]")


def test_a_video_from_a_picture(service: UnifiedGenerationService, http: httpx.Client) -> None:
    video = example("from_a_picture")["from_a_picture"](service, ROOM)
    resolved = "fal-ai/kling-video/o3/standard/image-to-video"
    assert fetched(http, video.url) == "video/mp4"
    assert (video.metadata.resolved_model, video.metadata.fallback_used) == (resolved, True)
    assert video.metadata.fallback_reason == (
        f"incompatible_with_reference_input:text-to-video->same_family:{resolved}"
    )


def test_text_and_sound_at_once(stack: Stack) -> None:
    assert stack.tenant is not None
    url, token = stack.base_url, stack.tenant.token

    async def run() -> tuple[str, str]:
        async with (
            httpx.AsyncClient(trust_env=False) as http,
            AsyncUnifiedGenerationService(url, token, http=http) as service,
        ):
            text, sound = await example("streaming")["narrate"](service)
            return text, sound.url

    text, sound_url = asyncio.run(run())
    assert text
    assert sound_url.startswith(f"{stack.base_url}/storage/v1/object/public/audio/")


@pytest.mark.parametrize("model", ["elevenlabs-tts", "elevenlabs-sfx", "elevenlabs-music"])
def test_every_kind_of_sound(
    service: UnifiedGenerationService, http: httpx.Client, model: str
) -> None:
    sound = service.generate_audio("A calm evening", model=model)
    assert fetched(http, sound.url).startswith("audio/")
    assert sound.metadata.credits


def test_a_video_of_gmi(service: UnifiedGenerationService, http: httpx.Client) -> None:
    seen: list[Progress] = []
    video = service.generate_video("A kite", {"model": "gmi/seedance-2.0-t2v"}, seen.append)
    assert fetched(http, video.url) == "video/mp4"
    assert seen[-1].percent == 100


@pytest.mark.parametrize(
    "model", ["google/gemini-2.5-flash", "openai/gpt-5-mini", "groq/llama-3.3-70b-versatile"]
)
def test_the_pieces_of_a_text_make_the_text(service: UnifiedGenerationService, model: str) -> None:
    pieces = list(service.stream_text("Count to ten.", model=model, request_id=f"count-{model}"))
    assert "".join(pieces).strip()
    assert service.generate_text("Count to ten.", model=model).text


def test_a_picture_asked_for_twice_is_paid_once(stack: Stack, http: httpx.Client) -> None:
    tenant = stack.seeder.tenant(50)
    service = UnifiedGenerationService(stack.base_url, tenant.token, http=http)
    first, again = (service.generate_image("A fox", request_id="fox-1") for _ in range(2))
    assert first.url == again.url
    headers = {"Authorization": f"Bearer {tenant.token}"}
    left = http.get(f"{stack.base_url}/api/credits", headers=headers).json()["available"]
    assert left == 50 - (first.metadata.credits or 0)


def test_the_catalogue_has_what_the_service_falls_back_to(
    service: UnifiedGenerationService,
) -> None:
    models = service.models()
    assert models["fal-ai/flux/schnell"].media_type == "image"
    for workflow in ("text-to-video", "image-to-video", "reference-to-video"):
        assert models[f"fal-ai/kling-video/o3/standard/{workflow}"].workflow_type == workflow
