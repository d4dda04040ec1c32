"""The npm packages that browsers read event streams with read gen-shots: cut in the middle they
come back, end with the same shots as an uncut reader, and pay once.
"""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local.stack import Stack
from tests.support.samples import first

from .conftest import HERE

pytestmark = pytest.mark.stack
PATH = "/functions/v1/gen-shots"
READERS = ("eventsource-parser", "fetch-event-source")
SHOTS = 3


@pytest.fixture
def author(stack: Stack) -> Iterator[httpx.Client]:
    tenant = stack.seeder.tenant(50)
    headers = {"Authorization": f"Bearer {tenant.token}"}
    with httpx.Client(base_url=stack.base_url, headers=headers, timeout=60) as client:
        project = {"workspaceId": tenant.workspace_id, "title": "The Last Ferry"}
        client.params = {"workspaceId": tenant.workspace_id}
        project_id = client.post("/api/projects", json=project).raise_for_status().json()["id"]
        scene = {"title": "The Pier", "description": "Ada waits in the fog."}
        client.post(f"/api/projects/{project_id}/scenes", json=scene).raise_for_status()
        client.headers["x-project"] = project_id
        yield client
    httpx.delete(f"{stack.providers_url}/_sim").raise_for_status()


def read(reader: str, author: httpx.Client, request_id: str, cut: int = 0) -> dict[str, Any]:
    body = {"projectId": author.headers["x-project"], "requestId": request_id, "shotCount": SHOTS}
    token = author.headers["authorization"].removeprefix("Bearer ")
    url = f"{str(author.base_url).rstrip('/')}{PATH}"
    command = ["node", "read_shots.mjs", reader, url, token, json.dumps(body), str(cut)]
    done = subprocess.run(
        command, cwd=HERE, capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def shots(found: dict[str, Any]) -> dict[str, Any]:
    """What a client has in the end: it merges shots by their ids."""
    told = [event["data"] for event in found["events"] if event["event"] == "shot"]
    return {shot["id"]: shot for shot in told}


def balance(author: httpx.Client) -> int:
    return int(author.get("/api/credits").raise_for_status().json()["available"])


@pytest.mark.parametrize("cut", first(1, [2500, 700]))
@pytest.mark.parametrize("reader", READERS)
def test_a_cut_reader_ends_with_the_same_shots_and_pays_once(
    stack: Stack, author: httpx.Client, reader: str, cut: int
) -> None:
    url = f"{stack.providers_url}/_sim/settings"
    httpx.post(url, json={"text_delay_seconds": 0.005}).raise_for_status()
    before = balance(author)
    found = read(reader, author, f"{reader} {cut}", cut)
    uncut = read(reader, author, f"{reader} {cut}")
    ids = [event["id"] for event in found["events"]]
    assert ids == sorted(set(ids)), "no event comes twice"
    assert [event["event"] for event in found["events"]] == ["meta", *["shot"] * 4 * SHOTS, "done"]
    assert found["connections"] > 1
    assert found["lastEventIds"], "it came back where it was cut"
    assert shots(found) == shots(uncut)
    assert [shot["status"] for shot in shots(found).values()] == ["ready"] * SHOTS
    query = "tasks?provider=groq&prompt_contains=Ada%20waits%20in%20the%20fog."
    asked = httpx.get(f"{stack.providers_url}/_sim/{query}").json()["tasks"]
    assert len(asked) == 1
    assert before - balance(author) == 2
