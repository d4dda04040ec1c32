"""A film through the API, from stills to an MP4 that is what it should be."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from showreel.media.movie import read_movie
from tests.films.conftest import CLIP, TRANSITION, Studio
from tests.support.samples import first

pytestmark = pytest.mark.stack


def ffmpeg(*arguments: str) -> str:
    """FFmpeg's report about what it decoded."""
    command = ["ffmpeg", "-hide_banner", "-nostdin", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stderr


def decoded_frames(film: Path) -> int:
    report = ffmpeg("-i", str(film), "-map", "0:v", "-f", "null", "-")
    return int(re.findall(r"frame=\s*(\d+)", report)[-1])


def volume(film: Path, start: float, seconds: float) -> float:
    """Mean volume in dB of a part of the film."""
    span = ["-ss", str(start), "-t", str(seconds), "-i", str(film)]
    report = ffmpeg(*span, "-af", "volumedetect", "-f", "null", "-")
    return float(re.findall(r"mean_volume: (-?[\d.]+)", report)[-1])


def music(studio: Studio) -> str:
    path = f"/api/music-tracks?workspaceId={studio.workspace_id}"
    return str(studio.json("GET", path)["items"][0]["id"])


def test_two_stills_become_a_film(studio: Studio, tmp_path: Path) -> None:
    project = studio.project(2, musicTrackId=music(studio), title="Home: [0:v] 'quoted' %{pts}")
    estimate = studio.json("GET", f"/api/video-projects/{project}/estimate")
    run = studio.film(project)
    shown = studio.show(project)
    film = studio.download(shown["finalVideoUrl"], tmp_path / "film.mp4")

    frames = 24 * (2 * 5 + 1)
    assert run["output"]["frames"] == decoded_frames(film) == frames
    assert run["output"]["durationSeconds"] == shown["durationSeconds"] == frames / 24
    report = ffmpeg("-i", str(film), "-f", "null", "-")
    assert "Video: h264 (High)" in report
    assert "640x360" in report
    assert "Audio: aac" in report
    assert "start: 0.000000" in report
    data = film.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    movie = read_movie(film)
    assert movie.picture.frame_ticks == 512
    assert volume(film, 2, 5) > -40
    assert volume(film, 10.9, 0.1) < volume(film, 5, 2) - 6

    assert [t["kind"] for t in run["output"]["transitions"]] == ["seamless"]
    assert run["credits"] == {"held": 90, "posted": 90, "released": 0}
    assert studio.spent() == 2 * CLIP + TRANSITION == estimate["credits"]
    assert shown["estimatedCost"] == shown["actualCost"] == estimate["totalCents"] == 105
    assert (shown["status"], shown["completedClipCount"]) == ("completed", 2)
    assert {clip["status"] for clip in shown["clips"]} == {"completed"}
    for clip in shown["clips"]:
        studio.download(clip["clipUrl"], tmp_path / "clip.mp4")
    poster = studio.download(shown["thumbnailUrl"], tmp_path / "poster.jpg")
    assert poster.read_bytes()[:2] == b"\xff\xd8"

    again = studio.film(project)
    assert again["output"]["reusedClips"] == 2
    assert all(transition["reused"] for transition in again["output"]["transitions"])
    assert again["credits"] == {"held": 0, "posted": 0, "released": 0}
    assert len(studio.vendor_tasks()) == 3
    assert studio.show(project)["actualCost"] == 0
    assert studio.spent() == 90

    clip = shown["clips"][1]["id"]
    retried = studio.json("POST", f"/api/video-projects/{project}/clips/{clip}/retry")
    assert studio.ended(retried["id"])["status"] == "completed"
    assert len(studio.vendor_tasks()) == 5, "one clip and the transition before it"
    assert studio.spent() == 90 + CLIP + TRANSITION
    studio.download(shown["finalVideoUrl"], tmp_path / "film.mp4")


def test_a_draft_first_costs_a_credit_a_clip_and_calls_no_vendor(
    studio: Studio, tmp_path: Path
) -> None:
    project = studio.project(2)
    run = studio.film(project, draft=True)
    shown = studio.show(project)
    assert (shown["status"], shown["finalVideoUrl"]) == ("draft", None)
    draft = studio.download(shown["draftVideoUrl"], tmp_path / "draft.mp4")
    assert decoded_frames(draft) == run["output"]["frames"] == 24 * 11
    assert [t["kind"] for t in run["output"]["transitions"]] == ["crossfade"]
    assert studio.vendor_tasks() == []
    assert studio.spent() == 2

    studio.film(project)
    assert studio.show(project)["status"] == "completed"
    studio.film(project, draft=True)
    assert studio.show(project)["status"] == "completed"


@pytest.mark.parametrize(("ratio", "size"), first(1, [("9:16", "360x640"), ("1:1", "360x360")]))
def test_the_film_has_the_projects_ratio(
    studio: Studio, tmp_path: Path, ratio: str, size: str
) -> None:
    project = studio.project(1, aspectRatio=ratio, model="showreel/camera-motion")
    studio.film(project)
    film = studio.download(studio.show(project)["finalVideoUrl"], tmp_path / "film.mp4")
    assert size in ffmpeg("-i", str(film), "-f", "null", "-")


def test_a_film_of_cuts_with_native_audio_is_as_long_as_its_clips(
    studio: Studio, tmp_path: Path
) -> None:
    studio.spoil("result", "silent", prompt="view 1")
    project = studio.project(2, "cut", generateNativeAudio=True)
    run = studio.film(project)
    film = studio.download(studio.show(project)["finalVideoUrl"], tmp_path / "film.mp4")
    assert run["output"]["frames"] == decoded_frames(film) == 240
    assert volume(film, 1, 3) > -45
    assert volume(film, 6, 3) < -60
    assert studio.show(project)["actualCost"] == 140


def test_events_report_progress_in_order_and_resume(studio: Studio) -> None:
    project = studio.project(2, "cut", model="showreel/camera-motion")
    triggered = studio.json("POST", "/api/trigger-video", {"videoProjectId": project})
    run_id, token = triggered["runId"], triggered["publicAccessToken"]
    assert (token.startswith("tr_pat_"), run_id.startswith("run_")) == (True, True)
    streams = studio.followed(run_id, token)
    assert len(streams) > 1, "a stream ends before its run does"
    events = [event for stream in streams for event in stream]
    assert events == studio.events(run_id, token=token), "nothing was lost or told twice"
    names = [name for name, _, _ in events]
    assert names == ["status"] * (len(events) - 1) + ["end"]
    progress = [data["progress"]["progress"] for name, _, data in events if name == "status"]
    steps = [data["progress"]["step"] for name, _, data in events if name == "status"]
    assert progress == sorted(progress)
    assert {0, 5, 70, 95, 100} <= set(progress)
    assert list(dict.fromkeys(steps)) == [
        "queued",
        "starting",
        "generating",
        "compiling",
        "uploading",
        "completed",
    ]
    assert events[-2][2] == studio.run(run_id), "the last event is the run as it is read"
    middle = events[3][1]
    assert studio.events(run_id, after=middle, token=token) == events[4:]
    ended = studio.events(run_id, after=9999, token=token)
    assert [name for name, _, _ in ended] == ["status", "end"]
    assert studio.events(run_id) == events, "a member reads it by their own token too"
    base = studio.stack.base_url
    read = httpx.get(f"{base}/api/runs/{run_id}", headers={"Authorization": f"Bearer {token}"})
    assert read.json() == studio.run(run_id)
    feed = httpx.get(f"{base}/realtime/v1/runs/{run_id}?offset=-1", headers=read.request.headers)
    row = feed.json()[0]["value"]
    assert (row["status"], row["taskIdentifier"]) == ("COMPLETED_SUCCESSFULLY", "generate-video")
    assert json.loads(row["output"]) == studio.run(run_id)["output"]
    polled = httpx.get(f"{base}/api/v3/runs/{run_id}", headers=read.request.headers).json()
    assert (polled["status"], polled["output"]) == ("COMPLETED", studio.run(run_id)["output"])
    given = studio.json("POST", f"/api/runs/{run_id}/token")["publicAccessToken"]
    assert studio.events(run_id, token=given) == events
    browser = httpx.get(f"{base}/api/runs/{run_id}/events?token={token}")
    assert browser.status_code == 200
    assert "retry: 2000" in browser.text.split("\n\n")[0], "EventSource waits that long"
    other = httpx.get(f"{base}/api/runs/run_x/events?token={token}")
    assert (other.status_code, other.json()["code"]) == (403, "forbidden")


def test_nobody_else_sees_a_run(studio: Studio) -> None:
    project = studio.project(1, model="showreel/camera-motion")
    run_id = studio.trigger(project)
    made: Any = studio.stack.other_tenant
    studio.http.headers["Authorization"] = f"Bearer {made.token}"
    missing = studio.refused("GET", "/api/runs/run_missing")
    assert studio.refused("GET", f"/api/runs/{run_id}") == missing == (404, "not_found")
    assert studio.refused("POST", f"/api/runs/{run_id}/cancel") == missing
    body = {"videoProjectId": project}
    answer = studio.http.post("/api/trigger-video", json=body)
    assert (answer.status_code, answer.json()["error"]) == (404, "Video project not found")
    studio.http.headers["Authorization"] = f"Bearer {studio.token}"
    studio.json("POST", f"/api/runs/{run_id}/cancel")
    studio.ended(run_id)
