"""What the example events are about, made in a running stack through the API as a user would."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import httpx

from local.control.seed import Tenant
from local.sam_local.placeholders import example, fill, names
from local.sam_local.wallet import Wallet
from local.settings import ROOT
from local.stack import Stack

CREDITS = 5000
REQUEST_SECONDS = 120
RUN_SECONDS = 600
ROOM = ROOT / "local" / "demo" / "rooms" / "03-living-room.jpg"
MOTION = "showreel/camera-motion"
PICTURE = "fal-ai/flux/schnell"


class Studio:
    """A workspace of its own and its user. Films of one workspace wait for each other."""

    def __init__(self, stack: Stack) -> None:
        self.tenant: Tenant = stack.seeder.tenant(CREDITS)
        self.image_url = stack.seeder.upload(self.tenant, ROOM, "image/jpeg")
        headers = {"Authorization": f"Bearer {self.tenant.token}"}
        self.http = httpx.Client(
            base_url=stack.base_url, headers=headers, timeout=REQUEST_SECONDS, trust_env=False
        )

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Returns one call's JSON. Raises httpx.HTTPStatusError."""
        answer = self.http.request(method, path, json=body, headers=headers)
        return answer.raise_for_status().json()

    def project(self, clips: int = 1, model: str = MOTION) -> str:
        """Returns a new project of 720p clips of 5 s with seamless transitions; returns its id."""
        rooms = [
            {"sourceImageUrl": self.image_url, "motionPrompt": f"Pan to the right, {number}"}
            for number in range(clips)
        ]
        body = {"name": "sam local", "workspaceId": self.tenant.workspace_id, "model": model}
        made = self.call(
            "POST", "/api/video-projects", body | {"resolution": "720p", "clips": rooms}
        )
        return str(made["id"])

    def storyboard(self) -> str:
        """Returns the id of a new storyboard with a scene."""
        return self._storyboard()[0]

    def scene(self) -> str:
        """Returns the id of a scene of a storyboard of its own."""
        return self._storyboard()[1]

    def _storyboard(self) -> tuple[str, str]:
        body = {"workspaceId": self.tenant.workspace_id, "title": "sam local"}
        project_id = str(self.call("POST", "/api/projects", body)["id"])
        scene = self.call("POST", f"/api/projects/{project_id}/scenes", {"title": "sam local"})
        return project_id, str(scene["id"])

    def shot(self, scene_id: str | None = None) -> str:
        """Returns the id of a shot with something to see, in a scene of its own by default."""
        path = f"/api/scenes/{scene_id or self.scene()}/shots"
        return str(self.call("POST", path, {"visual_prompt": "A narrow alley at night"})["id"])

    def batch(self) -> str:
        """Returns the id of a run that has made the picture of a storyboard's one shot."""
        storyboard = self.storyboard()
        scene = self.call("POST", f"/api/projects/{storyboard}/scenes", {"title": "sam local"})
        self.shot(str(scene["id"]))
        body = {"project_id": storyboard, "phase": "images"}
        run_id = str(self.call("POST", "/functions/v1/project-auto-generate", body)["run_id"])
        self.ended(run_id)
        return run_id

    def cut(self) -> str:
        """Exports a storyboard of one picture, by the remote renderer; returns the run's id."""
        storyboard = self.storyboard()
        scene = self.call("POST", f"/api/projects/{storyboard}/scenes", {"title": "sam local"})
        shot = {"image_url": self.image_url, "duration_ms": 1000}
        self.call("POST", f"/api/scenes/{scene['id']}/shots", shot)
        settings = {"resolution": "720p", "provider": "fal_remote"}
        body = {"action": "create", "projectId": storyboard, "settings": settings}
        return str(self.call("POST", "/functions/v1/director-cut", body)["jobId"])

    def graph(self) -> str:
        """Returns the id of a storyboard whose graph draws a picture from a prompt."""
        storyboard = self.storyboard()
        nodes = [
            {"id": "idea", "kind": "Prompt", "params": {"prompt": "A lighthouse at dusk"}},
            {"id": "still", "kind": "Image", "params": {"model": PICTURE}},
        ]
        source = {"source_node_id": "idea", "source_handle": "text"}
        target = {"target_node_id": "still", "target_handle": "prompt"}
        edges = [{"id": "idea-still", **source, **target}]
        graph = {"revision": 0, "nodes": nodes, "edges": edges}
        self.call("PUT", f"/api/projects/{storyboard}/graph", graph)
        return storyboard

    def wallet_request(self) -> str:
        """Returns the body that signs a new wallet in, once."""
        return Wallet().request(self.http)

    def trigger(self, project_id: str) -> str:
        """Starts the film; returns the run's id."""
        body = {"videoProjectId": project_id}
        return str(self.call("POST", "/api/trigger-video", body)["runId"])

    def run_token(self, run_id: str) -> str:
        """Returns a token that reads the run alone."""
        return str(self.call("POST", f"/api/runs/{run_id}/token")["publicAccessToken"])

    def ended(self, run_id: str) -> Any:
        """Returns the run once it is over. Raises TimeoutError."""
        path = f"/api/runs/{run_id}"
        return until(lambda: self.call("GET", path), lambda run: run["finishedAt"], RUN_SECONDS)

    def job(self, job_id: str) -> Any:
        """The job once it is over. Raises TimeoutError."""
        path = f"/api/jobs?workspaceId={self.tenant.workspace_id}"
        final = ("completed", "failed", "canceled")

        def look() -> Any:
            jobs = self.call("GET", path)["items"]
            return next(job for job in jobs if job["id"] == job_id)

        return until(look, lambda job: job["status"] in final, RUN_SECONDS)


