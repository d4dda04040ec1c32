"""Makes the project and its films through the API."""

import sys
from dataclasses import dataclass, field
from typing import Any

from local.demo.board import Board, Pieces
from local.demo.follow import cancel, follow, is_over
from local.demo.options import BUILTIN_MODEL, Options
from local.demo.photos import Photo
from local.demo.studio_client import StudioClient
from local.demo.summary import Made
from local.demo.timing import Stopwatch


@dataclass
class Production:
    """One demo: a project of some stills, and the runs made of it.

    `running` names the run that Ctrl-C would have to cancel.
    """

    client: StudioClient
    options: Options
    photos: list[Photo]
    project: dict[str, Any] = field(default_factory=dict)
    made: list[Made] = field(default_factory=list)
    running: str | None = None

    def create(self) -> None:
        """Uploads the stills, each once, and creates the project."""
        urls: dict[Photo, str] = {}
        for photo in self.photos:
            if photo not in urls:
                urls[photo] = self.client.upload(photo)
        clips = [{"sourceImageUrl": urls[p], "roomType": p.room_type} for p in self.photos]
        body = self._settings() | {"clips": clips}
        self.project = self.client.call("POST", "/api/video-projects", body)

    def _settings(self) -> dict[str, Any]:
        options = self.options
        wanted = {
            "name": "Demo",
            "workspaceId": self.client.workspace_id,
            "aspectRatio": options.ratio,
            "resolution": options.resolution,
            "generateNativeAudio": options.native_audio,
            "model": options.model,
            "musicTrackId": options.music,
        }
        return {name: value for name, value in wanted.items() if value is not None}

    def estimate(self) -> dict[str, Any]:
        """Returns what the film will cost."""
        return self.client.call("GET", f"/api/video-projects/{self.project['id']}/estimate")

    def make(self, *, draft: bool) -> Made:
        """Triggers a run and follows it to its end, on the screen."""
        body = {"videoProjectId": self.project["id"], "draft": draft}
        answer = self.client.call("POST", "/api/trigger-video", body)
        self.running = str(answer["runId"])
        watch = Stopwatch()
        board = Board(
            sys.stdout,
            "draft" if draft else "film",
            Pieces.of(len(self.photos)),
            sys.stdout.isatty(),
        )
        last: dict[str, Any] = {}
        try:
            for last in follow(self.client, self.running):
                watch.note(last)
                board.show(last)
        finally:
            board.close()
        return self._keep(last, watch, draft=draft)

    def _keep(self, run: dict[str, Any], watch: Stopwatch, *, draft: bool) -> Made:
        self.running = None
        model = BUILTIN_MODEL if draft else str(self.project["model"])
        file = self._download(run, "draft.mp4" if draft else "film.mp4", draft=draft)
        made = Made(run, watch, model, file)
        self.made.append(made)
        return made

    def _download(self, run: dict[str, Any], name: str, *, draft: bool) -> Any:
        output = run.get("output") or {}
        url = output.get("draftVideoUrl" if draft else "finalVideoUrl")
        if url is None:
            return None
        self.options.out.mkdir(parents=True, exist_ok=True)
        self.client.download(url, self.options.out / name)
        if not draft or not self.options.makes_film:
            self.client.download(output["posterUrl"], self.options.out / "poster.jpg")
            self.client.download(output["contactSheetUrl"], self.options.out / "contact-sheet.jpg")
        return self.options.out / name

    def cancel(self) -> dict[str, Any] | None:
        """Cancels what is running and waits for it to settle; None if nothing is."""
        if self.running is None:
            return None
        run = cancel(self.client, self.running)
        if is_over(run):
            self.running = None
        return run
