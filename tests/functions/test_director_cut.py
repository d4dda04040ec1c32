"""The Director's Cut through the running stack: from shots to a film that is right."""

import io
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from local.stack import Stack
from showreel.media.movie import read_movie
from showreel.media.profile import Profile
from tests.media.decoding import frames, make_clip
from tests.support.captions import is_seen
from tests.support.small_films import small
from tests.support.sounds import wav

from .users import Client, break_call, newcomer, picture

pytestmark = pytest.mark.stack

SETTINGS = {
    "resolution": "720p",
    "codec": "h265",
    "quality": "draft",
    "fps": 12,
    "captions": "both",
    "transitions": {"type": "crossfade", "durationMs": 250},
}
EXPORT_SECONDS = 120
SIZE = small(1280, 720)


@pytest.fixture(scope="module")
def ann(stack: Stack) -> Iterator[Client]:
    yield from newcomer(stack, Client)


@pytest.fixture(scope="module")
def project(ann: Client, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A picture with a voice-over that is longer, then a video."""
    body = {"workspaceId": ann.workspace_id, "title": "Heist", "musicTrackId": track(ann)}
    project_id = str(ann.json("POST", "/api/projects", body)["id"])
    scene = ann.json("POST", f"/api/projects/{project_id}/scenes", {"title": "Roof"})["id"]
    video = make_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", seconds=1.5)
    speech = ann.upload(wav(1.0), "audio/wav", "a.wav")
    still = {"image_url": ann.upload(picture()), "duration_ms": 500, "audio_url": speech}
    still["dialogue"] = "Say that again."
    ann.json("POST", f"/api/scenes/{scene}/shots", still)
    clip = {"video_url": ann.upload(video.read_bytes(), "video/mp4", "a.mp4")}
    ann.json("POST", f"/api/scenes/{scene}/shots", clip)
    return project_id


def track(ann: Client) -> str:
    tracks = ann.json("GET", f"/api/music-tracks?workspaceId={ann.workspace_id}")["items"]
    return str(tracks[0]["id"])


def act(ann: Client, action: str, **fields: Any) -> Any:
    return ann.json("POST", "/functions/v1/director-cut", {"action": action, **fields})


def ended(ann: Client, job_id: str) -> Any:
    """The export once it is over, and how its progress went."""
    until, told = time.monotonic() + EXPORT_SECONDS, []
    while True:
        state = act(ann, "status", jobId=job_id)
        told.append(state["progress"])
        if state["status"] in {"completed", "failed"}:
            assert told == sorted(told)
            return state
        assert time.monotonic() < until, state
        time.sleep(0.3)


def test_a_storyboard_becomes_a_film(ann: Client, project: str, tmp_path: Path) -> None:
    summary = act(ann, "sync", projectId=project, settings=SETTINGS)["summary"]
    assert (summary["canExport"], summary["readyVideos"], summary["fallbackImages"]) == (True, 1, 1)
    assert (summary["audioAssets"], summary["syncedAssets"]) == (2, 4)
    (longer,) = summary["adjustedShots"]
    assert (longer["reason"], longer["durationMs"]) == ("voice_over", 1250)
    timeline = ann.json("GET", f"/api/projects/{project}/timeline")
    shown = [(row["kind"], row["durationMs"]) for row in timeline["rows"]]
    assert shown == [("image", 500), ("video", 1500)]
    own = {"text": "Łódź, 1950", "startMs": 500, "endMs": 1500}
    change = {"revision": timeline["revision"], "texts": [own]}
    ann.json("PATCH", f"/api/projects/{project}/timeline", change)

    with ThreadPoolExecutor(2) as pool:
        created = list(pool.map(lambda _: act(ann, "create", **wanted(project)), range(2)))
    exports = [ended(ann, job) for job in {one["jobId"] for one in created}]
    exports.sort(key=lambda one: one["createdAt"])  # two if the first was over so soon
    assert all(one["finishedAt"] <= other["createdAt"] for one, other in pairwise(exports))
    state = exports[0]
    assert (state["status"], state["error"], state["creditsUsed"]) == ("completed", None, 12)
    film = tmp_path / "film.mp4"
    film.write_bytes(delivered(state, "outputUrl"))
    movie = read_movie(film)
    # 15 frames of the picture, until its voice-over is over and the next shot begins, 18 of the
    # video, and 3 that both share
    assert movie.picture.samples == state["output"]["frames"] == 15 + 18 - 3
    assert (movie.picture.width, movie.picture.height, len(movie.sounds)) == (*SIZE, 1)
    assert movie.picture.codec == "hvc1"
    assert_captions(film, delivered(state, "vttUrl").decode())
    for name, size in (("posterUrl", SIZE), ("contactSheetUrl", (652, 188))):
        with Image.open(io.BytesIO(delivered(state, name))) as image:
            assert (image.format, image.size) == ("JPEG", size)
    account = ann.json("GET", f"/api/credits?workspaceId={ann.workspace_id}")
    assert (account["balance"], account["held"]) == (50 - 12 * len(exports), 0)


def delivered(state: Any, name: str) -> bytes:
    answer = httpx.get(state["output"][name], follow_redirects=True, timeout=30)
    return answer.raise_for_status().content


def assert_captions(film: Path, vtt: str) -> None:
    """The sidecar's times are those at which the picture has them: 12 frames are a second."""
    assert vtt == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nSay that again.\n\n"
        "00:00:00.500 --> 00:00:01.500 line:0\nŁódź, 1950\n"
    )
    profile = Profile(width=SIZE[0], height=SIZE[1], fps=12)
    said = [is_seen(one, ("Say that again.",), "bottom", profile) for one in frames(film)]
    assert said == [number < 12 for number in range(30)]
    # over the transition of frames 12 to 14, too
    own = [is_seen(one, ("Łódź, 1950",), "top", profile) for one in frames(film)]
    assert own == [6 <= number < 18 for number in range(30)]


