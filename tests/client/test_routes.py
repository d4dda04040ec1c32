"""Every route: what goes out, what comes back."""

import uuid
from typing import Any

import httpx
import pytest

from showreel_client import GenerationError, GenerationInput, GenerationResult, ReferenceAsset
from showreel_client.routes import needs_provider, route_of
from tests.client.support import KLING, Both, Server, answer, events, streamed

STORED = "https://api.example.com/dev/storage/v1/object/public/project-assets/1.png"
DONE = {
    "type": "done",
    "result": {"images": [{"url": "https://v3.fal.media/1.png", "width": 1024, "height": 576}]},
    "model": "fal-ai/flux/schnell",
    "storage_url": STORED,
    "credits": 3,
}


@pytest.mark.parametrize(
    ("model", "parameters", "provider", "function"),
    [
        ("elevenlabs-tts", {}, None, "elevenlabs-tts"),
        ("elevenlabs-sfx", {"_edgeFunction": "other"}, "gmi-cloud", "elevenlabs-sfx"),
        ("elevenlabs-music", {}, None, "elevenlabs-music"),
        ("gmi/kling-v3-omni", {"_edgeFunction": "other"}, None, "gmi-execute"),
        ("house-brand", {}, "gmi-cloud", "gmi-execute"),
        ("openai/gpt-5", {}, "gmi-cloud", "gmi-execute"),
        ("groq/anything", {}, None, "groq-chat"),
        ("llama-3.3-70b-versatile", {}, None, "groq-chat"),
        ("google/gemini-2.5-flash", {"_edgeFunction": "other"}, None, "gemini-text-generation"),
        ("openai/gpt-5-mini", {}, None, "gemini-text-generation"),
        ("fal-ai/flux/dev", {"_edgeFunction": "generate-social-video"}, None,
         "generate-social-video"),
        ("fal-ai/flux/dev", {}, None, "fal-stream"),
        ("xai/grok-imagine-image", {}, "fal-ai", "fal-stream"),
    ],
)  # fmt: skip
def test_the_documented_table_in_its_order(
    model: str, parameters: dict[str, Any], provider: str | None, function: str
) -> None:
    assert route_of(model, parameters, provider).function == function


@pytest.mark.parametrize("model", ["", "kling", "elevenlabs-voice", "google/veo", "openai/dall-e"])
def test_what_no_row_matches_is_an_unknown_route(model: str) -> None:
    with pytest.raises(GenerationError) as caught:
        route_of(model, {})
    assert caught.value.code == "unknown_route"
    assert needs_provider(model, {})


@pytest.mark.parametrize("name", ["../api/jobs", "a/b", "A", "x" * 65, 7, "a?b", "-a"])
def test_an_edge_function_has_a_plain_name(name: Any) -> None:
    with pytest.raises(GenerationError) as caught:
        route_of("anything", {"_edgeFunction": name})
    assert caught.value.code == "unknown_route"


def test_an_image_by_the_stream(call: Both, server: Server) -> None:
    meta = {"type": "meta", "requested_model": "a", "resolved_model": "fal-ai/flux/schnell"}
    server.on("functions/v1/fal-stream", events(meta, DONE))
    result: GenerationResult = call(
        "generate_image",
        "A futuristic city",
        {
            "model": "fal-ai/flux/schnell",
            "parameters": {"image_size": "landscape_16_9"},
            "projectId": "project-1",
            "autoStore": True,
        },
    )
    (request,) = server.requests
    (body,) = server.bodies("fal-stream")
    assert request.headers["authorization"] == "Bearer token-1"
    assert uuid.UUID(body.pop("request_id")) == uuid.UUID(request.headers["idempotency-key"])
    assert body == {
        "modelId": "fal-ai/flux/schnell",
        "inputs": {"prompt": "A futuristic city", "image_size": "landscape_16_9"},
        "media_type": "image",
        "project_id": "project-1",
        "workspace_id": "workspace-1",
    }
    assert (result.url, result.status) == (STORED, "completed")
    assert result.urls == (STORED, "https://v3.fal.media/1.png")
    about = result.metadata
    assert (about.storage_url, about.credits, about.media_type) == (STORED, 3, "image")
    assert (about.width, about.height, about.raw) == (1024, 576, DONE["result"])
    assert (about.requested_model, about.fallback_used) == ("fal-ai/flux/schnell", False)


