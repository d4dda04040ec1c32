"""Somebody who has one of everything, made through the API, and requests that name it all."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Template
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends

from showreel.core.ids import new_id
from tests.support.cloud import REGION
from tests.support.document import CALLER, Operation, events_of, operation_of
from tests.unit.films.support import upload

CREDITS = 10_000
Send = Callable[..., dict[str, Any]]
Tries = tuple[dict[str, Any], ...]
"""Requests of an operation: `body` and `query`, with `$names` of belongings."""
PATH_IDS = {
    "/api/video-projects": {"project_id": "film_id"},
    "/api/projects": {"project_id": "storyboard_id"},
    "/api/runs": {"run_id": "film_run_id"},
    "/api/compute-runs": {"run_id": "graph_run_id"},
    "/api/invitations/{invitation_id}/decline": {"invitation_id": "unwanted_invitation_id"},
    "/api/workspaces/{workspace_id}/members": {"user_id": "member_id"},
    "/api/workspaces/{workspace_id}/invitations": {"user_id": "guest_id"},
}
"""What a parameter of a path stands for, where it isn't called as the thing is."""


def asked(**query: str) -> Tries:
    return ({"query": query},)


def sent(*bodies: dict[str, Any]) -> Tries:
    return tuple({"body": body} for body in bodies)


