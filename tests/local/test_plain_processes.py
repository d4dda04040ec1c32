"""Functions that start as Lambda starts them, each in a process that has imported nothing yet: what
`make up` runs. The other tests' functions are forks, which find most of it imported.
"""

from local.sam_local.scenes import KLING
from local.sam_local.world import Studio
from local.settings import StackSettings
from local.stack import Stack
from tests.support.small_films import SHARE, SMALL_FILMS


def test_plain_processes_make_a_film_keep_a_key_and_publish_the_music() -> None:
    settings = StackSettings(
        generation_seconds=0.3,
        clip_scale=1 / SHARE,
        environment=SMALL_FILMS,
        parameters={"PollSeconds": "1", "WebhookPollSeconds": "1"},  # if a webhook comes too early
        fork=False,
    )
    with Stack(settings) as stack:
        studio = Studio(stack)
        with studio.http:
            body = {"videoProjectId": studio.project(1, KLING)}
            key = {"Idempotency-Key": "a-key"}
            run = studio.call("POST", "/api/trigger-video", body, **key)
            assert studio.ended(run["runId"])["status"] == "completed"
            assert studio.call("POST", "/api/trigger-video", body, **key) == run
            track = studio.call("GET", "/api/music-tracks")["items"][0]
            file = studio.http.get(track["url"], follow_redirects=True)
            assert (file.status_code, file.headers["content-type"]) == (200, "audio/mp4")
