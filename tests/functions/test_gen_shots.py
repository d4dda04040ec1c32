"""gen-shots through the running stack: streamed while it is written, whoever leaves or dies."""

import json
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from local.stack import Stack
from tests.support.http import eventually
from tests.support.samples import first
from tests.support.stacks import Stacks

from .users import Client

pytestmark = pytest.mark.stack
PATH = "/functions/v1/gen-shots"
PHASES = ["creating", "drafting", "enriching", "ready"]
WORD_SECONDS = 0.03


@pytest.fixture(scope="module")
def patient(stacks: Stacks) -> Stack:
    """A stack whose streams are as long as their runs."""
    return stacks.get("impatient")


@pytest.fixture
def writer(patient: Stack) -> Generator["Writer"]:
    yield from new_writer(patient)


@pytest.fixture
def cut_off(stack: Stack) -> Generator["Writer"]:
    """Whose streams are cut after a second."""
    yield from new_writer(stack)


def new_writer(stack: Stack, credit_count: int = 50) -> Generator["Writer"]:
    httpx.delete(f"{stack.providers_url}/_sim").raise_for_status()
    client = Client(stack, stack.seeder.tenant(credit_count))
    with client.http:
        body = {"workspaceId": client.workspace_id, "title": "The Last Ferry", "tone": "noir"}
        project_id = client.json("POST", "/api/projects", body)["id"]
        scene = {"title": "The Pier", "description": "Ada waits in the fog for the last ferry."}
        path = f"/api/projects/{project_id}/scenes"
        scene_id = client.json("POST", path, scene)["id"]
        yield Writer(stack, client, project_id, scene_id)
    httpx.delete(f"{stack.providers_url}/_sim").raise_for_status()


@dataclass
class Event:
    """One event as it came."""

    id: int
    name: str
    data: dict[str, Any]
    at: float = field(default_factory=time.monotonic)


@dataclass
class Writer:
    """A user with a scene."""

    stack: Stack
    client: Client
    project_id: str
    scene_id: str

    def pace(self, word_seconds: float) -> None:
        url = f"{self.stack.providers_url}/_sim/settings"
        httpx.post(url, json={"text_delay_seconds": word_seconds}).raise_for_status()

    def fault(self, fault: str, count: int = 1) -> None:
        body = {"provider": "groq", "operation": "submit", "fault": fault, "count": count}
        url = f"{self.stack.providers_url}/_sim/faults"
        httpx.post(url, json=body).raise_for_status()

    def asked(self) -> int:
        """How often the vendor has taken a question."""
        url = f"{self.stack.providers_url}/_sim/tasks?provider=groq"
        return len(httpx.get(url).json()["tasks"])

    def read(self, after: int = 0, **body: Any) -> Generator[Event]:
        """The events of one connection."""
        sent = {"projectId": self.project_id, "sceneId": self.scene_id} | body
        headers = {"Last-Event-ID": str(after)} if after else {}
        with self.client.http.stream("POST", PATH, json=sent, headers=headers) as answer:
            assert answer.status_code == 200, answer.read()
            assert answer.headers["content-type"] == "text/event-stream"
            assert answer.headers["cache-control"] == "no-cache, no-transform"
            fields: dict[str, str] = {}
            for line in answer.iter_lines():
                name, _, value = line.partition(": ")
                fields |= {name: value} if line else {}
                if not line and "event" in fields:
                    data = json.loads(fields["data"])
                    yield Event(int(fields["id"]), fields["event"], data)
                    fields = {}

    def to_the_end(self, request_id: str, after: int = 0, **body: Any) -> list[Event]:
        """All events, by as many connections as it takes."""
        events: list[Event] = []
        while not events or events[-1].name not in {"done", "error"}:
            seen = events[-1].id if events else after
            events += self.read(seen, requestId=request_id, **body)
        return events

    def shots(self) -> list[dict[str, Any]]:
        items = self.client.json("GET", f"/api/scenes/{self.scene_id}/shots?limit=100")["items"]
        return list(items)

    def credits(self) -> tuple[int, int]:
        """Balance and what is held."""
        query = f"/api/credits?workspaceId={self.client.workspace_id}"
        account = self.client.json("GET", query)
        return account["balance"], account["held"]