PICTURES = ("image_url", "end_image_url", "before_image_url", "endImageUrl", "logoUrl")
NOBODYS: Tries = ()
"""It names nothing that is anybody's."""
PROMPT = {"prompt": "Rain on a tin roof"}
VIDEO = {**PROMPT, "image_url": "$picture_url", "workspace_id": "$workspace_id"}
WEBHOOK = {"url": "https://hooks.example.com/showreel", "events": ["run.completed"]}
NODE = {"id": "a", "kind": "Prompt", "params": {"text": "A bright room"}}
TRIES: Mapping[str, Tries] = {
    "GET /api/credits": asked(workspaceId="$workspace_id"),
    "GET /api/credits/ledger": asked(workspaceId="$workspace_id"),
    "POST /api/credits/grants": NOBODYS,  # a service may name any workspace
    "GET /api/jobs": asked(workspaceId="$workspace_id"),
    "PATCH /api/me": sent({"defaultWorkspaceId": "$workspace_id"}),
    "GET /api/music-tracks": asked(workspaceId="$workspace_id"),
    "POST /api/music-tracks": sent(
        {"workspaceId": "$workspace_id", "name": "Song", "url": "$picture_url"}
    ),
    "POST /api/uploads": sent(
        {
            "workspaceId": "$workspace_id",
            "fileName": "a.jpg",
            "contentType": "image/jpeg",
            "size": 9,
        }
    ),
    "POST /api/workspaces": NOBODYS,
    "PUT /api/workspaces/{workspace_id}/members": sent({"userId": "$member_id", "role": "owner"}),
    "POST /api/workspaces/{workspace_id}/invitations": sent({"userId": "carol"}),
    "POST /api/workspaces/{workspace_id}/webhooks": sent(WEBHOOK),
    "PATCH /api/workspaces/{workspace_id}/webhooks/{webhook_id}": sent({"description": "CRM"}),
    "GET /api/video-projects": asked(workspaceId="$workspace_id"),
    "POST /api/video-projects": sent({"name": "Home", "workspaceId": "$workspace_id"}),
    "PATCH /api/video-projects/{project_id}": sent({"name": "Villa"}),
    "POST /api/video-projects/{project_id}/clips": sent({"sourceImageUrl": "$picture_url"}),
    "PUT /api/video-projects/{project_id}/clips/order": sent({"clipIds": ["$clip_id"]}),
    "PATCH /api/video-projects/{project_id}/clips/{clip_id}": sent({"roomLabel": "Loft"}),
    "POST /api/trigger-video": sent({"videoProjectId": "$film_id"}),
    "GET /api/projects": asked(workspaceId="$workspace_id"),
    "POST /api/projects": sent({"title": "Heist", "workspaceId": "$workspace_id"}),
    "PATCH /api/projects/{project_id}": sent({"title": "Escape"}),
    "POST /api/projects/{project_id}/scenes": sent({"title": "Roof"}),
    "PUT /api/projects/{project_id}/scenes/order": sent({"scene_ids": ["$scene_id"]}),
    "PATCH /api/scenes/{scene_id}": sent({"title": "Cellar"}),
    "POST /api/scenes/{scene_id}/shots": sent({"prompt_idea": "A door"}),
    "PUT /api/scenes/{scene_id}/shots/order": sent({"shot_ids": ["$shot_id"]}),
    "PATCH /api/shots/{shot_id}": sent({"dialogue": "Run!"}),
    "POST /api/shots/{shot_id}/generations": sent({"kind": "image"}),
    "PUT /api/projects/{project_id}/graph": sent({"revision": 1, "nodes": [NODE], "edges": []}),
    "POST /api/projects/{project_id}/graph/estimate": sent({}),
    "PATCH /api/projects/{project_id}/timeline": sent({"revision": 1, "texts": []}),
    "GET /api/projects/{project_id}/timeline/otio": ({},),
    "PUT /api/projects/{project_id}/timeline/otio": sent({"OTIO_SCHEMA": "Timeline.1"}),
    "POST /functions/v1/compute-execute": sent({"projectId": "$storyboard_id"}),
    "POST /functions/v1/gen-shots": sent(
        {"projectId": "$storyboard_id"},
        {"projectId": "$storyboard_id", "sceneId": "$scene_id"},
    ),
    "GET /functions/v1/project-auto-generate": asked(run_id="$batch_run_id"),
    "POST /functions/v1/project-auto-generate": sent(
        {"project_id": "$storyboard_id", "phase": "images"}
    ),
    "GET /functions/v1/project-auto-generate/stream": asked(run_id="$batch_run_id"),
    "POST /functions/v1/director-cut": sent(
        {"action": "sync", "projectId": "$storyboard_id"},
        {"action": "create", "projectId": "$storyboard_id"},
        {"action": "retry", "projectId": "$storyboard_id"},
        {"action": "status", "jobId": "$cut_run_id"},
    ),
    "POST /functions/v1/generate-interior-video-v2": sent({**VIDEO, "video_type": "walkthrough"}),
    "GET /functions/v1/generate-interior-video-v2": asked(job_id="$video_job_id"),
    "POST /functions/v1/generate-social-video": sent(VIDEO),
    "GET /functions/v1/generate-social-video": asked(job_id="$video_job_id"),
    "POST /functions/v1/elevenlabs-tts": sent({"text": "Rain", "workspaceId": "$workspace_id"}),
    "GET /functions/v1/elevenlabs-tts": asked(job_id="$sound_job_id"),
    "POST /functions/v1/elevenlabs-sfx": sent({**PROMPT, "workspaceId": "$workspace_id"}),
    "GET /functions/v1/elevenlabs-sfx": asked(job_id="$sound_job_id"),
    "POST /functions/v1/elevenlabs-music": sent({**PROMPT, "workspaceId": "$workspace_id"}),
    "GET /functions/v1/elevenlabs-music": asked(job_id="$sound_job_id"),
    "POST /functions/v1/gmi-execute": sent(
        {"modelId": "gmi/kling-v3-omni", "inputs": PROMPT, "workspaceId": "$workspace_id"},
        {"action": "poll", "requestId": "$gmi_job_id"},
    ),
    "GET /functions/v1/gmi-execute": asked(requestId="$gmi_job_id"),
    "POST /functions/v1/fal-stream": sent(
        {
            "modelId": "fal-ai/flux/schnell",
            "inputs": PROMPT,
            "workspace_id": "$workspace_id",
        }
    ),
    "POST /functions/v1/gemini-text-generation": sent(
        {**PROMPT, "model": "google/gemini-2.5-flash", "workspaceId": "$workspace_id"}
    ),
    "POST /functions/v1/groq-chat": sent({**PROMPT, "workspaceId": "$workspace_id"}),
    "GET /functions/v1/model-catalog": NOBODYS,
    "POST /functions/v1/wallet-auth": NOBODYS,  # what it takes is what it proves
    "GET /realtime/v1/runs/{run_id}": NOBODYS,  # a run's own token alone opens it
    "GET /api/v3/runs/{run_id}": NOBODYS,
    "GET /storage/v1/object/public/{bucket}/{file}": NOBODYS,  # the name is the secret
    "HEAD /storage/v1/object/public/{bucket}/{file}": NOBODYS,
    "POST /webhooks/{provider}": NOBODYS,  # vendors' words are about their own tasks
}
"""Every operation with a body or a parameter; those whose path names it all need no entry."""


