"""supabase-js calls every function: JSON, streams, bytes; errors, whose body is in `context`."""

import base64
from collections.abc import Iterator
from typing import Any

import jwt
import pytest

from local.stack import Stack
from showreel.core.clock import now_seconds

from .conftest import Author, Script

pytestmark = pytest.mark.stack
ENVELOPE = {"success", "error", "code", "message", "requestId"}
CHAT = {"prompt": "Say hello", "model": "openai/gpt-oss-20b"}
SPEECH = {"text": "Hello"}


SIGN_IN = "wallet-auth"
"""What asks for no token: it gives one."""


def endpoints(stack: Stack) -> list[tuple[str, str]]:
    """Name and method of everything below /functions/v1."""
    start = "/functions/v1/"
    return [
        (path.removeprefix(start), method)
        for path, resource in stack.gateway.api.resources.items()
        for method, target in resource.methods.items()
        if path.startswith(start) and target.function
    ]


def anon_key(stack: Stack) -> str:
    """What a project's pages have before anybody has signed in: signed, and of nobody."""
    auth = stack.seeder.auth
    claims = {"iss": auth.issuer, "aud": auth.audience, "role": "anon", "ref": "project"}
    return jwt.encode(claims | {"exp": now_seconds() + 600}, auth.jwt_secret, algorithm="HS256")


@pytest.fixture(scope="module")
def answers(stack: Stack, author: Author) -> Iterator[dict[str, Any]]:
    """What each call gave, by its name."""
    token = author.tenant.token
    project = author.json(
        "POST", "/api/projects", {"workspaceId": author.workspace_id, "title": "x"}
    )
    scene = author.json("POST", f"/api/projects/{project['id']}/scenes", {"title": "The Pier"})
    author.json("POST", f"/api/scenes/{scene['id']}/shots", {"visual_prompt": "Fog"})
    own = {"workspaceId": author.workspace_id}
    calls: dict[str, tuple[str, Any]] = {
        "json": ("groq-chat", {"body": CHAT | own}),
        "region": ("groq-chat", {"body": CHAT | own, "region": "eu-central-1"}),
        "chat stream": ("groq-chat", {"body": CHAT | own | {"stream": True}}),
        "accepted": (
            "project-auto-generate",
            {"body": {"project_id": project["id"], "phase": "images"}},
        ),
        "get": ("model-catalog?limit=1", {"method": "GET"}),
        "sound": ("elevenlabs-tts", {"body": SPEECH | own}),
        "bytes": (
            "elevenlabs-tts",
            {"body": SPEECH | own, "headers": {"Accept": "application/octet-stream"}},
        ),
        "shots": ("gen-shots", {"body": {"projectId": project["id"], "shotCount": 2}}),
        "foreign": (
            "elevenlabs-tts?job_id=8f14e45f-ceea-467f-9575-25a5e3d4c9a1",
            {"method": "GET"},
        ),
        "poor": ("elevenlabs-music", {"body": own | {"prompt": "A piano", "duration": 300}}),
        "text": ("groq-chat", {"body": "no JSON"}),
        "seven megabytes": ("groq-chat", {"bytes": 7_000_000}),
    }
    with Script("invoke.mjs", stack.base_url, anon_key(stack)) as script:
        for name, method in endpoints(stack):
            body = {} if method == "POST" else None
            options = {"method": method, "body": body}
            script.wish({"name": f"anon {method} {name}", "function": name, "options": options})
            call = {"function": name, "options": options, "token": token}
            script.wish({"name": f"empty {method} {name}", **call})
        for name, (function, options) in calls.items():
            script.wish({"name": name, "function": function, "options": options, "token": token})
        count = 2 * len(endpoints(stack)) + len(calls)
        script.until(lambda: len(script.lines) == count)
        yield {line.get("name", "broken"): line for line in script.lines}


def test_nobody_signed_in_is_401_everywhere(answers: dict[str, Any], stack: Stack) -> None:
    """`apikey` is ignored; the anonymous key as bearer is nobody's."""
    for name, method in endpoints(stack):
        if name == SIGN_IN:
            continue
        line = answers[f"anon {method} {name}"]
        assert (line["error"], line["status"]) == ("FunctionsHttpError", 401), name
        assert line["body"]["code"] == "unauthenticated"
        assert set(line["body"]) == ENVELOPE


def test_every_error_is_the_envelope_in_the_context(answers: dict[str, Any], stack: Stack) -> None:
    for name, method in endpoints(stack):
        line = answers[f"empty {method} {name}"]
        if "error" in line:
            assert line["error"] == "FunctionsHttpError", "never a relay's"
            assert line["headers"]["content-type"] == "application/json"
            assert set(line["body"]) >= ENVELOPE
            assert line["status"] in {400, 404}, line
        else:
            assert (method, line["kind"]) == ("GET", "object"), line
    assert "broken" not in answers


def test_json_is_an_object(answers: dict[str, Any]) -> None:
    assert answers["json"]["data"]["text"], answers["json"]
    assert answers["region"]["data"]["text"], "forceFunctionRegion is nothing to us"
    assert answers["accepted"]["data"]["queued"] == 1
    assert answers["get"]["data"]
    assert answers["sound"]["data"]["contentType"] == "audio/mpeg"


def test_streams_are_given_as_they_are(answers: dict[str, Any]) -> None:
    for name, word in (("chat stream", "data: [DONE]"), ("shots", "event: meta")):
        line = answers[name]
        assert line.get("kind") == "Response", line
        assert line["headers"]["content-type"].startswith("text/event-stream")
        assert word in line["data"]


def test_bytes_come_as_a_blob(answers: dict[str, Any]) -> None:
    assert answers["bytes"]["kind"] == "Blob"
    assert base64.b64decode(answers["bytes"]["data"])[:3] in {b"ID3", b"\xff\xfb\x90"}


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("foreign", 404, "not_found"),
        ("poor", 402, "insufficient_credits"),
        ("text", 415, "unsupported_media_type"),
        ("seven megabytes", 413, "body_too_large"),
    ],
)
def test_an_error_says_what_is_wrong(
    answers: dict[str, Any], name: str, status: int, code: str
) -> None:
    line = answers[name]
    assert (line["status"], line["body"]["code"]) == (status, code)


def test_a_body_that_is_too_large_gets_an_error_with_the_real_limit(
    answers: dict[str, Any],
) -> None:
    assert "6 MB" in answers["seven megabytes"]["body"]["message"]
