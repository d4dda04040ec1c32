"""The Director's Cut: four actions, a typed summary, and waiting for an export."""

from typing import Any

import httpx
import pytest

from showreel_client import (
    AdjustedShot,
    CaptionWarning,
    DirectorCutSummary,
    GenerationError,
    MissingShot,
    PreflightError,
    Progress,
)
from tests.client.support import Both, Server, answer, failure

PATH = "functions/v1/director-cut"
TIMELINE = "api/projects/p-1/timeline"
URL = "https://api.example.com/storage/v1/object/public/final-exports/film.mp4"
SUMMARY = {
    "totalShots": 12,
    "syncedAssets": 14,
    "visualAssets": 12,
    "readyShots": 11,
    "readyVideos": 8,
    "fallbackImages": 3,
    "missingShots": 1,
    "audioAssets": 2,
    "canExport": False,
    "blockingReason": "1 ordered shot is missing an image or video.",
    "blockingCode": "missing_shots",
    "durationMs": 60_000,
    "revision": 3,
    "missingShotDetails": [{"shotId": "h-1", "sceneNumber": 1, "reason": "failed"}, 7, {}],
    "adjustedShots": [{"shotId": "h-2", "reason": "voice_over", "durationMs": 6500}],
    "captionWarnings": [
        {"shotId": "h-1", "sceneNumber": 1, "shotNumber": 2, "characters": "東", "refused": True},
        {"shotId": None, "textId": "t-1", "characters": "♪", "refused": False},
        "?",
    ],
}
CREATED = {
    "success": True,
    "status": "processing",
    "jobId": "job-1",
    "progress": 5,
    "provider": "ffmpeg",
    "providerStatus": "queued",
    "fallbackUsed": False,
    "isNew": True,
    "summary": {**SUMMARY, "canExport": True, "blockingReason": None},
}
GOING = {"status": "processing", "jobId": "job-1", "progress": 40, "queuePosition": None}
DONE = {**GOING, "status": "completed", "progress": 100, "outputUrl": URL, "output": {"frames": 9}}
FAILED = {**GOING, "status": "failed", "error": "The music is gone", "errorCode": "music_missing"}


def test_a_summary_is_typed(call: Both, server: Server) -> None:
    server.on(PATH, answer(200, {"success": True, "summary": SUMMARY}))
    summary = call("director_cut.sync", "p-1", captions="burned", aspect_ratio="9:16")
    assert isinstance(summary, DirectorCutSummary)
    assert (summary.total_shots, summary.can_export, summary.revision) == (12, False, 3)
    assert summary.missing_shot_details == (
        MissingShot(shot_id="h-1", scene_number=1, reason="failed"),
    )
    assert summary.adjusted_shots == (
        AdjustedShot(shot_id="h-2", reason="voice_over", duration_ms=6500),
    )
    assert summary.caption_warnings == (
        CaptionWarning(shot_id="h-1", scene_number=1, shot_number=2, characters="東", refused=True),
        CaptionWarning(text_id="t-1", characters="♪"),
    )
    (sent,) = server.bodies(PATH)
    assert sent == {
        "action": "sync",
        "projectId": "p-1",
        "allowPartial": False,
        "settings": {"captions": "burned", "aspectRatio": "9:16"},
    }


def test_an_export_is_begun_once_however_often_it_is_tried(call: Both, server: Server) -> None:
    server.on(PATH, httpx.ConnectError("no"), answer(200, CREATED))
    export = call("director_cut.create", "p-1", allow_partial=True, request_id="key-1")
    assert (export.job_id, export.status, export.is_new) == ("job-1", "processing", True)
    assert export.summary is not None
    assert export.summary.can_export
    keys = {request.headers["Idempotency-Key"] for request in server.to(PATH)}
    assert (keys, len(server.to(PATH))) == ({"key-1"}, 2)


def test_what_a_storyboard_is_short_of_is_an_error_with_the_summary(
    call: Both, server: Server
) -> None:
    told = {"error": "DIRECTOR_CUT_PREFLIGHT_FAILED", "summary": SUMMARY}
    server.on(PATH, failure(409, "preflight_failed", **told))
    with pytest.raises(PreflightError) as raised:
        call("director_cut.create", "p-1")
    assert raised.value.summary.missing_shots == 1
    assert (raised.value.status, raised.value.server_code) == (409, "preflight_failed")


def test_a_retry_goes_without_settings(call: Both, server: Server) -> None:
    server.on(PATH, answer(200, {**CREATED, "retryOf": "job-0"}))
    assert call("director_cut.retry", "p-1").retry_of == "job-0"
    assert server.bodies(PATH)[0] == {"action": "retry", "projectId": "p-1", "allowPartial": False}


def test_an_export_is_waited_for(call: Both, server: Server) -> None:
    waiting = {**GOING, "status": "pending", "progress": 5, "queuePosition": 2}
    server.on(PATH, answer(200, waiting), answer(503), answer(200, GOING), answer(200, DONE))
    told: list[Progress] = []
    export = call("director_cut.wait_for_export", "job-1", told.append)
    assert (export.output_url, export.output, export.progress) == (URL, {"frames": 9}, 100)
    assert told == [
        Progress(5, "Waiting: 2 in the queue"),
        Progress(40, "Exporting"),
        Progress(100, "Complete"),
    ]


def test_an_export_that_failed_is_an_error(call: Both, server: Server) -> None:
    server.on(PATH, answer(200, FAILED))
    with pytest.raises(GenerationError, match="The music is gone") as raised:
        call("director_cut.wait_for_export", "job-1")
    assert (raised.value.server_code, raised.value.job_id) == ("music_missing", "job-1")
    assert call("director_cut.status", "job-1").error_code == "music_missing"


@pytest.mark.parametrize("body", [{}, {"jobId": "../x"}, {"jobId": 7, "status": "completed"}])
def test_an_answer_that_names_no_export_is_an_error(
    call: Both, server: Server, body: dict[str, Any]
) -> None:
    server.on(PATH, answer(200, body))
    with pytest.raises(GenerationError, match="names no export"):
        call("director_cut.status", "job-1")


def test_a_timeline_is_read_and_changed(call: Both, server: Server) -> None:
    server.on(TIMELINE, answer(200, {"revision": 3, "rows": [{"id": "h-1"}]}))
    assert call("director_cut.timeline", "p-1")["rows"] == [{"id": "h-1"}]
    call("director_cut.update_timeline", "p-1", 3, order=["h-1"])
    assert server.bodies(TIMELINE) == [{"revision": 3, "order": ["h-1"]}]
    server.on(TIMELINE, failure(409, "stale_revision"))
    with pytest.raises(GenerationError) as raised:
        call("director_cut.update_timeline", "p-1", 2, texts=[])
    assert raised.value.server_code == "stale_revision"
