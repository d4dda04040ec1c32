"""What the cold start bench asks: one real request for every function and method of the API."""

import http.client
import io
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from PIL import Image

from local.stack import Stack

METHODS = ("GET", "POST")
PICTURE_SIZE = (1280, 720)
CREDITS = 5000
VIDEO = "/functions/v1/generate-interior-video-v2"


@dataclass(frozen=True)
class Request:
    """A request and the folder of the function that answers it."""

    function: str
    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


def requests(stack: Stack) -> Iterator[Request]:
    """The first route of every function and method, as the template has them."""
    world = World(stack)
    seen = set()
    for path, resource in stack.gateway.api.resources.items():
        for method in METHODS:
            target = resource.methods.get(method)
            if target is None or not target.function or (target.function, method) in seen:
                continue
            seen.add((target.function, method))
            folder = stack.functions.pool(target.function).spec.folder
            yield world.request(folder, method, path)


class World:
    """Makes what the requests are about, on a running stack."""

    def __init__(self, stack: Stack) -> None:
        if stack.tenant is None:
            raise SystemExit("the stack has no user")
        self.stack, self.tenant = stack, stack.tenant
        self.workspace = {"workspaceId": self.tenant.workspace_id}
        stack.seeder.grant(self.tenant.workspace_id, CREDITS)
        self.picture = self._upload()
        self.video = self._call("POST", VIDEO, self._video_order(), {"Prefer": "respond-async"})
        self.project = self._call("POST", "/api/video-projects", self._project())
        film = {"videoProjectId": self.project["id"]}
        self.run_id = self._call("POST", "/api/trigger-video", film)["runId"]
        self._wait_for_run()

    def request(self, function: str, method: str, path: str) -> Request:
        """A request for the route; of a wait for a video nothing is measured."""
        headers = {"Authorization": f"Bearer {self.tenant.token}", "Prefer": "respond-async"}
        if method == "POST" and path.endswith("/grants"):
            headers["Authorization"] = f"Bearer {self.stack.auth_secret['service_token']}"
        body = self._bodies().get(path, {}) if method == "POST" else None
        return Request(function, method, self._filled(path) + self._query(method), body, headers)

    def _filled(self, path: str) -> str:
        bucket, _, file = urlsplit(self.picture).path.rpartition("/")
        known = {
            "{project_id}": self.project["id"],
            "{clip_id}": self.project["clips"][0]["id"],
            "{run_id}": self.run_id,
            "{job_id}": self.video["job_id"],
            "{workspace_id}": self.tenant.workspace_id,
            "{bucket}": bucket.rpartition("/")[2],
            "{file}": file,
            "{provider}": "kling",
        }
        for name, value in known.items():
            path = path.replace(name, value)
        return path

    def _query(self, method: str) -> str:
        shared = f"workspaceId={self.tenant.workspace_id}&job_id={self.video['job_id']}"
        return f"?{shared}" if method == "GET" else ""

    def _bodies(self) -> dict[str, Any]:
        grant = {**self.workspace, "amount": 1, "grantId": "coldstart"}
        file = {"fileName": "a.jpg", "contentType": "image/jpeg", "size": 100_000}
        social = {k: v for k, v in self._video_order().items() if k != "video_type"}
        return {
            VIDEO: self._video_order(),
            "/functions/v1/generate-social-video": social | {"aspect_ratio": "16:9"},
            "/functions/v1/elevenlabs-tts": {**self.workspace, "text": "Good morning"},
            "/functions/v1/elevenlabs-sfx": {**self.workspace, "prompt": "Rain"},
            "/functions/v1/elevenlabs-music": {**self.workspace, "prompt": "A calm piano"},
            "/api/credits/grants": grant,
            "/api/workspaces": {"name": "Another"},
            "/api/uploads": {**self.workspace, **file},
            "/api/video-projects": self._project(),
            "/api/video-projects/{project_id}/clips": {"sourceImageUrl": self.picture},
            "/api/trigger-video": {"videoProjectId": self.project["id"], "draft": True},
        }

    def _video_order(self) -> dict[str, Any]:
        return {
            "workspace_id": self.tenant.workspace_id,
            "prompt": "Slow push forward",
            "image_url": self.picture,
            "video_type": "walkthrough",
        }

    def _project(self) -> dict[str, Any]:
        clips = [{"sourceImageUrl": self.picture, "transitionType": "cut"}] * 2
        film = {"name": "Bench", "model": "showreel/camera-motion", "resolution": "720p"}
        return {**self.workspace, **film, "clips": clips}

    def _upload(self) -> str:
        """A photo-like picture in the videos' own ratio."""
        path = self.stack.state_dir / "coldstart.jpg"
        data = io.BytesIO()
        Image.radial_gradient("L").resize(PICTURE_SIZE).convert("RGB").save(data, "JPEG")
        path.write_bytes(data.getvalue())
        return self.stack.seeder.upload(self.tenant, path, "image/jpeg")

    def _wait_for_run(self) -> None:
        path = f"/api/runs/{self.run_id}"
        while self._call("GET", path)["status"] in {"queued", "running"}:
            time.sleep(0.5)

    def _call(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Any:
        own = {"Authorization": f"Bearer {self.tenant.token}", **(headers or {})}
        status, answer = send(self.stack, Request("", method, path, body, own))
        if not 200 <= status < 300:
            raise SystemExit(f"{method} {path} answered {status}: {answer.decode()[:300]}")
        return json.loads(answer)


def send(stack: Stack, request: Request) -> tuple[int, bytes]:
    """Status and whole body of the answer."""
    parts = urlsplit(f"{stack.base_url}{request.path}")
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    body = None if request.body is None else json.dumps(request.body)
    headers = {"Content-Type": "application/json", **request.headers}
    try:
        connection.request(request.method, f"{parts.path}?{parts.query}", body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
