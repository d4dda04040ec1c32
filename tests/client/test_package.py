"""The package by itself: what it imports, when, and what it is made from."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import showreel_client
from showreel_client import (
    GenerationInput,
    GenerationMetadata,
    GenerationResult,
    OutputConfig,
    ReferenceAsset,
    UnifiedGenerationService,
)
from tests.client.support import Both, Server, answer

SOURCE = Path(showreel_client.__file__).parent
INPUT = {
    "model": "fal-ai/flux/dev",
    "prompt": "A fox",
    "parameters": {"imageSize": "square", "_edgeFunction": None},
    "referenceAssets": [{"url": "https://a.example/1.png", "type": "image", "role": "input_image"}],
    "outputConfig": {"format": "png", "count": 2, "autoStore": True},
    "metadata": {"source": "editor", "projectId": "p", "entityId": "e", "custom": {"a": 1}},
}


def test_it_needs_the_standard_library_and_httpx_only() -> None:
    found = set()
    for file in SOURCE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                found |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(str(node.module).partition(".")[0])
    assert found - sys.stdlib_module_names == {"httpx", "showreel_client"}


def test_importing_it_brings_neither_httpx_nor_asyncio() -> None:
    code = "import sys, showreel_client; print(*{'httpx', 'asyncio', 'ssl'} & sys.modules.keys())"
    environment = {"PYTHONPATH": str(SOURCE.parent)}
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == ""


def test_everything_it_names_is_there() -> None:
    assert all(getattr(showreel_client, name) for name in showreel_client.__all__)
    assert (SOURCE / "py.typed").exists()
    with pytest.raises(AttributeError):
        showreel_client.nothing  # noqa: B018 - the access is the test


def test_the_documented_form_and_ours_make_the_same() -> None:
    assert GenerationInput.of(INPUT) == GenerationInput(
        model="fal-ai/flux/dev",
        prompt="A fox",
        parameters={"imageSize": "square", "_edgeFunction": None},
        reference_assets=[ReferenceAsset("https://a.example/1.png", "image", "input_image")],
        output_config=OutputConfig("png", 2, auto_store=True),
        metadata=GenerationMetadata("editor", "p", "e", {"a": 1}),
    )


def test_a_result_is_made_from_its_documented_form() -> None:
    metadata = {"generationId": "1", "resolvedModel": "a", "requestedModel": "b"}
    told = {"url": "", "metadata": metadata | {"raw": {"text": "Hi"}}, "status": "completed"}
    result = GenerationResult.of(told)
    assert (result.text, result.metadata.resolved_model) == ("Hi", "a")


@pytest.mark.parametrize(
    "wrong",
    [
        {"model": "x"},
        {"model": 1, "prompt": "x"},
        {"model": "x", "prompt": "y", "extra": 1},
        {"model": "x", "prompt": "y", "outputConfig": {"count": 0}},
        {"model": "x", "prompt": "y", "referenceAssets": [{"url": "", "type": "image"}]},
        {"model": "x", "prompt": "y", "referenceAssets": [{"url": "u", "type": "sound"}]},
        {"model": "x", "prompt": "y", "referenceAssets": ["u"]},
    ],
)
def test_an_input_that_is_wrong_is_refused_when_it_is_made(wrong: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        GenerationInput.of(wrong)


@pytest.mark.parametrize("url", ["api.example.com", "ftp://a", "https://", "https://a?b=1"])
def test_a_base_url_that_is_none(url: str) -> None:
    with pytest.raises(ValueError, match="base_url"):
        UnifiedGenerationService(url, "token")


def test_a_token_that_no_header_can_carry(server: Server) -> None:
    service = UnifiedGenerationService("https://a.example", "one\r\ntwo")
    with service, pytest.raises(ValueError, match="token"):
        service.models()


def test_videos_are_made_one_at_a_time(call: Both) -> None:
    with pytest.raises(ValueError, match="one at a time"):
        call("generate_video", "x", count=2)


def test_a_fresh_token_is_asked_for_each_request(server: Server) -> None:
    import httpx

    tokens = iter(["one", "two"])
    server.on("functions/v1/groq-chat", answer(503), answer(200, {"text": "x"}))
    http = httpx.Client(transport=httpx.MockTransport(server))
    service = UnifiedGenerationService(
        "https://api.example.com/dev/", lambda: next(tokens), http=http
    )
    service.generate_text("x", model="groq/x")
    sent = [request.headers["authorization"] for request in server.requests]
    assert sent == ["Bearer one", "Bearer two"]
    assert json.loads(server.requests[0].content) == {"prompt": "x", "model": "x"}
