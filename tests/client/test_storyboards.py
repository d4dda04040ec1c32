"""Storyboard resources: typed, page by page, made once however often a call is tried."""

import json
from typing import Any

import httpx
import pytest

from showreel_client import Character, GenerationError, Project, Scene, Shot, ShotVersion
from tests.client.support import Both, Server, answer, failure

PROJECT = {
    "id": "p-1",
    "workspaceId": "workspace-1",
    "title": "Heist",
    "aspectRatio": "9:16",
    "videoStyle": None,
    "characters": [{"name": "Mara", "description": None}, {"name": ""}, 7],
    "referenceImageUrl": "https://api.example.com/1.jpg",
    "createdAt": "2026-11-28T00:00:00.000Z",
    "somethingNew": 1,
}
SCENE = {"id": "s-1", "project_id": "p-1", "scene_number": 2, "weather": "rain"}
SHOT = {
    "id": "h-1",
    "shot_number": 3,
    "status": "ready",
    "image_status": "completed",
    "image_url": "https://api.example.com/2.jpg",
    "thumbnail": "https://api.example.com/2.jpg",
    "video_url": "file:///etc/passwd",
    "duration_ms": 4000,
}
VERSION = {"id": "image-2", "medium": "image", "is_current": True, "duration_seconds": 1.5}


def test_a_storyboard_is_made_and_read(call: Both, server: Server) -> None:
    server.on("api/projects", answer(201, PROJECT))
    made = call("projects.create", "Heist", characters=[Character("Mara")], video_style="grainy")
    assert made == Project(
        id="p-1",
        workspace_id="workspace-1",
        title="Heist",
        aspect_ratio="9:16",
        characters=(Character("Mara"),),
        reference_image_url="https://api.example.com/1.jpg",
        created_at="2026-11-28T00:00:00.000Z",
    )
    (sent,) = server.bodies("api/projects")
    assert sent == {
        "title": "Heist",
        "workspaceId": "workspace-1",
        "characters": [{"name": "Mara", "description": None}],
        "videoStyle": "grainy",
    }
    server.on("api/projects/p-1/scenes", answer(201, SCENE))
    scene = call("scenes.create", "p-1", weather="rain")
    assert scene == Scene(id="s-1", project_id="p-1", scene_number=2, weather="rain")
    server.on("api/scenes/s-1/shots", answer(201, SHOT))
    shot = call("shots.create", "s-1", prompt_idea="She runs")
    assert (shot.shot_number, shot.duration_ms, shot.video_url) == (3, 4000, None)
    assert shot.thumbnail_url == shot.image_url == SHOT["image_url"]


def test_a_change_sends_what_is_named_and_none_clears(call: Both, server: Server) -> None:
    server.on("api/projects/p-1", answer(200, PROJECT))
    server.on("api/scenes/s-1", answer(200, SCENE)).on("api/shots/h-1", answer(200, SHOT))
    call("projects.update", "p-1", tone=None, aspect_ratio="1:1")
    call("scenes.update", "s-1", weather=None)
    call("shots.update", "h-1", image_url=None, title="x")
    assert server.bodies("projects/p-1") == [{"tone": None, "aspectRatio": "1:1"}]
    assert server.bodies("scenes/s-1") == [{"weather": None}]
    assert server.bodies("shots/h-1") == [{"image_url": None, "title": "x"}]
    assert {request.method for request in server.requests} == {"PATCH"}


def test_a_creation_whose_answer_was_lost_is_sent_again_with_its_key(
    call: Both, server: Server
) -> None:
    server.on("api/scenes/s-1/shots", httpx.ReadTimeout("late"), answer(201, SHOT))
    call("shots.create", "s-1", request_id="mine")
    keys = [request.headers["idempotency-key"] for request in server.to("shots")]
    assert keys == ["mine", "mine"]


def test_a_deletion_whose_answer_was_lost_is_done(call: Both, server: Server) -> None:
    gone = failure(404, "not_found")
    server.on("api/shots/h-1", httpx.ReadTimeout("late"), gone)
    assert call("shots.delete", "h-1") is None
    server.on("api/shots/h-1", gone)
    with pytest.raises(GenerationError) as raised:
        call("shots.delete", "h-1")
    assert (raised.value.status, raised.value.server_code) == (404, "not_found")


def test_lists_are_read_page_by_page(call: Both, server: Server) -> None:
    def page(request: httpx.Request) -> httpx.Response:
        place = int(request.url.params.get("cursor", "0"))
        items = [SHOT | {"id": f"h-{place}"}]
        return answer(200, {"items": items, "nextCursor": str(place + 1) if place < 2 else None})

    server.on("api/scenes/s-1/shots", page).on("api/shots/h-1/versions", page)
    assert [shot.id for shot in call("shots.list", "s-1")] == ["h-0", "h-1", "h-2"]
    assert len(call("shots.versions", "h-1", medium="image")) == 3
    assert {request.url.params["medium"] for request in server.to("versions")} == {"image"}
    server.on("api/projects", answer(200, {"items": [PROJECT], "nextCursor": None}))
    assert [project.title for project in call("projects.list")] == ["Heist"]
    assert server.to("projects")[0].url.params["workspaceId"] == "workspace-1"


@pytest.mark.parametrize(
    "body", [{"items": 1}, {}, {"items": [7]}, {"items": [], "nextCursor": "same"}]
)
def test_a_list_that_is_none_or_has_no_end_is_an_error(
    call: Both, server: Server, body: dict[str, Any]
) -> None:
    server.on("api/projects/p-1/scenes", answer(200, body))
    with pytest.raises(GenerationError):
        call("scenes.list", "p-1")


def test_orders_and_versions(call: Both, server: Server) -> None:
    server.on("api/projects/p-1/scenes/order", answer(204))
    server.on("api/scenes/s-1/shots/order", answer(204))
    call("scenes.order", "p-1", ["b", "a"])
    call("shots.order", "s-1", iter(["d", "c"]))
    assert [json.loads(request.content) for request in server.requests] == [
        {"scene_ids": ["b", "a"]},
        {"shot_ids": ["d", "c"]},
    ]
    server.on("api/shots/h-1/versions", answer(200, {"items": [VERSION], "nextCursor": None}))
    (version,) = call("shots.versions", "h-1")
    assert version == ShotVersion(
        id="image-2", medium="image", is_current=True, duration_seconds=1.5
    )
    server.on("api/shots/h-1/versions/image-2/restore", answer(200, SHOT))
    assert isinstance(call("shots.restore", "h-1", version.id), Shot)


def test_an_id_that_is_empty_or_a_path_names_nothing_else(call: Both, server: Server) -> None:
    with pytest.raises(ValueError, match="empty"):
        call("projects.delete", "")
    server.on("api/shots/../projects/p-1", failure(404, "not_found"))
    with pytest.raises(GenerationError):
        call("shots.get", "../projects/p-1")
    assert server.requests[-1].url.raw_path == b"/dev/api/shots/..%2Fprojects%2Fp-1"