@pytest.mark.parametrize(
    "option", [{"auto_store": False}, {"storage_bucket": "b"}, {"storagePathPrefix": "a/b"}]
)
def test_options_that_nothing_could_honour_are_refused(
    call: Both, server: Server, option: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match="stores every file"):
        call("generate_image", "A city", option)
    assert server.requests == []


FILE = {"url": STORED, "width": 1280, "height": 720, "duration_seconds": 5.04}


def test_a_results_size_and_length_are_those_of_its_file(call: Both, server: Server) -> None:
    done = DONE | {"result": {"video": {"url": "https://v3.fal.media/1.mp4"}}, "files": [FILE]}
    server.on("functions/v1/fal-stream", events(done))
    about = call("generate_image", "A city").metadata
    assert (about.width, about.height, about.duration_seconds) == (1280, 720, 5.04)


def test_a_servers_fallback_is_disclosed(call: Both, server: Server) -> None:
    fallback = {"type": "fallback", "reason": "model_gone", "fallback_model": "fal-ai/flux/dev"}
    done = {name: value for name, value in DONE.items() if name != "model"}
    server.on("functions/v1/fal-stream", events(fallback, done))
    about = call("generate_image", "A city").metadata
    assert (about.resolved_model, about.fallback_used) == ("fal-ai/flux/dev", True)
    assert about.fallback_reason == "model_gone"


def test_formats_counts_and_references_become_inputs(call: Both, server: Server) -> None:
    server.on("functions/v1/fal-stream", events(DONE))
    assets = [
        {"url": "https://a.example/1.png", "type": "image"},
        {"url": "https://a.example/2.png", "type": "image", "role": "style_reference"},
        ReferenceAsset("https://a.example/m.png", "image", role="mask"),
    ]
    call("generate_image", "x", reference_assets=assets, format="png", count=2, strict=True)
    (body,) = server.bodies("fal-stream")
    assert body["strict"] is True
    assert body["inputs"] == {
        "prompt": "x",
        "image_urls": ["https://a.example/1.png", "https://a.example/2.png"],
        "mask_url": "https://a.example/m.png",
        "output_format": "png",
        "num_images": 2,
    }


def test_what_a_generation_is_for_comes_back_with_it(call: Both, server: Server) -> None:
    server.on("functions/v1/fal-stream", events(DONE))
    metadata = {"source": "studio", "entityId": "node-1", "custom": {"take": 2}}
    wanted = {"model": "fal-ai/flux/dev", "prompt": "x", "metadata": metadata}
    about = call("generate", wanted).metadata
    (body,) = server.bodies("fal-stream")
    assert "metadata" not in body
    assert (about.source, about.entity_id, about.custom) == ("studio", "node-1", {"take": 2})


def test_a_model_of_fals_without_its_prefix_is_looked_up(call: Both, server: Server) -> None:
    server.on("functions/v1/fal-stream", events(DONE))
    result = call("generate", GenerationInput("xai/grok-imagine-image", "A fox"))
    assert result.metadata.media_type == "image"
    assert len(server.to("model-catalog")) == 1


@pytest.mark.parametrize("model", ["someone/else", "not-in-the-catalogue"])
def test_a_provider_without_a_route_is_unknown(call: Both, server: Server, model: str) -> None:
    with pytest.raises(GenerationError) as caught:
        call("generate", {"model": model, "prompt": "x"})
    assert caught.value.code == "unknown_route"
    assert [request.method for request in server.requests] == ["GET"]


def test_gemini_text(call: Both, server: Server) -> None:
    completion = {"choices": [{"message": {"content": "Three sentences."}}], "usage": {"total": 9}}
    told = completion | {"job_id": "job_1"}
    server.on("functions/v1/gemini-text-generation", answer(200, told))
    result = call(
        "generate_text",
        "Write",
        {"model": "google/gemini-2.5-flash", "parameters": {"system_prompt": "Brief", "topK": 1}},
    )
    (body,) = server.bodies("gemini-text-generation")
    assert body == {
        "prompt": "Write",
        "model": "google/gemini-2.5-flash",
        "systemPrompt": "Brief",
        "topK": 1,
        "workspaceId": "workspace-1",
    }
    assert uuid.UUID(server.requests[0].headers["idempotency-key"])
    assert result.metadata.raw["text"] == result.text == "Three sentences."
    assert (result.url, result.metadata.media_type) == ("", "text")
    assert result.metadata.job_id == "job_1"


