"""Webhooks through the stack: every end arrives, whoever dies, however long a receiver is out."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from local import clock
from local.stack import Stack
from tests.support.http import eventually
from tests.support.webhooks import verified

from .users import Client, break_call, newcomer

pytestmark = pytest.mark.stack
GENERATE = "/functions/v1/project-auto-generate"
EVENTS = ["run.completed", "run.failed", "job.completed", "job.failed"]
HOUR = 3600


@pytest.fixture
def ann(stack: Stack) -> Iterator[Client]:
    httpx.delete(f"{stack.aws_endpoint}/_local/faults").raise_for_status()
    yield from newcomer(stack, Client)


class Receiver:
    """A customer's server: what it was sent, and what it has taken."""

    def __init__(self) -> None:
        self.is_up = True
        self.tried: list[dict[str, str]] = []
        self.taken: list[tuple[float, dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): of for name, of in self.headers.items()}
                receiver.tried.append(headers)
                if receiver.is_up:
                    receiver.taken.append((clock.time(), headers, body))
                self.send_response(204 if receiver.is_up else 503)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def bodies(self, secret: str) -> list[Any]:
        """What it took, each verified at the time of its arrival."""
        return [verified(secret, headers, body, at) for at, headers, body in self.taken]

    def events(self, secret: str) -> list[Any]:
        """The events among it: one may come again, with its id."""
        ids = [headers["webhook-id"] for _, headers, _ in self.taken]
        bodies = enumerate(self.bodies(secret))
        return [body for number, body in bodies if ids.index(ids[number]) == number]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


class Subscriber:
    """A workspace whose events a receiver gets, and storyboards that are made for it."""

    def __init__(self, ann: Client, receiver: Receiver) -> None:
        self.ann = ann
        self.path = f"/api/workspaces/{ann.workspace_id}/webhooks"
        made = ann.json("POST", self.path, {"url": receiver.url, "events": EVENTS})
        self.id, self.secret = made["id"], made["secret"]

    def run(self, shots: int) -> str:
        """A storyboard's pictures; returns the id of the run."""
        wish = {"workspaceId": self.ann.workspace_id, "title": "Heist"}
        project = self.ann.json("POST", "/api/projects", wish)["id"]
        scene = self.ann.json("POST", f"/api/projects/{project}/scenes", {"location": "Roof"})["id"]
        for number in range(shots):
            shot = {"visual_prompt": f"View {project} no{number}x", "duration_ms": 1000}
            self.ann.json("POST", f"/api/scenes/{scene}/shots", shot)
        body = {"project_id": project, "phase": "images"}
        return str(self.ann.json("POST", GENERATE, body)["run_id"])

    def ended(self, run_id: str) -> Any:
        def look() -> Any:
            run = self.ann.json("GET", f"/api/runs/{run_id}")
            return run if run["finishedAt"] else None

        return eventually(look)

    def deliveries(self) -> list[Any]:
        return list(self.ann.json("GET", f"{self.path}/{self.id}/deliveries?limit=100")["items"])

    def all_are(self, status: str, count: int) -> Any:
        found = self.deliveries()
        return len(found) == count and all(one["status"] == status for one in found)


def test_a_receiver_that_is_down_for_two_hours_gets_every_event_of_a_run_before_its_end(
    ann: Client, stack: Stack, receiver: Receiver
) -> None:
    subscriber = Subscriber(ann, receiver)
    receiver.is_up = False
    runs = {run_id: subscriber.ended(run_id) for run_id in (subscriber.run(2), subscriber.run(1))}
    eventually(lambda: subscriber.all_are("pending", 5) and len(receiver.tried) >= 2)
    for _ in range(8):
        stack.move_clock(HOUR / 4)
        eventually(lambda: not stack.functions.is_busy())
    assert not receiver.taken
    receiver.is_up = True
    for _ in range(10):
        stack.move_clock(HOUR / 4)
        eventually(lambda: not stack.functions.is_busy())
    eventually(lambda: subscriber.all_are("delivered", 5))
    came: dict[str, list[Any]] = {run_id: [] for run_id in runs}
    for body in receiver.events(subscriber.secret):
        came[body["data"].get("runId") or body["data"]["id"]].append(body)
    for run_id, shots in zip(runs, (2, 1), strict=True):
        *jobs, last = came[run_id]
        assert [one["type"] for one in jobs] == ["job.completed"] * shots
        assert (last["type"], last["data"]) == ("run.completed", runs[run_id])
        assert len({one["data"]["id"] for one in jobs}) == shots


def test_every_end_is_delivered_whichever_process_dies(
    ann: Client, stack: Stack, receiver: Receiver
) -> None:
    """Who ends a run, right after that write; who publishes it; who delivers, before the note."""
    subscriber = Subscriber(ann, receiver)
    for function, operation, when in (
        ("auto_generate_end_run", "TransactWriteItems", "after"),
        ("generation_collect", "TransactWriteItems", "after"),
        ("webhook_events", "PutItem", "after"),
        ("webhook_delivery", "UpdateItem", "before"),
    ):
        break_call(stack, operation, function, nth=1, action="kill", when=when)
    break_call(stack, "SendMessage", "webhook_events", service="sqs", nth=2, action="kill")
    run_id = subscriber.run(1)
    subscriber.ended(run_id)
    eventually(lambda: receiver.tried)
    stack.move_clock(300)  # the message of the process that died comes back
    eventually(lambda: subscriber.all_are("delivered", 2))
    types = [body["type"] for body in receiver.bodies(subscriber.secret)]
    assert types == ["job.completed", "job.completed", "run.completed"]
    ids = [headers["webhook-id"] for headers in receiver.tried]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 2
    faults = httpx.get(f"{stack.aws_endpoint}/_local/faults").json()["faults"]
    assert [fault["fired"] for fault in faults] == [1] * 5


def test_a_test_call_comes_and_one_that_is_removed_gets_none(ann: Client, receiver: Receiver):
    subscriber = Subscriber(ann, receiver)
    ann.json("POST", f"{subscriber.path}/{subscriber.id}/test")
    eventually(lambda: receiver.taken)
    assert [body["type"] for body in receiver.bodies(subscriber.secret)] == ["webhook.test"]
    ann.call("DELETE", f"{subscriber.path}/{subscriber.id}")
    assert ann.json("GET", subscriber.path)["items"] == []
