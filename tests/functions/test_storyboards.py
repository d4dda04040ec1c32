"""Storyboards through the running stack: set up, edited by many, shown and deleted."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from local.stack import Stack
from tests.support.sounds import wav

from .users import Client, break_call, newcomer, picture

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def ann(stack: Stack) -> Iterator[Client]:
    yield from newcomer(stack, Client)


def project(ann: Client, **fields: Any) -> str:
    body = {"workspaceId": ann.workspace_id, "title": "Heist", **fields}
    return str(ann.json("POST", "/api/projects", body)["id"])


def scene(ann: Client, project_id: str, **fields: Any) -> str:
    return str(ann.json("POST", f"/api/projects/{project_id}/scenes", fields)["id"])


def numbers(ann: Client, path: str, name: str) -> list[int]:
    """The numbers of a list, over all its pages."""
    found, cursor = [], ""
    while True:
        page = ann.json("GET", f"{path}?limit=4{cursor}")
        found += [item[name] for item in page["items"]]
        if page["nextCursor"] is None:
            return found
        cursor = f"&cursor={page['nextCursor']}"


def test_a_storyboard_is_set_up_edited_and_deleted_with_its_files(ann: Client) -> None:
    project_id = project(ann, referenceImageUrl=ann.upload(picture()), genre="noir")
    path = f"/api/projects/{project_id}"
    style = ann.json("PATCH", path, {"tone": "dry", "characters": [{"name": "Mara"}]})
    assert (style["genre"], style["tone"]) == ("noir", "dry")
    first, second = scene(ann, project_id, title="Roof"), scene(ann, project_id, title="Bank")
    ann.json("PUT", f"{path}/scenes/order", {"scene_ids": [second, first]})
    changed = ann.json("PATCH", f"/api/scenes/{first}", {"weather": "rain"})
    assert (changed["scene_number"], changed["title"], changed["weather"]) == (2, "Roof", "rain")
    assert ann.json("GET", f"/api/scenes/{second}")["scene_number"] == 1

    shots = f"/api/scenes/{first}/shots"
    wish = {"prompt_idea": "She runs", "image_url": ann.upload(picture())}
    shot = ann.json("POST", shots, wish)
    other = ann.json("POST", shots, {"shot_type": "wide"})
    ann.json("PUT", f"{shots}/order", {"shot_ids": [other["id"], shot["id"]]})
    sent = {"audio_url": ann.upload(wav(), "audio/wav", "a.wav"), "dialogue": "Now."}
    changed = ann.json("PATCH", f"/api/shots/{shot['id']}", sent)
    assert (changed["shot_number"], changed["audio_status"]) == (2, "completed")
    ann.json("PATCH", f"/api/shots/{shot['id']}", {"image_url": ann.upload(picture("PNG"))})
    versions = ann.json("GET", f"/api/shots/{shot['id']}/versions?medium=image")["items"]
    assert [version["is_current"] for version in versions] == [True, False]
    restore = f"/api/shots/{shot['id']}/versions/{versions[1]['id']}/restore"
    assert ann.json("POST", restore)["image_url"] == shot["image_url"]

    files = [style["referenceImageUrl"], changed["audio_url"], *(one["url"] for one in versions)]
    assert [httpx.get(url, follow_redirects=True).status_code for url in files] == [200] * 4
    assert ann.call("DELETE", f"/api/shots/{other['id']}").status_code == 204
    below = ann.json("POST", f"/api/scenes/{second}/shots", {})
    assert ann.call("DELETE", f"/api/scenes/{second}").status_code == 204
    ann.refused(f"/api/shots/{below['id']}", None, "GET", 404)
    assert numbers(ann, f"{path}/scenes", "scene_number") == [2]
    assert ann.call("DELETE", path).status_code == 204
    for gone in (path, f"/api/scenes/{first}", f"/api/shots/{shot['id']}", shots):
        ann.refused(gone, None, "GET", 404)
    assert [httpx.get(url).status_code for url in files] == [404] * 4


def test_shots_that_are_added_at_once_have_numbers_of_their_own(ann: Client) -> None:
    shots = f"/api/scenes/{scene(ann, project(ann))}/shots"
    with ThreadPoolExecutor(5) as pool:
        added = list(pool.map(lambda _: ann.call("POST", shots, {}), range(10)))
    assert [answer.status_code for answer in added] == [201] * 10
    assert numbers(ann, shots, "shot_number") == list(range(1, 11))


def test_a_deletion_that_was_killed_is_finished_by_the_daily_pass(
    stack: Stack, ann: Client
) -> None:
    project_id = project(ann)
    scene_id = scene(ann, project_id)
    wish = {"image_url": ann.upload(picture())}
    shot = ann.json("POST", f"/api/scenes/{scene_id}/shots", wish)
    break_call(stack, "DeleteObjects", "projects", action="kill", when="before")
    path = f"/api/projects/{project_id}"
    assert ann.call("DELETE", path).status_code >= 500
    ann.refused(path, None, "GET", 404)
    assert httpx.head(shot["image_url"]).status_code == 302
    assert stack.fire("every_day")["removed"] == 1
    assert httpx.head(shot["image_url"]).status_code == 404