def test_groq_text_without_its_prefix(call: Both, server: Server) -> None:
    server.on("functions/v1/groq-chat", answer(200, {"text": "Yes.", "usage": {"total_tokens": 3}}))
    result = call("generate_text", "Well?", model="groq/openai/gpt-oss-120b")
    assert server.bodies("groq-chat")[0]["model"] == "openai/gpt-oss-120b"
    assert result.metadata.raw == {"text": "Yes.", "usage": {"total_tokens": 3}}


def chunk(text: str) -> dict[str, Any]:
    return {"choices": [{"delta": {"content": text}}]}


@pytest.mark.parametrize("model", ["google/gemini-2.5-flash", "llama-3.3-70b-versatile"])
def test_text_piece_by_piece(call: Both, server: Server, model: str) -> None:
    for path in ("functions/v1/gemini-text-generation", "functions/v1/groq-chat"):
        server.on(path, events(chunk("One "), {"choices": []}, chunk("two."), "[DONE]"))
    assert call("stream_text", "Count", model=model) == ["One ", "two."]
    (request,) = server.requests
    assert request.headers["accept"] == "text/event-stream"
    assert b'"stream":true' in request.content


def test_a_text_that_is_streamed_and_collected(call: Both, server: Server) -> None:
    server.on("functions/v1/gemini-text-generation", events(chunk("One "), chunk("two."), "[DONE]"))
    assert call("generate_text", "Count", parameters={"stream": True}).text == "One two."


@pytest.mark.parametrize(
    ("model", "prompt_field", "fields"),
    [
        ("elevenlabs-tts", "text", {"voiceId": "v"}),
        ("elevenlabs-sfx", "prompt", {"voiceId": "v", "duration": 5}),
        ("elevenlabs-music", "prompt", {"voiceId": "v", "duration": 30}),
    ],
)
def test_audio_at_once(
    call: Both, server: Server, model: str, prompt_field: str, fields: dict[str, Any]
) -> None:
    url = "https://api.example.com/dev/storage/v1/object/public/audio/1.mp3"
    made = {"success": True, "url": url, "contentType": "audio/mpeg", "durationSeconds": 2.5}
    server.on(f"functions/v1/{model}", answer(200, made | {"credits": 4}))
    result = call("generate_audio", "Rain", model=model, parameters={"voice_id": "v"})
    assert server.bodies(model) == [{prompt_field: "Rain", "workspaceId": "workspace-1"} | fields]
    assert (result.url, result.metadata.duration_seconds) == (url, 2.5)
    assert (result.metadata.credits, result.metadata.media_type) == (4, "audio")


def test_audio_that_takes_longer_is_asked_for(call: Both, server: Server) -> None:
    url = "https://api.example.com/dev/storage/v1/object/public/audio/1.mp3"
    server.on(
        "functions/v1/elevenlabs-music",
        answer(202, {"success": True, "job_id": "job_1", "status": "processing"}),
        answer(200, {"success": True, "status": "processing", "progress": 40}),
        answer(200, {"success": True, "status": "completed", "url": url}),
    )
    result = call("generate_audio", "A waltz", model="elevenlabs-music")
    assert [request.method for request in server.requests] == ["POST", "GET", "GET"]
    assert server.requests[1].url.query == b"job_id=job_1"
    assert (result.url, result.metadata.job_id) == (url, "job_1")


def test_gmi_is_submitted_and_polled(call: Both, server: Server) -> None:
    outcome = {"media_urls": [{"id": "1", "url": "https://storage.googleapis.com/1.mp4"}]}
    polled = {"success": True, "requestId": "r-1", "status": "success"}
    server.on(
        "functions/v1/gmi-execute",
        answer(200, {"success": True, "requestId": "r-1", "data": {"status": "dispatched"}}),
        answer(200, {"success": True, "status": "processing", "data": {}}),
        answer(200, polled | {"data": {"status": "success", "outcome": outcome}}),
    )
    result = call(
        "generate_video",
        "A kite",
        model="gmi/seedance-2.0-i2v",
        reference_assets=[
            ReferenceAsset("https://a.example/1.png", "image"),
            ReferenceAsset("https://a.example/2.png", "image", role="end_image"),
        ],
    )
    submit, *polls = server.bodies("gmi-execute")
    assert submit["action"] == "submit"
    assert submit["inputs"] == {
        "prompt": "A kite",
        "image": "https://a.example/1.png",
        "end_image": "https://a.example/2.png",
    }
    expected = {"modelId": "gmi/seedance-2.0-i2v", "action": "poll", "requestId": "r-1"}
    assert polls == [expected, expected]
    assert result.url == "https://storage.googleapis.com/1.mp4"


