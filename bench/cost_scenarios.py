"""What is measured on a metered stack: films, a draft, a video, viewers, a text, the idle loop."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from local.demo.follow import follow
from local.demo.photos import ROOMS_FOLDER, find
from local.demo.studio_client import StudioClient
from local.metering.meter import Meter
from local.metering.tally import Counts, Tally
from local.stack import Stack

CREDITS = 5000
QUIET_SECONDS = 2.0
"""How long after the last answer the stack still works on what it was asked."""
VIEWER = "run_events"
WEBHOOKS = "webhooks"
GENERATION = "generation"
"""Part of the names of the engine's functions and of its state machine."""
WORK = "work/"
SINGLE_MODEL = "kling-v3.0"
SINGLE_VENDOR_SECONDS = 60.0
"""Longer than the window of 55 s, as video models are: the request waits all of it."""
FILM_VENDOR_SECONDS = float(os.environ.get("SHOWREEL_SIM_SECONDS") or 30)
"""A quick vendor."""
TEXT_SECONDS_PER_PIECE = 0.25
IDLE_ROUNDS = 10
SETUP_TIMEOUT_SECONDS = 120


@dataclass
class Section:
    """What was counted between two moments, and what it made."""

    name: str
    counts: Counts
    seconds: float
    """Wall time."""
    film_seconds: float = 0.0
    clips: int = 0
    kept_bytes: int = 0
    """What stays in the bucket."""
    work_bytes: int = 0
    """What the bucket loses after a week."""
    film_bytes: int = 0
    table_bytes: int = 0

    def without_viewers(self) -> Counts:
        """Everything but the streams that watch runs."""
        return self.counts.only(lambda source: source != VIEWER)

    def viewers(self) -> Counts:
        """Only those."""
        return self.counts.only(lambda source: source == VIEWER)

    def jobs(self) -> Counts:
        """Only its generation jobs: what it takes to have a model make a piece."""
        return self.counts.only(lambda source: source == WEBHOOKS or GENERATION in source)