def tries_of(operation: Operation) -> Tries:
    """Requests that name belongings wherever the operation takes one. Raises KeyError for an
    operation of which nobody has said what it takes.
    """
    ids = set(operation.queries) - {"limit", "cursor", "user_id", "medium"}
    needs_none = operation.body is None and not ids
    if needs_none and str(operation) not in TRIES:
        return ({},) if operation.names else NOBODYS
    return TRIES[str(operation)]


@dataclass(frozen=True)
class Belongings:
    """What a user has, by what it is: ids and URLs."""

    user_id: str
    ids: Mapping[str, str]

    def request(self, operation: Operation, one: Mapping[str, Any]) -> dict[str, Any]:
        """A try of the operation that names these."""
        filled = json.loads(Template(json.dumps(dict(one))).substitute(self.ids))
        return {"path": operation.filled(self.named(operation)), **filled}

    def named(self, operation: Operation) -> Mapping[str, str]:
        """Ids by the names that the operation has for them, in its path, query and body."""
        starts = [start for start in PATH_IDS if operation.path.startswith(start)]
        own = PATH_IDS[max(starts, key=len)] if starts else {}
        told = json.dumps(tries_of(operation) if str(operation) in TRIES else {})
        found = re.findall(r'"(\w+)": \[?"\$(\w+)"', told)
        named = {name: self.ids[of] for name, of in [*own.items(), *found]}
        pictures = dict.fromkeys(PICTURES, self.ids["picture_url"])
        return {**self.ids, **pictures, **named, CALLER: self.user_id}

    def missing(self) -> "Belongings":
        """Things that nobody has, named alike."""
        return Belongings(self.user_id, {name: altered(of) for name, of in self.ids.items()})


def altered(name: str) -> str:
    """A name of the same form that stands for nothing: the digits of its last twelve turned."""
    stem, dot, kind = name.rpartition(".") if "/storage/" in name else (name, "", "")
    end = stem[-12:].translate(str.maketrans("0123456789abcdef", "fedcba9876543210"))
    return f"{stem[:-12]}{end}{dot}{kind}"


def own_picture(workspace_id: str) -> str:
    """A picture in this process's bucket."""
    return upload(workspace_id=workspace_id).replace("/v1/", "/prod/", 1)


SERVICE = "the service"
"""Who `send` sends the service token for."""


def settled(user_id: str, send: Send, picture: Callable[[str], str] = own_picture) -> Belongings:
    """Moves a user in. `send` calls an operation as a user; `picture` gives the URL of an uploaded
    picture of a workspace.
    """
    owner = Owner(user_id, send, picture)
    return Belongings(user_id, owner.ids)


