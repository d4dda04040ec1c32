"""Makes a story through the API: from a plan to a film, step by step on one board."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from local.demo.board import Board
from local.demo.story.account import Account
from local.demo.story.interrupts import held_back
from local.demo.story.options import MADE_MUSIC, StoryOptions
from local.demo.story.outline import Plan, lines, plan
from local.demo.story.rows import MEDIA, ShotRows
from local.demo.studio_client import ApiError, StudioClient
from showreel_client import (
    BatchShot,
    DirectorCutSummary,
    Export,
    Progress,
    Shot,
    ShotChanged,
    ShotsBegun,
    UnifiedGenerationService,
)
from showreel_client.batches import BatchPhase

VOICE_MODEL = "elevenlabs-tts"
POLL_SECONDS = 0.5
BATCHES: dict[BatchPhase, str] = {"images": "pictures", "videos": "videos"}
STEPS = {
    "plan": (0, 3),
    "shots": (3, 12),
    "lines": (12, 14),
    "pictures": (14, 26),
    "voice-overs": (26, 28),
    "videos": (28, 62),
    "music": (62, 68),
    "film": (68, 100),
}
"""The steps in their order, and from which to which percent of a story each is."""
SHORTEST_MUSIC_SECONDS, LONGEST_MUSIC_SECONDS = 3, 600
LONGEST_MOOD = 300


PHASES = ("creating", "drafting", "enriching", "ready")


class StoryError(Exception):
    """Something can't be made; the message is one line for a person."""