class Studio:
    """A user of a metered stack."""

    def __init__(self, stack: Stack) -> None:
        assert stack.meter is not None  # noqa: S101  # the stack was started with it
        self.stack = stack
        self.meter: Meter = stack.meter
        tenant = httpx.post(f"{stack.aws_endpoint}/_local/workspaces", json={"credits": CREDITS})
        self.tenant = tenant.raise_for_status().json()
        self.client = StudioClient(
            stack.base_url, self.tenant["token"], self.tenant["workspace_id"]
        )

    def pace(self, **settings: float) -> None:
        """Sets how long simulated vendors take."""
        url = f"{self.stack.providers_url}/_sim/settings"
        httpx.post(url, json=settings).raise_for_status()

    @contextmanager
    def section(self, name: str) -> Iterator[Section]:
        """Counts what happens inside, and what follows from it right after."""
        made = Section(name, Counts(), 0.0)
        self._wait_until_quiet()
        kept, work, rows = *self._bucket(), self.meter.tables.stored_bytes()
        before, logs = self.meter.counts(), self._logs()
        began = time.monotonic()
        yield made
        made.seconds = time.monotonic() - began
        self._wait_until_quiet()
        made.counts = self.meter.counts() - before + _log_counts(self._logs(), logs)
        kept_now, work_now = self._bucket()
        made.kept_bytes, made.work_bytes = kept_now - kept, work_now - work
        made.table_bytes = self.meter.tables.stored_bytes() - rows

    def _wait_until_quiet(self) -> None:
        seen: Counts | None = None
        while seen is None or self.meter.counts().counters != seen.counters:
            seen = self.meter.counts()
            time.sleep(QUIET_SECONDS)

    def _bucket(self) -> tuple[int, int]:
        """Bytes that stay, and bytes that expire."""
        bucket = self.stack.variable("MEDIA_BUCKET")
        pages = self.stack.clients.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        sizes = [(o["Key"], int(o["Size"])) for page in pages for o in page.get("Contents", [])]
        work = sum(size for key, size in sizes if key.startswith(WORK))
        return sum(size for _, size in sizes) - work, work

    def _logs(self) -> dict[str, bytes]:
        files = (self.stack.state_dir / "logs").glob("*.log")
        return {file.stem: file.read_bytes() for file in files if file.stem != "gateway"}

    def film(self, name: str, clips: int, seconds: int) -> Section:
        """A 1080p film with music and native sound, every transition a generated transition."""
        self.pace(generation_seconds=FILM_VENDOR_SECONDS)
        with self.section(name) as made:
            urls = [self.client.upload(photo) for photo in find(ROOMS_FOLDER)[:clips]]
            self.project = self.client.call(
                "POST", "/api/video-projects", self._project(name, urls, seconds)
            )
            run = self._make(draft=False)
        self._note(made, run, clips, "finalVideoUrl")
        return made

    def draft(self, name: str, clips: int) -> Section:
        """A draft of the latest film by the built-in model, which renders in our functions."""
        with self.section(name) as made:
            run = self._make(draft=True)
        self._note(made, run, clips, "draftVideoUrl")
        return made

    def _project(self, name: str, urls: list[str], seconds: int) -> dict[str, Any]:
        return {
            "name": name,
            "workspaceId": self.client.workspace_id,
            "resolution": "1080p",
            "generateNativeAudio": True,
            "musicTrackId": self.client.call("GET", "/api/music-tracks")["items"][0]["id"],
            "clips": [
                {
                    "sourceImageUrl": url,
                    "motionPrompt": f"Slow push forward, steady, {name}, {number}",
                    "durationSeconds": seconds,
                    "transitionType": "seamless",
                }
                for number, url in enumerate(urls)
            ],
        }

    def _make(self, *, draft: bool) -> dict[str, Any]:
        body = {"videoProjectId": self.project["id"], "draft": draft}
        run_id = self.client.call("POST", "/api/trigger-video", body)["runId"]
        *_, run = follow(self.client, run_id)
        if run["status"] != "completed":
            raise SystemExit(f"the film was not made: {run['status']} {run.get('error')}")
        return run

    def _note(self, made: Section, run: dict[str, Any], clips: int, url: str) -> None:
        made.clips = clips
        made.film_seconds = float(run["output"]["durationSeconds"])
        bucket = self.stack.variable("MEDIA_BUCKET")
        key = run["output"][url].partition("/object/public/")[2]
        head = self.stack.clients.s3.head_object(Bucket=bucket, Key=key)
        made.film_bytes = int(head["ContentLength"])

    def single_video(self, name: str) -> Section:
        """One video whose vendor takes longer than the request waits, then one look at it."""
        photo = self.client.upload(find(ROOMS_FOLDER)[0])
        self.pace(generation_seconds=SINGLE_VENDOR_SECONDS)
        path = "/functions/v1/generate-interior-video-v2"
        order = {
            "image_url": photo,
            "prompt": "slow dolly in",
            "video_type": "walkthrough",
            "model": SINGLE_MODEL,
            "workspace_id": self.client.workspace_id,
        }
        with self.section(name) as made:
            job = self._post(path, order)["job_id"]
            time.sleep(SINGLE_VENDOR_SECONDS / 3)
            while self.client.call("GET", f"{path}?job_id={job}")["status"] == "processing":
                time.sleep(SINGLE_VENDOR_SECONDS / 6)
        return made

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        headers = {"Authorization": f"Bearer {self.tenant['token']}"}
        url = f"{self.stack.base_url}{path}"
        answer = httpx.post(url, json=body, headers=headers, timeout=SETUP_TIMEOUT_SECONDS)
        return answer.raise_for_status().json()

    def text(self, name: str) -> Section:
        """One streamed text, at the pace of a model that thinks while it writes."""
        self.pace(text_delay_seconds=TEXT_SECONDS_PER_PIECE)
        url = f"{self.stack.base_url}/functions/v1/groq-chat"
        headers = {"Authorization": f"Bearer {self.tenant['token']}"}
        body = {
            "prompt": f"Three lines about rain, {name}",
            "model": "llama-3.3-70b-versatile",
            "stream": True,
            "maxTokens": 200,
        }
        with (
            self.section(name) as made,
            httpx.stream("POST", url, json=body, headers=headers, timeout=300) as answer,
        ):
            answer.raise_for_status()
            for _ in answer.iter_raw():
                pass
        return made

    def idle(self, name: str) -> Section:
        """Rounds of the every-minute loop with nothing to do, in a warm process."""
        fire = f"{self.stack.aws_endpoint}/_local/schedules/every_minute/fire"
        httpx.post(fire, json={}, timeout=60).raise_for_status()
        with self.section(name) as made:
            for _ in range(IDLE_ROUNDS):
                httpx.post(fire, json={}, timeout=60).raise_for_status()
                self.meter.tally.add("scheduled", "every_minute")
        return made


def _log_counts(now: dict[str, bytes], before: dict[str, bytes]) -> Counts:
    """Bytes and events that functions wrote since."""
    tally = Tally()
    for function, written in now.items():
        fresh = written[len(before.get(function, b"")) :]
        tally.add("log bytes", function, len(fresh))
        tally.add("log events", function, fresh.count(b"\n"))
    return tally.counts()