def steps(events: list[Event]) -> list[tuple[int, str]]:
    return [
        (event.data["shot_number"], event.data["status"])
        for event in events
        if event.name == "shot"
    ]


def test_shots_are_streamed_while_the_text_still_arrives(writer: Writer) -> None:
    writer.pace(WORD_SECONDS)
    balance, _ = writer.credits()
    events = list(writer.read(shotCount=3))
    writer.pace(0)
    assert [event.name for event in events] == ["meta", *["shot"] * 12, "done"]
    meta, done = events[0].data, events[-1].data
    assert (meta["projectId"], meta["sceneId"]) == (writer.project_id, writer.scene_id)
    assert 0 <= meta["latency"] < 10_000
    assert (done["completed"], done["total"], done["requestId"]) == (True, 3, meta["requestId"])
    assert steps(events) == [(number, phase) for number in (1, 2, 3) for phase in PHASES]
    first, last = (
        next(event.at for event in events if event.data.get("shot_number") == number)
        for number in (1, 3)
    )
    assert last - first > 20 * WORD_SECONDS, "shots come when their own text does"
    shots = writer.shots()
    final = {event.data["id"]: event.data for event in events if event.name == "shot"}
    for shot in shots:
        for name in ("shot_number", "title", "description", "visual_prompt", "status", "source"):
            assert shot[name] == final[shot["id"]][name], name
        assert (shot["image_status"], shot["source"]) == ("prompt_ready", "model")
    assert len(shots) == 3
    assert writer.credits() == (balance - 2, 0)


def test_a_cut_reader_comes_back_and_misses_nothing(cut_off: Writer) -> None:
    cut_off.pace(WORD_SECONDS)
    balance, _ = cut_off.credits()
    events = cut_off.to_the_end("cut", shotCount=3)
    cut_off.pace(0)
    again = cut_off.to_the_end("cut", shotCount=3)
    ids = [event.id for event in events]
    assert ids == sorted(set(ids))
    assert [event.name for event in events].count("meta") == 1
    assert steps(events) == steps(again) == [(n, phase) for n in (1, 2, 3) for phase in PHASES]
    assert [event.data for event in events[1:]] == [event.data for event in again[1:]]
    assert cut_off.asked() == 1
    assert cut_off.credits() == (balance - 2, 0)


def test_a_reader_who_leaves_loses_nothing(writer: Writer) -> None:
    with closing(writer.read(shotCount=2)) as events:
        assert next(event for event in events if event.name == "shot")
    eventually(lambda: [shot["status"] for shot in writer.shots()] == ["ready"] * 2)


def test_two_calls_at_once_get_numbers_without_gap_or_collision(writer: Writer) -> None:
    writer.pace(0)
    with ThreadPoolExecutor(2) as pool:
        every = list(pool.map(lambda name: writer.to_the_end(name, shotCount=3), ("a", "b")))
    assert [events[-1].data["total"] for events in every] == [3, 3]
    assert [shot["shot_number"] for shot in writer.shots()] == [1, 2, 3, 4, 5, 6]


def test_a_writer_killed_in_the_middle_is_followed_by_another(writer: Writer) -> None:
    writer.pace(WORD_SECONDS)
    balance, _ = writer.credits()
    kill = f"{writer.stack.aws_endpoint}/_local/lambdas/storyboard_write_shots/kill"
    events: list[Event] = []
    for event in writer.read(shotCount=3):
        events.append(event)
        if steps(events)[-1:] == [(2, "creating")]:
            httpx.post(kill).raise_for_status()
            writer.pace(0)
    assert events[-1].name == "done"
    assert sorted(steps(events), key=lambda step: step[0]) == [
        (number, phase) for number in (1, 2, 3) for phase in PHASES
    ]
    assert writer.asked() == 2
    assert writer.credits() == (balance - 2, 0)


