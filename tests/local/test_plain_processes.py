"""Functions that start as Lambda starts them, each in a process that has imported nothing yet: what
`make up` runs. The other tests' functions are forks of one that has imported all, as if in Lambda.
"""

from local.sam_local.world import Studio
from local.settings import StackSettings
from local.stack import Stack


def test_plain_processes_keep_a_key_and_publish_the_music() -> None:
    with Stack(StackSettings(fork=False)) as stack:
        studio = Studio(stack)
        with studio.http:
            order = {"prompt": "Name a room", "model": "google/gemini-2.5-flash"}
            path, key = "/functions/v1/gemini-text-generation", {"Idempotency-Key": "a-key"}
            text = studio.call("POST", path, order, **key)
            assert studio.call("POST", path, order, **key) == text
            track = studio.call("GET", "/api/music-tracks")["items"][0]
            file = studio.http.get(track["url"], follow_redirects=True)
            assert (file.status_code, file.headers["content-type"]) == (200, "audio/mp4")