class Owner:
    """Makes one of everything, as far as it can be without vendors."""

    def __init__(self, user_id: str, send: Send, picture: Callable[[str], str]) -> None:
        self.user_id, self._send, self._picture = user_id, send, picture
        self.ids = {"member_id": f"friend-of-{user_id}", "guest_id": f"guest-of-{user_id}"}
        self._workspace()
        self._film()
        self._storyboard()
        self._jobs()

    def _do(self, method: str, path: str, body: Any = None, user: str = "", **more: Any) -> Any:
        operation = operation_of(method, path)
        assert operation is not None, path
        more |= {} if body is None else {"body": body}
        answer = self._send(operation, path=path, user=user or self.user_id, **more)
        assert answer["statusCode"] < 300, answer["body"]
        return answer["json"] or answer["body"]

    def _workspace(self) -> None:
        made, host = self._do("POST", "/api/workspaces", {"name": "Studio"})["id"], "host"
        given = {"workspaceId": made, "amount": CREDITS, "grantId": new_id()}
        self._do("POST", "/api/credits/grants", given, user=SERVICE)
        self.ids |= {"workspace_id": made, "picture_url": self._picture(made)}
        friend = {"userId": self.ids["member_id"], "role": "member", "user_id": self.user_id}
        self._do("PUT", f"/api/workspaces/{made}/members", friend, user=SERVICE)
        hook = self._do("POST", f"/api/workspaces/{made}/webhooks", WEBHOOK)
        self.ids["webhook_id"] = hook["id"]
        guest = {"userId": self.ids["guest_id"]}
        self._do("POST", f"/api/workspaces/{made}/invitations", guest)
        for name in ("invitation_id", "unwanted_invitation_id"):
            other = self._do("POST", "/api/workspaces", {"name": "Other"}, user=host)["id"]
            path = f"/api/workspaces/{other}/invitations"
            self.ids[name] = self._do("POST", path, {"userId": self.user_id}, user=host)["id"]

    def _film(self) -> None:
        wish = {"name": "Home", "workspaceId": self.ids["workspace_id"]}
        film = self._do("POST", "/api/video-projects", wish)
        clip = {"sourceImageUrl": self.ids["picture_url"]}
        made = self._do("POST", f"/api/video-projects/{film['id']}/clips", clip)
        run = self._do("POST", "/api/trigger-video", {"videoProjectId": film["id"], "draft": True})
        self.ids |= {"film_id": film["id"], "clip_id": made["id"], "film_run_id": run["runId"]}

    def _storyboard(self) -> None:
        wish = {"title": "Heist", "workspaceId": self.ids["workspace_id"]}
        board = self._do("POST", "/api/projects", wish)["id"]
        scene = self._do("POST", f"/api/projects/{board}/scenes", {"title": "Roof"})["id"]
        shot = {"visual_prompt": "A door", "image_url": self.ids["picture_url"]}
        shots = f"/api/scenes/{scene}/shots"
        shown = self._do("POST", shots, shot)["id"]
        self._do("POST", shots, {"visual_prompt": "A window"})
        version = self._do("GET", f"/api/shots/{shown}/versions")["items"][0]["id"]
        named = {"storyboard_id": board, "scene_id": scene, "shot_id": shown, "version_id": version}
        self.ids |= named
        graph = {"revision": 0, "nodes": [NODE], "edges": []}
        self._do("PUT", f"/api/projects/{board}/graph", graph)
        self._runs(board)

    def _runs(self, board: str) -> None:
        cut = {"action": "create", "projectId": board, "allowPartial": True}
        self._do("POST", "/functions/v1/director-cut", {**cut, "action": "sync"})
        made = self._do("POST", "/functions/v1/director-cut", cut)
        self.ids["cut_run_id"] = made["jobId"]
        batch = {"project_id": board, "phase": "images"}
        queued = self._do("POST", "/functions/v1/project-auto-generate", batch)
        self.ids["batch_run_id"] = queued["run_id"]
        told = self._do("POST", "/functions/v1/compute-execute", {"projectId": board})
        _, meta = next(events_of(told.decode() if isinstance(told, bytes) else told))
        self.ids["graph_run_id"] = meta["run_id"]

    def _jobs(self) -> None:
        own, video = (
            {"workspaceId": self.ids["workspace_id"]},
            "/functions/v1/generate-social-video",
        )
        wish = {**PROMPT, "image_url": self.ids["picture_url"]}
        for name in ("job_id", "video_job_id"):
            made = self._do("POST", video, {**wish, "workspace_id": self.ids["workspace_id"]})
            self.ids[name] = made["job_id"]
        soon = {"Prefer": "wait=0"}
        made = self._do("POST", "/functions/v1/elevenlabs-sfx", {**PROMPT, **own}, headers=soon)
        self.ids["sound_job_id"] = made["job_id"]
        order = {"modelId": "gmi/kling-v3-omni", "inputs": PROMPT, **own}
        self.ids["gmi_job_id"] = self._do("POST", "/functions/v1/gmi-execute", order)["requestId"]


def _tables() -> Mapping[str, Any]:
    tables: Mapping[str, Any] = dynamodb_backends[ACCOUNT][REGION].tables
    return tables


def stored() -> list[str]:
    """Everything that is stored: rows of all tables, and objects."""
    rows = [
        f"{name} {json.dumps(row.to_json(), sort_keys=True)}"
        for name, table in _tables().items()
        for row in table.all_items()
    ]
    buckets = s3_backends[ACCOUNT]["aws"].buckets.values()
    return sorted(rows) + sorted(key for bucket in buckets for key in bucket.keys)
