"""What users send, at which vendors it ends, and what they saw of the answers."""

import contextlib
import http.client
import io
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError
from PIL import Image

from local.stack import Stack
from tests.chaos.histories.record import Order, Sight
from tests.support.http import call

FUNCTIONS = "/functions/v1"
INTERIOR = f"{FUNCTIONS}/generate-interior-video-v2"
SFX = f"{FUNCTIONS}/elevenlabs-sfx"
FAL = f"{FUNCTIONS}/fal-stream"
GMI = f"{FUNCTIONS}/gmi-execute"
GROQ = f"{FUNCTIONS}/groq-chat"
TRIGGER = "/api/trigger-video"
GENERATE = f"{FUNCTIONS}/project-auto-generate"
GEN_SHOTS = f"{FUNCTIONS}/gen-shots"
EXECUTE = f"{FUNCTIONS}/compute-execute"
NO_WAIT = {"Prefer": "respond-async"}
PATIENCE_SECONDS = 12.0
"""How long a user watches; what has no end by then is looked at when all is settled."""
RETRIES = 8
PAUSE_SECONDS = 0.4
LONGEST_PAUSE_SECONDS = 2.0


def picture() -> bytes:
    """Returns a small picture with something to see in it; always the same one."""
    image = Image.radial_gradient("L").resize((640, 360)).convert("RGB")
    data = io.BytesIO()
    image.save(data, "JPEG")
    return data.getvalue()


PICTURE = picture()


class GaveUp(Exception):
    """A request was answered with errors of ours again and again, as faults may have it."""


Act = Callable[["User"], None]
Note = Callable[["User", Order, str, dict[str, Any]], None]
"""Notes an event of an order's stream."""