def until[T](look: Callable[[], T], is_so: Callable[[T], Any], seconds: float) -> T:
    """Returns what `look` sees once it is so. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not is_so(seen := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:.0f} s; it is still {seen}")
        time.sleep(0.5)
    return seen


@dataclass(frozen=True)
class Values:
    """What the placeholders of the API's example events stand for."""

    token: str
    workspace_id: str
    project_id: str
    """Made anew for each event, as storyboard and scene are: it is not being made into a film."""
    storyboard_id: str
    scene_id: str
    shot_id: str
    graph_storyboard_id: str
    """A storyboard with a graph."""
    image_url: str
    bucket: str
    file: str
    """Bucket and file are those of the picture's URL."""
    run_id: str
    """A run that has ended with a film."""
    run_token: str
    """Reads that run."""
    batch_run_id: str
    """A run that has made a storyboard's pictures."""
    wallet_request: str
    """What signs a new wallet in."""


class World:
    """A workspace with a finished film."""

    def __init__(self, stack: Stack) -> None:
        self.studio = studio = Studio(stack)
        run_id = studio.trigger(studio.project())
        run = studio.ended(run_id)
        if run["status"] != "completed":
            raise RuntimeError(f"the film to begin with ended as {run['status']}: {run['error']}")
        path, _, file = urlsplit(studio.image_url).path.rpartition("/")
        self.values = Values(
            token=studio.tenant.token,
            workspace_id=studio.tenant.workspace_id,
            project_id="",
            storyboard_id="",
            scene_id="",
            shot_id="",
            graph_storyboard_id="",
            image_url=studio.image_url,
            bucket=path.rpartition("/")[2],
            file=file,
            run_id=run_id,
            run_token=studio.run_token(run_id),
            batch_run_id="",
            wallet_request="",
        )

    def event(self, folder: str) -> Any:
        """Returns a function's example event, filled in. Raises KeyError for a placeholder that is
        not among `Values`.
        """
        node, values = example(folder), self.values
        made = {
            "project_id": self.studio.project,
            "storyboard_id": self.studio.storyboard,
            "scene_id": self.studio.scene,
            "shot_id": self.studio.shot,
            "graph_storyboard_id": self.studio.graph,
            "batch_run_id": self.studio.batch,
            "wallet_request": self.studio.wallet_request,
        }
        for name in names(node) & made.keys():
            values = replace(values, **{name: made[name]()})
        return fill(node, asdict(values))