@pytest.mark.parametrize(
    "fault", first(2, ["truncated", "server_error", "prose", "refusal", "endless"])
)
def test_an_odd_vendor_gives_the_shots_all_the_same(writer: Writer, fault: str) -> None:
    writer.fault(fault, count=2)
    writer.pace(0)
    balance, _ = writer.credits()
    events = writer.to_the_end(fault, shotCount=2)
    shots = writer.shots()
    models = sum(shot["source"] == "model" for shot in shots)
    assert (events[-1].name, len(shots)) == ("done", 2)
    assert events[-1].data["templates"] == 2 - models
    assert writer.credits() == (balance - -(-models // 2), 0)
    assert models == 0 or fault in {"truncated", "endless"}


def test_a_canceled_run_ends_its_stream_and_gives_back_the_rest(writer: Writer) -> None:
    writer.pace(WORD_SECONDS)
    events: list[Event] = []
    balance, _ = writer.credits()
    for event in writer.read(shotCount=6):
        events.append(event)
        if steps(events)[-1:] == [(1, "ready")]:
            run = writer.client.json("POST", f"/api/runs/{events[0].data['runId']}/cancel", {})
            assert run["status"] == "canceled"
    writer.pace(0)
    assert (events[-1].name, events[-1].data["code"]) == ("error", "canceled")
    kept = writer.shots()
    assert 1 <= len(kept) < 6
    assert all(shot["status"] == "ready" for shot in kept)
    assert writer.credits() == (balance - -(-len(kept) // 2), 0)


def test_a_scene_that_goes_ends_the_run_with_an_error(writer: Writer) -> None:
    writer.pace(WORD_SECONDS)
    writer.fault("slow")
    events = []
    kill = f"{writer.stack.aws_endpoint}/_local/lambdas/storyboard_write_shots/kill"
    for event in writer.read(shotCount=2):
        events.append(event)
        if event.name == "shot":
            writer.client.call("DELETE", f"/api/scenes/{writer.scene_id}")
            httpx.post(kill).raise_for_status()
    writer.pace(0)
    assert (events[-1].name, events[-1].data["code"]) == ("error", "scene_gone")
    assert writer.credits()[1] == 0


def test_checks_come_in_the_documented_order(writer: Writer, patient: Stack) -> None:
    url, own = f"{patient.base_url}{PATH}", writer.client
    stranger = Client(patient, patient.seeder.tenant(0))
    body = {"projectId": writer.project_id, "sceneId": writer.scene_id}
    assert httpx.post(url, json={}).status_code == 401
    with stranger.http:
        for count in (0, 7, "3", 2.5):
            fault = stranger.refused(PATH, body | {"shotCount": count})
            assert fault["details"][0]["field"] == "shotCount"
        for project_id in (writer.project_id, "nowhere"):
            fault = stranger.refused(PATH, body | {"projectId": project_id}, status=404)
            assert fault["message"] == "Project not found"
    empty = own.json("POST", "/api/projects", {"workspaceId": own.workspace_id, "title": "B"})["id"]
    for scene_id in (writer.scene_id, "nowhere", None):
        fault = own.refused(PATH, {"projectId": empty, "sceneId": scene_id}, status=404)
        assert fault["message"] == "Scene not found"
    assert writer.shots() == []


def test_without_credits_it_is_402_and_nothing_is_written(patient: Stack) -> None:
    for poor in new_writer(patient, 1):
        body = {"projectId": poor.project_id, "shotCount": 3}
        fault = poor.client.refused(PATH, body, status=402)
        assert (fault["required"], fault["available"]) == (2, 1)
        assert poor.shots() == []


def test_flags_are_returned_by_their_documented_names(writer: Writer) -> None:
    flags = writer.client.json("GET", "/functions/v1/feature-flags")
    assert flags["ENABLE_SHOT_STREAM"] is flags["VITE_ENABLE_SHOT_STREAM"] is True
    assert flags["ENABLE_STREAM_TELEMETRY"] is flags["VITE_ENABLE_STREAM_TELEMETRY"] is True