def test_gmis_text_models_answer_at_once(call: Both, server: Server) -> None:
    data = {"choices": [{"message": {"content": "Hello"}}], "usage": {"total_tokens": 2}}
    server.on("functions/v1/gmi-execute", answer(200, {"success": True, "data": data}))
    result = call("generate_text", "Hi", model="gmi/some-text-model")
    assert result.metadata.raw == {"text": "Hello", "usage": {"total_tokens": 2}}
    assert call("stream_text", "Hi", model="gmi/some-text-model") == ["Hello"]
    assert all("stream" not in body["inputs"] for body in server.bodies("gmi-execute"))


def test_a_named_edge_function_and_its_job(call: Both, server: Server) -> None:
    url = "https://api.example.com/dev/storage/v1/object/public/generation-videos/1.mp4"
    server.on(
        "functions/v1/generate-interior-video-v2",
        answer(202, {"success": True, "job_id": "job_2", "status": "processing"}),
        answer(200, {"success": True, "status": "completed", "video_url": url, "credits_used": 20}),
    )
    parameters = {"_edgeFunction": "generate-interior-video-v2", "video_type": "walkthrough"}
    still = ReferenceAsset("https://a.example/1.png", "image")
    result = call(
        "generate_video", "Walk", model="interior", parameters=parameters, reference_assets=[still]
    )
    body = server.bodies("generate-interior-video-v2")[0]
    assert body.pop("image_urls") == [body["image_url"]]
    assert body == {"prompt": "Walk", "video_type": "walkthrough", "image_url": still.url}
    assert (result.url, result.metadata.credits) == (url, 20)


@pytest.mark.parametrize("name", ["gen-shots", "compute-execute"])
def test_a_function_that_streams_is_read_to_its_end(call: Both, server: Server, name: str) -> None:
    told = (
        'event: meta\ndata: {"requestId": "r"}\n\n'
        'event: shot\ndata: {"id": "1", "status": "ready"}\n\n'
    )
    end = "event: done\ndata: {}\n\n" if name == "gen-shots" else (
        'event: complete\ndata: {"status": "succeeded"}\n\n')  # fmt: skip
    cut = streamed(told.encode(), httpx.ReadError("reset"))
    server.on(f"functions/v1/{name}", cut, streamed((told + end).encode()))
    parameters = {"_edgeFunction": name, "projectId": "p"}
    result = call("generate", {"model": "", "prompt": "", "parameters": parameters})
    bodies = server.bodies(name)
    assert bodies[0] == bodies[1]
    assert uuid.UUID(bodies[0]["requestId"])
    names = [event["event"] for event in result.metadata.raw["events"]]
    assert names[:2] == ["meta", "shot"]
    assert len(names) == 3


@pytest.mark.parametrize(
    "last", ["event: error\ndata: {}\n\n", 'event: complete\ndata: {"status": "failed"}\n\n']
)
def test_a_stream_that_ends_in_failure_raises_edge_function_error(
    call: Both, server: Server, last: str
) -> None:
    server.on("functions/v1/compute-execute", streamed(last.encode()))
    parameters = {"_edgeFunction": "compute-execute"}
    with pytest.raises(GenerationError) as caught:
        call("generate", {"model": "", "prompt": "", "parameters": parameters})
    assert caught.value.code == "edge_function_error"


@pytest.mark.parametrize("model", ["fal-ai/flux/dev", "elevenlabs-tts"])
def test_no_text_is_streamed_by_what_makes_none(call: Both, server: Server, model: str) -> None:
    with pytest.raises(ValueError, match="makes no text"):
        call("stream_text", "x", model=model)
    assert server.requests == []


def test_models_that_take_no_references_say_so_before_anything_is_sent(
    call: Both, server: Server
) -> None:
    asset = [ReferenceAsset("https://a.example/1.png", "image")]
    for model, code in (("google/gemini-2.5-flash", "text_error"), ("groq/x", "groq_error")):
        with pytest.raises(GenerationError) as caught:
            call("generate_text", "x", model=model, reference_assets=asset)
        assert caught.value.code == code
    assert server.requests == []


def test_a_video_without_references_needs_no_catalogue(call: Both, server: Server) -> None:
    done = {"type": "done", "result": {"video": {"url": "https://v3.fal.media/1.mp4"}}}
    server.on("functions/v1/fal-stream", events(done))
    result = call("generate_video", "A drone flyover")
    assert server.to("model-catalog") == []
    assert result.metadata.resolved_model == f"{KLING}/text-to-video"
    assert result.metadata.media_type == "video"