@dataclass
class Story:
    """One story. `under_way` has the paths that cancel what is being made at the moment."""

    studio: StudioClient
    service: UnifiedGenerationService
    options: StoryOptions
    board: Board
    rows: ShotRows
    account: Account
    plan: Plan | None = None
    shots: list[Shot] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    step: str = "plan"
    under_way: set[str] = field(default_factory=set)

    def produce(self) -> Export:
        """Makes the whole film. Raises StoryError, and what the clients raise."""
        project_id = self._write()
        self._speak()
        self._make(project_id, "images")
        self._hear()
        self._make(project_id, "videos")
        self._score(project_id)
        return self._cut(project_id)

    def stop(self) -> int:
        """Cancels what is under way and waits until it is settled; returns what is still held."""
        for path in self.under_way:
            try:
                self.studio.call("POST", path)
            except ApiError as error:
                if error.status != 409:  # it is over
                    raise
        return self.account.settle()

    def _write(self) -> str:
        """Plans the film, makes project and scenes, and has their shots written."""
        self._begin("plan", "Planning the film")
        options = self.options
        self.plan, job_id = plan(self.service, options.idea, len(options.scenes))
        self.account.note("texts", job_id)
        project = self.service.projects.create(
            self.plan.title,
            workspace_id=self.studio.workspace_id,
            concept=options.idea,
            tone=self.plan.tone,
            video_style=self.plan.style,
            aspect_ratio=options.ratio,
        )
        self._begin("shots", f"{self.plan.title}: writing {options.shots} shots")
        for fields, count in zip(self.plan.scenes, options.scenes, strict=True):
            scene = self.service.scenes.create(project.id, **fields)
            self.shots += self._written(project.id, scene.id, count)
        return project.id

    def _written(self, project_id: str, scene_id: str, count: int) -> list[Shot]:
        """Returns the shots of a scene, shown while they are written."""
        known = [{"id": one.id, "title": one.title} for one in self.shots]
        events = self.service.gen_shots(
            project_id, scene_id, shot_count=count, existing_shots=known
        )
        with held_back():
            begun = next(events)
            run_id = begun.run_id if isinstance(begun, ShotsBegun) else None
            self._order("shots", run_id, f"/api/runs/{run_id}/cancel")
        latest: dict[str, Shot] = {}
        for event in events:
            if isinstance(event, ShotChanged):
                latest[event.shot.id] = event.shot
                done = sum(_share(shot) for shot in latest.values())
                self._show_shot(event.shot, len(self.shots) + done)
        self.under_way.clear()
        if len(latest) < count:
            raise StoryError(f"{len(latest)} of {count} shots were written")
        return sorted(latest.values(), key=lambda shot: shot.shot_number or 0)

    def _show_shot(self, shot: Shot, done: float) -> None:
        """Shows how far a shot's text is; `done` is how many shots are, with parts of shots."""
        details = {"shotId": shot.id, "title": shot.title, "phase": shot.status}
        self.rows.note(details)
        label = f"shot {self.rows.number(shot.id)} {shot.status}: {shot.title or '…'}"
        self._show(done / self.options.shots, label)

    def _speak(self) -> None:
        """Has the narrator's lines written, and their voice-overs begun."""
        self._begin("lines", "Writing what the narrator says")
        said, job_id = lines(self.service, self.options.idea, self.shots)
        self.account.note("texts", job_id)
        for shot, line in zip(self.shots, said, strict=True):
            self.service.shots.update(shot.id, dialogue=line)
            with held_back():
                voice = self.service.shots.generate(shot.id, "audio", model=VOICE_MODEL)
                self._order("voice-overs", voice.id, f"/api/jobs/{voice.id}/cancel")

    def _make(self, project_id: str, phase: BatchPhase) -> None:
        """Makes all pictures or videos."""
        what = BATCHES[phase]
        self._begin(what, f"Making {self.options.shots} {what}")
        with held_back():
            queued = self.service.batches.start(project_id, phase)
            if queued.run_id is None:
                raise StoryError(f"no {what} can be made: {queued.message}")
            cancel = f"/api/runs/{queued.run_id}/cancel"
            self._order(what, queued.run_id, cancel)
        over = list(self._followed(queued.run_id, phase))
        self.under_way.discard(cancel)
        failed = [shot for shot in over if shot.status != "completed"]
        if failed:
            number = self.rows.number(failed[0].shot_id)
            reason = failed[0].reason or failed[0].status
            raise StoryError(f"the {MEDIA[phase]} of shot {number} could not be made: {reason}")
        if len(over) < self.options.shots:
            state = self.service.batches.get(queued.run_id)
            raise StoryError(f"{len(over)} {what} were made: {state.error or state.status}")

    def _followed(self, run_id: str, phase: BatchPhase) -> Iterator[BatchShot]:
        what = BATCHES[phase]
        for count, shot in enumerate(self.service.batches.follow(run_id), 1):
            self.account.note(what, shot.job_id)
            mark = "done" if shot.status == "completed" else "failed"
            label = f"{count} of {self.options.shots} {what} are made"
            details = {"shotId": shot.shot_id, "medium": phase, "mark": mark}
            self._show(count / self.options.shots, label, **details)
            yield shot

    def _hear(self) -> None:
        """Waits for the voice-overs, which were made meanwhile."""
        self._begin("voice-overs", "Waiting for the voice-overs")
        waiting = list(self.shots)
        while waiting:
            for shot in list(waiting):
                state = self.service.shots.get(shot.id)
                if state.audio_status == "failed":
                    number = self.rows.number(shot.id)
                    reason = state.failure_reason or "failed"
                    raise StoryError(f"the voice of shot {number} could not be made: {reason}")
                if state.audio_status == "completed":
                    waiting.remove(shot)
                    share = 1 - len(waiting) / len(self.shots)
                    label = f"{len(self.shots) - len(waiting)} of {len(self.shots)} voice-overs"
                    details = {"shotId": shot.id, "medium": "audio", "mark": "done"}
                    self._show(share, f"{label} are made", **details)
            if waiting:
                time.sleep(POLL_SECONDS)
        self.under_way.clear()

    def _score(self, project_id: str) -> None:
        """Has music made that is as long as the film, unless there is to be another or none."""
        summary = self.service.director_cut.sync(project_id, **self._settings())
        self._begin("music", f"Music for {summary.duration_ms / 1000:.1f} s")
        track_id = self.options.music
        if track_id == MADE_MUSIC:
            track_id = self._composed(summary)
        if track_id is not None:
            self.service.projects.update(project_id, music_track_id=track_id)

    def _composed(self, summary: DirectorCutSummary) -> str:
        path = "/functions/v1/elevenlabs-music"
        seconds = min(-(-summary.duration_ms // 1000), LONGEST_MUSIC_SECONDS)
        body = {
            "prompt": self._mood(),
            "duration": max(seconds, SHORTEST_MUSIC_SECONDS),
            "instrumental": True,
            "workspaceId": self.studio.workspace_id,
        }
        with held_back():
            job = self.studio.call("POST", path, body, {"Prefer": "respond-async"})
            cancel = f"/api/jobs/{job['job_id']}/cancel"
            self._order("music", job["job_id"], cancel)
        while job["status"] == "processing":
            time.sleep(POLL_SECONDS)
            job = self.studio.call("GET", f"{path}?job_id={job['job_id']}")
        self.under_way.discard(cancel)
        if job["status"] != "completed":
            raise StoryError(f"the music could not be made: {job.get('error') or job['status']}")
        track = {"workspaceId": self.studio.workspace_id, "name": self._title, "url": job["url"]}
        return str(self.studio.call("POST", "/api/music-tracks", track)["id"])

    def _mood(self) -> str:
        tone = self.plan.tone if self.plan else ""
        return f"Instrumental film music, {tone or 'calm'}: {self.options.idea[:LONGEST_MOOD]}"

    def _cut(self, project_id: str) -> Export:
        """Exports the film and waits for it."""
        self._begin("film", "Cutting the film")
        cut = self.service.director_cut
        with held_back():
            export = cut.create(project_id, **self._settings())
            self._order("film", export.job_id, f"/api/runs/{export.job_id}/cancel")
        made = cut.wait_for_export(export.job_id, self._show_export)
        self.under_way.clear()
        return made

    def _settings(self) -> dict[str, Any]:
        options = self.options
        return {
            "resolution": options.resolution,
            "quality": options.quality,
            "captions": options.captions,
            "transitions": "crossfade",
        }

    def _show_export(self, progress: Progress) -> None:
        self._show(progress.percent / 100, f"Cutting the film: {progress.percent} %")

    @property
    def _title(self) -> str:
        return self.plan.title if self.plan else "Story"

    def _order(self, what: str, name: str | None, cancel: str) -> None:
        """Takes down what was ordered, and how it is cancelled."""
        self.account.note(what, name)
        self.under_way.add(cancel)

    def _begin(self, step: str, label: str) -> None:
        self.step = step
        self.seconds[step] = time.monotonic()
        self._show(0.0, label)

    def _show(self, share: float, label: str, **details: Any) -> None:
        low, high = STEPS[self.step]
        progress = {"progress": low + share * (high - low), "label": label, "step": self.step}
        self.board.show({"progress": progress | details})


def _share(shot: Shot) -> float:
    """Returns how much of a shot's text is there."""
    return PHASES.index(shot.status) / (len(PHASES) - 1) if shot.status in PHASES else 0.0