def wanted(project: str) -> dict[str, Any]:
    return {"projectId": project, "settings": SETTINGS}


def test_a_renderer_that_is_killed_is_replaced(stack: Stack, ann: Client, project: str) -> None:
    break_call(stack, "PutItem", "director_cut_make_piece", action="kill")
    # while FFmpeg writes the film, and when it is written
    break_call(stack, "TransactWriteItems", "director_cut_compile", action="kill")
    break_call(stack, "PutObject", "director_cut_compile", action="kill")
    job = act(ann, "create", projectId=project, settings=SETTINGS)["jobId"]
    assert ended(ann, job)["status"] == "completed"
    faults = httpx.get(f"{stack.aws_endpoint}/_local/faults").json()["faults"]
    assert [fault["fired"] for fault in faults[-3:]] == [1, 1, 1]


def test_a_timeline_is_edited_and_a_stranger_sees_nothing(
    stack: Stack, ann: Client, project: str
) -> None:
    path = f"/api/projects/{project}/timeline"
    before = ann.json("GET", path)
    first, second = (row["id"] for row in before["rows"])
    change = {"revision": before["revision"], "order": [second, first]}
    after = ann.json("PATCH", path, change)
    assert [row["id"] for row in after["rows"]] == [second, first]
    assert ann.refused(path, change, "PATCH", 409)["revision"] == after["revision"]
    assert act(ann, "sync", projectId=project)["summary"]["revision"] == after["revision"]
    for eve in newcomer(stack, Client):
        eve.refused(path, {"revision": 0}, "PATCH", 404)
        body = {"action": "create", "projectId": project}
        assert eve.refused("/functions/v1/director-cut", body, status=404)["code"] == "not_found"


def test_what_is_missing_is_a_conflict_with_the_summary(ann: Client) -> None:
    body = {"workspaceId": ann.workspace_id, "title": "Empty"}
    project_id = ann.json("POST", "/api/projects", body)["id"]
    scene = ann.json("POST", f"/api/projects/{project_id}/scenes", {})["id"]
    ann.json("POST", f"/api/scenes/{scene}/shots", {})
    wish = {"action": "create", "projectId": project_id}
    told = ann.refused("/functions/v1/director-cut", wish, status=409)
    assert told["error"] == "DIRECTOR_CUT_PREFLIGHT_FAILED"
    assert told["message"] == "1 ordered shot is missing an image or video."
    assert told["summary"]["missingShots"] == 1
    ann.refused("/functions/v1/director-cut", {"action": "destroy", "projectId": project_id})


def test_a_timeline_goes_to_an_editor_and_back(stack: Stack, ann: Client, project: str) -> None:
    path = f"/api/projects/{project}/timeline"
    act(ann, "sync", projectId=project)
    before = ann.json("GET", path)
    document = ann.json("GET", f"{path}/otio?fps=25")
    url = document["tracks"]["children"][0]["children"][0]["media_references"]["DEFAULT_MEDIA"]
    assert httpx.get(url["target_url"], follow_redirects=True).is_success
    same = ann.json("PUT", f"{path}/otio", document)
    assert (same["revision"], same["rows"]) == (before["revision"], before["rows"])
    document["tracks"]["children"][0]["children"].reverse()
    after = ann.json("PUT", f"{path}/otio", document)
    assert [row["id"] for row in after["rows"]] == [row["id"] for row in before["rows"]][::-1]
    assert ann.refused(f"{path}/otio", document, "PUT", 409)["code"] == "stale_revision"


REMOTE = {"provider": "fal_remote", "resolution": "720p", "fps": 12}


def film_of(state: Any, path: Path) -> tuple[int, int, int, int]:
    """Frames, size and number of sounds of what is delivered."""
    answer = httpx.get(state["outputUrl"], follow_redirects=True, timeout=30)
    path.write_bytes(answer.raise_for_status().content)
    movie = read_movie(path)
    picture = movie.picture
    return picture.samples, picture.width, picture.height, len(movie.sounds)


def test_a_remote_renderer_makes_the_picture_or_we_do(
    stack: Stack, ann: Client, project: str, tmp_path: Path
) -> None:
    fault = {"provider": "fal", "operation": "result", "fault": "truncated", "count": 1}
    httpx.post(f"{stack.providers_url}/_sim/faults", json=fault).raise_for_status()
    asked = act(ann, "create", projectId=project, settings=REMOTE)
    assert (asked["provider"], asked["fallbackUsed"]) == ("fal_remote", False)
    state = ended(ann, asked["jobId"])
    assert (state["status"], state["creditsUsed"]) == ("completed", 12)
    assert (state["provider"], state["fallbackReason"]) == ("ffmpeg", "bad_delivery")
    film = film_of(state, tmp_path / "film.mp4")
    assert film == (12 + 18, *SIZE, 1)
    again = ended(ann, act(ann, "retry", projectId=project)["jobId"])
    assert (again["status"], again["provider"]) == ("completed", "fal_remote")
    assert (again["fallbackUsed"], again["fallbackReason"]) == (False, None)
    assert film_of(again, tmp_path / "film.mp4") == film