@dataclass
class User:
    """One user with a workspace; acts draw what they need from the history's own chance."""

    stack: Stack
    chance: random.Random
    mark: str
    """Words that no other history has in its prompts."""
    workspace_id: str
    token: str
    orders: list[Order] = field(default_factory=list)
    sights: dict[str, list[Sight]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    projects: list[str] = field(default_factory=list)
    spoil: Callable[[str, str], str] = lambda _, __: ""
    _image: str | None = None

    @property
    def bearer(self) -> dict[str, str]:
        """What every request carries."""
        return {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}

    def send(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """Sends one request. Status 0 is a connection that was lost."""
        url = f"{self.stack.base_url}{path}"
        return _sent(method, url, body, self.bearer | (headers or {}))

    def insist(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Any:
        """Sends a request until it is answered. Raises GaveUp."""
        for attempt in range(RETRIES):
            status, answer = self.send(method, path, body, headers)
            if 200 <= status < 300:
                return answer
            if 400 <= status < 500 and status not in {409, 429}:
                self.failures.append(f"{method} {path} answered {status}: {answer}")
                break
            _pause(attempt)
        raise GaveUp(path)

    def image(self) -> str:
        """Returns the URL of an uploaded picture."""
        if self._image is None:
            wish = {"fileName": "room.jpg", "contentType": "image/jpeg", "size": len(PICTURE)}
            body = {"workspaceId": self.workspace_id, **wish}
            made = self.insist("POST", "/api/uploads", body)
            target = made["upload"]
            for _ in range(RETRIES):
                if _sent("PUT", target["url"], PICTURE, target["headers"])[0] == 200:
                    break
                time.sleep(PAUSE_SECONDS)
            else:
                raise GaveUp("upload")
            self._image = str(made["url"])
        return self._image

    def order(
        self, kind: str, path: str, body: dict[str, Any], headers: dict[str, str], prompt: str
    ) -> Order:
        """Sends an order with a key: once, or again and again, or twice at once."""
        key = f"{self.mark} {len(self.orders)}"
        sent = headers | {"Idempotency-Key": key}
        made = Order(kind, key, prompt, path, body, sent)
        self.orders.append(made)
        times = self.chance.choice([1, 1, 1, 2, 3])
        with ThreadPoolExecutor(times) as pool:
            pools = [pool.submit(self._ordered, path, body, sent) for _ in range(times)]
            for answers in pools:
                made.answers += answers.result()
        return made

    def _ordered(
        self, path: str, body: dict[str, Any], headers: dict[str, str]
    ) -> list[tuple[int, Any]]:
        answers = []
        for attempt in range(RETRIES):
            answers.append(self.send("POST", path, body, headers))
            if 0 < answers[-1][0] < 500 and answers[-1][0] not in {409, 429}:
                break
            _pause(attempt)
        return answers

    def ask_again(self) -> None:
        """Sends once more what had an error of ours for an answer, since one key has one effect,
        and makes films anew that were canceled, since what is paid is reused.
        """
        for order in self.orders[:]:
            if any(not 200 <= status < 300 for status, _ in order.answers):
                order.answers.append(self.send("POST", order.path, order.body, order.headers))
            if order.kind == "film" and order.canceled:
                self.send("POST", TRIGGER, order.body | {"draft": False})

    def stop_execution(self, machine: str, name: str) -> None:
        """Stops an execution as only its owner could, if there is one."""
        arn = self.stack.template.lookup(f"{machine}StateMachine", "Arn")
        execution = f"{arn.replace(':stateMachine:', ':execution:')}:{name}"
        with contextlib.suppress(ClientError, BotoCoreError):
            self.stack.clients.stepfunctions.stop_execution(executionArn=execution)

    def saw(self, subject: str, status: str, progress: float) -> None:
        """Notes what this thread was told."""
        reader = f"{threading.get_ident()}"
        self.sights.setdefault(reader, []).append(Sight(subject, status, progress))

    def watch(self, path: str, subject: str, is_over: Callable[[Any], bool]) -> None:
        """Reads a job or run until it is over, or for as long as a user waits."""
        until, pause = time.monotonic() + PATIENCE_SECONDS, PAUSE_SECONDS
        while time.monotonic() < until:
            status, answer = self.send("GET", path)
            if status == 200 and isinstance(answer, dict):
                progress = answer.get("progress")
                if isinstance(progress, dict):
                    progress = progress["progress"]
                self.saw(subject, answer["status"], float(progress or 0))
                if is_over(answer):
                    return
            time.sleep(pause)
            pause = min(pause * 1.3, LONGEST_PAUSE_SECONDS)


def _sent(method: str, url: str, body: Any, headers: dict[str, str]) -> tuple[int, Any]:
    try:
        return call(method, url, body, headers)
    except (OSError, http.client.HTTPException, ValueError):
        return 0, None


def _pause(attempt: int) -> None:
    time.sleep(min(PAUSE_SECONDS * (attempt + 1), LONGEST_PAUSE_SECONDS))


def _over(answer: Any) -> bool:
    return answer["status"] in {"completed", "failed", "success"}


def _finished(answer: Any) -> bool:
    return bool(answer["finishedAt"])


def sound(user: User) -> None:
    """A sound effect."""
    prompt = f"Rain on a roof {user.mark} {len(user.orders)}"
    _perhaps_spoil(user, "elevenlabs", prompt)
    body = {"prompt": prompt, "duration": 1, "workspaceId": user.workspace_id}
    headers = user.chance.choice([{}, NO_WAIT])
    _followed(user, user.order("sound", SFX, body, headers, prompt), SFX)


def video(user: User) -> None:
    """A single video."""
    models = [("kling-v3.0", "kling"), ("wan2.1-i2v-720p", "replicate")]
    _video(user, *user.chance.choice(models))


def replicate_video(user: User) -> None:
    """A single video by Replicate, who finds a create that was not answered, or doesn't."""
    _video(user, "wan2.1-i2v-720p", "replicate")


def google_video(user: User) -> None:
    """A single video by Google, who can't be asked for a create."""
    _video(user, "veo-2", "google")


def _video(user: User, model: str, vendor: str) -> None:
    prompt = f"Slow pan to the right {user.mark} {len(user.orders)}"
    _perhaps_spoil(user, vendor, prompt)
    body = {
        "image_url": user.image(),
        "prompt": prompt,
        "model": model,
        "workspace_id": user.workspace_id,
    }
    headers = user.chance.choice([NO_WAIT, {"Prefer": "wait=2"}])
    _followed(user, user.order("video", INTERIOR, body, headers, prompt), INTERIOR)


def _followed(user: User, order: Order, path: str) -> None:
    """Watches what an order made, and perhaps stops it, or its execution, which has a successor."""
    for job_id in order.subjects:
        if user.chance.random() < 0.08:
            user.stop_execution("Generation", job_id)
        _perhaps_cancel(user, order, f"/api/jobs/{job_id}/cancel")
        user.watch(f"{path}?job_id={job_id}", job_id, _over)


def gmi(user: User) -> None:
    """A picture of GMI, whose create is answered when it is made."""
    _gmi(user, "gmi/seedream-5.0-lite", {})


def gmi_video(user: User) -> None:
    """A video of GMI, whose create is answered at once."""
    _gmi(user, "gmi/kling-v3-omni", {"duration": 5})


def _gmi(user: User, model: str, inputs: dict[str, Any]) -> None:
    prompt = f"A bright room {user.mark} {len(user.orders)}"
    _perhaps_spoil(user, "gmi", prompt)
    body = {
        "modelId": model,
        "action": "submit",
        "inputs": {"prompt": prompt, **inputs},
        "workspaceId": user.workspace_id,
    }
    order = user.order("gmi", GMI, body, {}, prompt)
    for job_id in order.subjects:
        _perhaps_cancel(user, order, f"/api/jobs/{job_id}/cancel")
        user.watch(f"{GMI}?requestId={job_id}", job_id, _over)


def streamed_text(user: User) -> None:
    """A text as a stream."""
    _text(user, streams=True)


def text(user: User) -> None:
    """A text, whole or as a stream."""
    _text(user, streams=user.chance.random() < 0.5)


def _text(user: User, *, streams: bool) -> None:
    prompt = f"Name a colour {user.mark} {len(user.orders)}"
    _perhaps_spoil(user, "groq", prompt)
    body = {
        "model": "openai/gpt-oss-20b",
        "prompt": prompt,
        "maxTokens": 60,
        "stream": streams,
        "workspaceId": user.workspace_id,
    }
    user.order("text", GROQ, body, {}, prompt)


def fal(user: User) -> None:
    """A picture of fal, told as a stream, which its reader perhaps leaves and comes back to."""
    number = len(user.orders)
    prompt = f"A quiet room {user.mark} {number}"
    _perhaps_spoil(user, "fal", prompt)
    body = {
        "modelId": "fal-ai/flux/schnell",
        "inputs": {"prompt": prompt, "image_size": "square"},
        "request_id": f"{user.mark} {number}",
        "workspace_id": user.workspace_id,
    }
    order = Order("fal", body["request_id"], prompt, FAL, body)
    user.orders.append(order)
    for attempt in range(RETRIES):
        leaves = user.chance.random() < 0.3
        status, events = _streamed(user, body, 2 if leaves else 1000)
        if 400 <= status < 500 and status not in {409, 429}:
            user.failures.append(f"fal-stream answered {status}")
            break
        for event in events:
            _note_event(user, order, event)
        if events and events[-1]["type"] in {"done", "error"}:
            break
        _pause(attempt)


def _note_event(user: User, order: Order, event: dict[str, Any]) -> None:
    job_id = event.get("job_id")
    if event["type"] == "meta":
        order.answers.append((200, event))
    elif event["type"] == "progress" and order.subjects:
        step = event["event"]
        user.saw(f"stream of {order.key}", step["status"], step["progress"] or 0.0)
    elif event["type"] == "done" and job_id:
        user.saw(job_id, "completed", 1.0)


def _streamed(user: User, body: dict[str, Any], most: int) -> tuple[int, list[dict[str, Any]]]:
    """Returns the status and the first events of a stream; its reader then leaves."""
    status, events = 0, list[dict[str, Any]]()
    parts = urlsplit(user.stack.base_url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
        connection.request("POST", parts.path + FAL, json.dumps(body), user.bearer)
        answer = connection.getresponse()
        status = answer.status
        while status == 200 and len(events) < most and (line := answer.readline()):
            if line.startswith(b"data: "):
                events.append(json.loads(line[6:]))
    connection.close()
    return status, events


def film(user: User) -> None:
    """A film of two clips: perhaps a draft first, perhaps canceled, a clip tried again."""
    project = _project(user)
    spoiled = [
        user.spoil("kling", clip["motionPrompt"])
        for clip in project["clips"]
        if user.chance.random() < 0.25
    ]
    wish = {"videoProjectId": project["id"], "draft": user.chance.random() < DRAFTS}
    is_hung = user.chance.random() < 0.1 and _hung(user, project)
    is_doomed = is_hung or "hang" in spoiled  # a vendor that never ends brings it to its limit
    _triggered(user, wish, is_doomed=is_doomed)
    if user.chance.random() < 0.4:
        clip = user.chance.choice(project["clips"])["id"]
        path = f"/api/video-projects/{project['id']}/clips/{clip}/retry"
        order = user.order("retry", path, {}, {}, "")
        order.is_doomed = is_doomed
        _run_followed(user, order)
    elif user.chance.random() < 0.5:
        _triggered(user, wish | {"draft": False}, is_doomed=is_doomed)


def whole_film(user: User) -> None:
    """A film with a generated transition, of a project of the user's if there is one."""
    project = {"id": user.projects[0]} if user.projects else new_project(user)
    order = user.order("film", TRIGGER, {"videoProjectId": project["id"]}, {}, "")
    for run_id in order.subjects:
        user.watch(f"/api/runs/{run_id}", run_id, _finished)


def film_again(user: User) -> None:
    """A film, and the same one again, of which all pieces are paid."""
    project = _project(user)
    for _ in range(2):
        run_id = user.insist("POST", TRIGGER, {"videoProjectId": project["id"]})["runId"]
        user.watch(f"/api/runs/{run_id}", run_id, _finished)


def new_project(user: User) -> Any:
    """A project of two clips with a generated transition."""
    return _project(user, "seamless")


def canceled_film(user: User) -> None:
    """A film that is canceled at once."""
    wish = {"videoProjectId": _project(user)["id"]}
    run_id = user.insist("POST", TRIGGER, wish)["runId"]
    user.insist("POST", f"/api/runs/{run_id}/cancel", {})


def short_film(user: User) -> None:
    """A film whose vendor refuses one of its clips."""
    project = _project(user)
    refused = {"prompt_contains": project["clips"][1]["motionPrompt"]}
    order = {"provider": "kling", "operation": "submit", "fault": "content_policy"}
    call("POST", f"{user.stack.providers_url}/_sim/faults", order | {"match": refused})
    run_id = user.insist("POST", TRIGGER, {"videoProjectId": project["id"]})["runId"]
    user.watch(f"/api/runs/{run_id}", run_id, _finished)


def _project(user: User, transition: str | None = None) -> Any:
    rooms = [
        {
            "sourceImageUrl": user.image(),
            "motionPrompt": f"Slow pan to the right, view {user.mark} {number}",
            "transitionType": transition
            or user.chance.choice(["cut", "cut", "seamless", "crossfade"]),
        }
        for number in range(2)
    ]
    body = {"name": "Home", "workspaceId": user.workspace_id, "resolution": "720p", "clips": rooms}
    project = user.insist("POST", "/api/video-projects", body)
    user.projects.append(project["id"])
    return project


DRAFTS = 0.1
"""How many films are drafts first; their clips are rendered here, which takes the most CPU."""


def _triggered(user: User, wish: dict[str, Any], *, is_doomed: bool = False) -> None:
    order = user.order("film", TRIGGER, wish, {}, "")
    order.is_doomed = is_doomed
    _run_followed(user, order)


def _hung(user: User, project: Any) -> bool:
    """Has the vendor never end one clip, so that the film comes to its limit: this one or, if it is
    canceled before, the next.
    """
    fault = {"provider": "kling", "operation": "poll", "fault": "hang"}
    match = {"prompt_contains": project["clips"][-1]["motionPrompt"]}
    call("POST", f"{user.stack.providers_url}/_sim/faults", fault | {"match": match})
    return True


def _run_followed(user: User, order: Order) -> None:
    """Watches a run, and perhaps cancels it, or stops its execution from outside."""
    for run_id in order.subjects:
        draw = user.chance.random()
        if draw < 0.5:
            time.sleep(user.chance.uniform(0.0, 4.0))
        if draw < 0.35:
            user.send("POST", f"/api/runs/{run_id}/cancel", {})
            order.canceled = True
        elif draw < 0.5:
            order.is_doomed = True
            user.stop_execution("VideoPipeline", run_id)
        user.watch(f"/api/runs/{run_id}", run_id, _finished)


def pictures(user: User) -> None:
    """All pictures of a storyboard: perhaps canceled, perhaps asked for once more."""
    project = _storyboard(user)
    wish = {"project_id": project, "phase": "images"}
    for _ in range(1 + (user.chance.random() < 0.6)):
        _run_followed(user, user.order("batch", GENERATE, wish, {}, ""))


def all_pictures(user: User) -> None:
    """All pictures of a storyboard, to their end."""
    wish = {"project_id": _storyboard(user), "phase": "images"}
    for run_id in user.order("batch", GENERATE, wish, {}, "").subjects:
        user.watch(f"/api/runs/{run_id}", run_id, _finished)


def _storyboard(user: User, shots: int = 3) -> str:
    """Returns a project with one scene and so many shots, some of which a vendor spoils."""

    def made(path: str, body: dict[str, Any]) -> str:
        key = {"Idempotency-Key": f"{user.mark} {path} {len(user.orders)} {body}"[:255]}
        return str(user.insist("POST", path, body, key)["id"])

    project = made("/api/projects", {"workspaceId": user.workspace_id, "title": user.mark})
    scene = made(f"/api/projects/{project}/scenes", {"title": "A house"})
    for number in range(shots):
        prompt = f"A window {user.mark} {project[:8]} {number}"
        _perhaps_spoil(user, "fal", prompt)
        made(f"/api/scenes/{scene}/shots", {"visual_prompt": prompt})
    return project


def shots(user: User) -> None:
    """Shots of a scene, whose reader perhaps leaves and comes back, or cancels."""
    order = _scene(user)
    _perhaps_spoil(user, "groq", order.prompt)
    _followed_to_its_end(user, order, _note_shot)


def _followed_to_its_end(user: User, order: Order, note: Note) -> None:
    """Reads the stream of a run, whose reader perhaps leaves and comes back."""
    told = 0
    for attempt in range(RETRIES):
        leaves = user.chance.random() < 0.3
        headers = {"Last-Event-ID": str(told)} if told else {}
        most = user.chance.randint(1, 6) if leaves else 1000
        status, events = _stream_events(user, order, headers, most)
        if 400 <= status < 500 and status not in {409, 429}:
            user.failures.append(f"{order.path} answered {status}")
            break
        for number, name, data in events:
            told = number
            note(user, order, name, data)
        if events and events[-1][1] in {"done", "complete", "error"}:
            break
        _pause(attempt)


def _scene(user: User) -> Order:
    """Returns the order of the shots of a new scene."""
    number = len(user.orders)
    title = f"A pier {user.mark} {number}"

    def made(path: str, body: dict[str, Any]) -> str:
        key = {"Idempotency-Key": f"{user.mark} {path} {number}"[:255]}
        return str(user.insist("POST", path, body, key)["id"])

    project = made("/api/projects", {"workspaceId": user.workspace_id, "title": "The ferry"})
    scene = made(f"/api/projects/{project}/scenes", {"title": title})
    body = {"projectId": project, "sceneId": scene, "requestId": f"{user.mark} {number}"}
    order = Order("shots", body["requestId"], title, GEN_SHOTS, body | {"shotCount": 3})
    user.orders.append(order)
    return order


def _note_shot(user: User, order: Order, name: str, data: dict[str, Any]) -> None:
    if name == "meta":
        order.answers.append((200, data))
        _perhaps_cancel(user, order, f"/api/runs/{data['runId']}/cancel")
    elif name == "shot":
        user.saw(f"shot {data['id']}", data["status"], 0.0)


def _stream_events(
    user: User, order: Order, headers: dict[str, str], most: int
) -> tuple[int, list[tuple[int, str, dict[str, Any]]]]:
    """Returns the status and the first events of a stream: number, name and data."""
    events, fields = list[tuple[int, str, dict[str, Any]]](), dict[str, str]()
    status = 0
    for line in _lines(user, order.path, order.body, headers):
        if isinstance(line, int):
            status = line
            continue
        name, _, value = line.partition(": ")
        fields |= {name: value} if line else {}
        if not line and {"id", "event", "data"} <= fields.keys():
            events.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
            fields = {}
            if len(events) >= most:
                break
    return status, events


def _lines(user: User, path: str, body: Any, headers: dict[str, str]) -> Iterator[int | str]:
    """Yields the status and the lines of a stream, as far as they come."""
    parts = urlsplit(user.stack.base_url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    faults = (OSError, http.client.HTTPException, ValueError)
    with contextlib.closing(connection), contextlib.suppress(*faults):
        sent = user.bearer | headers
        connection.request("POST", parts.path + path, json.dumps(body), sent)
        answer = connection.getresponse()
        yield answer.status
        while answer.status == 200 and (line := answer.readline()):
            yield line.decode().rstrip("\n")


def written_shots(user: User) -> None:
    """Shots of a scene, to their end."""
    order = _scene(user)
    _, events = _stream_events(user, order, {}, 1000)
    for _, name, data in events:
        _note_shot(user, order, name, data)


def graph(user: User) -> None:
    """A graph's run, whose reader perhaps leaves, comes back or cancels; and most often another
    one, which finds what the first has made.
    """
    project = _graph(user)
    for _ in range(1 + (user.chance.random() < 0.7)):
        _followed_to_its_end(user, _execution(user, project), _note_node)


def graph_again(user: User) -> None:
    """A graph's run to its end, and the same one again, of which all nodes are paid."""
    project = _graph(user)
    for _ in range(2):
        order = _execution(user, project)
        for _, name, data in _stream_events(user, order, {}, 1000)[1]:
            _note_node(user, order, name, data)


def _graph(user: User) -> str:
    """Returns a project whose graph draws a picture, changes it, and makes a small one of it."""
    number = len(user.orders)
    key = {"Idempotency-Key": f"{user.mark} graph {number}"}
    body = {"workspaceId": user.workspace_id, "title": "Harbour"}
    project = str(user.insist("POST", "/api/projects", body, key)["id"])
    words = f"{user.mark} {project[:8]}"
    night, small = f"At night {words}", {"operation": "resize", "width": 64}
    nodes = [
        {"id": "idea", "kind": "Prompt", "params": {"prompt": f"A quiet harbour {words}"}},
        {"id": "draft", "kind": "Image", "params": {"model": "fal-ai/flux/schnell"}},
        {"id": "final", "kind": "ImageEdit", "params": {"model": EDIT, "prompt": night}},
        {"id": "small", "kind": "Transform", "params": small},
        {"id": "out", "kind": "Output"},
    ]
    ends = [("idea", "draft", "prompt"), ("draft", "final", "image"), ("final", "small", "media")]
    edges = [
        {"id": source, "source_node_id": source, "target_node_id": to, "target_handle": handle}
        for source, to, handle in (*ends, ("small", "out", "media"))
    ]
    for prompt in (f"A quiet harbour {words}", night):
        _perhaps_spoil(user, "fal", prompt)
    drawn = {"revision": 0, "nodes": nodes, "edges": edges}
    user.insist("PUT", f"/api/projects/{project}/graph", drawn)
    return project


EDIT = "fal-ai/nano-banana-2/edit"


def _execution(user: User, project: str) -> Order:
    key = f"{user.mark} {len(user.orders)}"
    order = Order("graph", key, "", EXECUTE, {"projectId": project, "requestId": key})
    user.orders.append(order)
    return order


def _note_node(user: User, order: Order, name: str, data: dict[str, Any]) -> None:
    if name == "meta":
        order.answers.append((200, data))
        if user.chance.random() < 0.25:
            _cancel_soon(user, order, f"/api/compute-runs/{data['run_id']}/cancel")
    elif name == "node_status":
        user.saw(f"{data['node_id']} of {order.key}", data["status"], 0.0)
    elif name == "node_progress":
        user.saw(f"{data['node_id']} of {order.key}", "running", data["progress"])


def read(user: User) -> None:
    """Everything that a user may look at."""
    workspace = f"workspaceId={user.workspace_id}"
    status, account = user.send("GET", f"/api/credits?{workspace}")
    if status == 200:
        held = sum(hold["amount"] for hold in account["holds"])
        if account["available"] != account["balance"] - account["held"]:
            user.failures.append(f"GET /api/credits doesn't add up: {account}")
        if held != account["held"]:
            user.failures.append(f"GET /api/credits is torn: {held} of {account['held']}")
    for path in ("/api/credits/ledger", "/api/jobs", "/api/video-projects"):
        user.send("GET", f"{path}?{workspace}")


def _perhaps_spoil(user: User, vendor: str, prompt: str) -> None:
    if user.chance.random() < 0.4:
        user.spoil(vendor, prompt)


def _perhaps_cancel(user: User, order: Order, path: str) -> None:
    if user.chance.random() < 0.15:
        _cancel_soon(user, order, path)


def _cancel_soon(user: User, order: Order, path: str) -> None:
    time.sleep(user.chance.uniform(0.0, 1.5))
    user.send("POST", path, {})
    order.canceled = True


ACTS: dict[Act, int] = {text: 4, sound: 4, fal: 4, gmi: 3, video: 3, read: 3}
"""What users do, and how often; films, which take most, are few and apart."""
FILM_EVERY, BATCH_EVERY, SHOTS_EVERY, GRAPH_EVERY = 7, 6, 3, 4
"""Each history of so many has a film, a storyboard's pictures, a scene's shots, or a graph."""
