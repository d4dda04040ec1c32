"""A workspace in the running stack that makes films through the API, as its users do."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from pytest_socket import enable_socket

from local.stack import Stack
from tests.support.http import eventually

CREDITS = 1000
CLIP, TRANSITION = 30, 30
"""Credits of a 5 s clip and of a transition of the default model."""


def still(number: int) -> bytes:
    """One of a few pictures with something to see in them, so that movement shows."""
    image = Image.radial_gradient("L").resize((960, 540)).rotate(23 * number)
    turned = Image.merge("RGB", (image, image.rotate(40), image.rotate(80 + number)))
    data = io.BytesIO()
    turned.save(data, "JPEG", quality=88)
    return data.getvalue()


@dataclass
class Studio:
    """One workspace and its one user."""

    stack: Stack
    workspace_id: str
    token: str
    http: httpx.Client
    stills: dict[int, str] = field(default_factory=dict)

    def json(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        answer = self.http.request(method, path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """Status and code of an error answer."""
        answer = self.http.request(method, path, json=body)
        assert not answer.is_success, answer.text
        return answer.status_code, answer.json()["code"]

    def upload(self, number: int) -> str:
        if number not in self.stills:
            data = still(number)
            wish = {"fileName": "room.jpg", "contentType": "image/jpeg", "size": len(data)}
            made = self.json("POST", "/api/uploads", {"workspaceId": self.workspace_id, **wish})
            target = made["upload"]
            sent = httpx.request(
                target["method"], target["url"], content=data, headers=target["headers"]
            )
            assert sent.status_code == 200, sent.text
            self.stills[number] = str(made["url"])
        return self.stills[number]

    def project(self, clips: int = 2, transition: str = "seamless", **fields: Any) -> str:
        rooms = [
            {
                "sourceImageUrl": self.upload(number),
                "transitionType": transition,
                "motionPrompt": f"Slow pan to the right, view {number}",
            }
            for number in range(clips)
        ]
        body = {"name": "Home", "workspaceId": self.workspace_id, "resolution": "720p"}
        made = self.json("POST", "/api/video-projects", body | {"clips": rooms} | fields)
        return str(made["id"])

    def trigger(self, project: str, **options: Any) -> str:
        body = {"videoProjectId": project, **options}
        return str(self.json("POST", "/api/trigger-video", body)["runId"])

    def run(self, run_id: str) -> Any:
        return self.json("GET", f"/api/runs/{run_id}")

    def ended(self, run_id: str, seconds: float = 150) -> Any:
        """The run once it is over, with its workspace's money right."""

        def over() -> Any:
            run = self.run(run_id)
            return run if run["finishedAt"] else None

        run = eventually(over, seconds)
        self.check_money()
        return run

    def film(self, project: str, **options: Any) -> Any:
        """A run to its end, which must be a film."""
        run = self.ended(self.trigger(project, **options))
        assert run["status"] == "completed", run
        return run

    def show(self, project: str) -> Any:
        return self.json("GET", f"/api/video-projects/{project}")

    def credits(self) -> Any:
        return self.json("GET", f"/api/credits?workspaceId={self.workspace_id}")

    def spent(self) -> int:
        """What is gone for good; nothing may be held any more."""
        account = self.credits()
        assert account["held"] == 0
        return CREDITS - int(account["balance"])

    def check_money(self) -> None:
        """I1: the balance is the sum of the entries, and what is available the rest.

        Two reads make one picture only if nothing moved between them.
        """
        path = f"/api/credits/ledger?workspaceId={self.workspace_id}&limit=200"

        def look() -> tuple[Any, Any] | None:
            account, entries = self.credits(), self.json("GET", path)
            return (account, entries) if account == self.credits() else None

        account, entries = eventually(look)
        held = sum(hold["amount"] for hold in account["holds"])
        assert account["balance"] == sum(entry["amount"] for entry in entries["items"])
        assert account["available"] == account["balance"] - held >= 0

    def download(self, url: str, path: Path) -> Path:
        answer = self.http.get(url, follow_redirects=True)
        assert answer.status_code == 200, answer.text
        path.write_bytes(answer.content)
        return path

    def spoil(self, operation: str, fault: str, prompt: str | None = None, **more: Any) -> None:
        """Orders a fault at the vendor."""
        body = {"provider": "kling", "operation": operation, "fault": fault, **more}
        if prompt is not None:
            body["match"] = {"prompt_contains": prompt}
        httpx.post(f"{self.stack.providers_url}/_sim/faults", json=body).raise_for_status()

    def break_call(self, **fault: Any) -> None:
        """Orders a fault at a call to AWS."""
        httpx.post(f"{self.stack.aws_endpoint}/_local/faults", json=fault).raise_for_status()

    def broken_calls(self) -> int:
        faults = httpx.get(f"{self.stack.aws_endpoint}/_local/faults").json()["faults"]
        return sum(fault["fired"] for fault in faults)

    def kill(self, function: str) -> None:
        url = f"{self.stack.aws_endpoint}/_local/lambdas/{function}/kill"
        httpx.post(url, json={}, timeout=30).raise_for_status()

    def reconcile(self) -> None:
        self.stack.fire("every_minute")

    def vendor_tasks(self) -> list[dict[str, Any]]:
        """What the vendor has been asked to make since this studio opened."""
        tasks = httpx.get(f"{self.stack.providers_url}/_sim/tasks").json()["tasks"]
        return list(tasks)

    def events(self, run_id: str, after: int | None = None, token: str | None = None) -> list[Any]:
        """Every event of one stream: name, number and data. A finished run's are all it has."""
        headers = {} if after is None else {"Last-Event-ID": str(after)}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        answer = self.http.get(f"/api/runs/{run_id}/events", headers=headers)
        assert answer.headers["content-type"] == "text/event-stream", answer.text
        blocks = [block for block in answer.text.split("\n\n") if block and block[0] != ":"]
        return [_event(block) for block in blocks]

    def followed(self, run_id: str, token: str) -> list[list[Any]]:
        """The run's streams to its end, each asked for what comes after the one before."""
        streams: list[list[Any]] = [[]]
        after: int | None = None
        while not streams[-1] or streams[-1][-1][0] != "end":
            assert len(streams) < 90, "a film takes less"
            streams.append(self.events(run_id, after, token))
            after = streams[-1][-1][1] if streams[-1] else after
        return streams[1:]


def _event(block: str) -> tuple[str, int, Any]:
    fields = dict(line.split(": ", 1) for line in block.splitlines())
    return fields["event"], int(fields["id"]), json.loads(fields["data"])


@pytest.fixture
def studio(stack: Stack) -> Iterator[Studio]:
    enable_socket()
    httpx.delete(f"{stack.providers_url}/_sim").raise_for_status()
    made = httpx.post(f"{stack.aws_endpoint}/_local/workspaces", json={"credits": CREDITS}).json()
    headers = {"Authorization": f"Bearer {made['token']}"}
    with httpx.Client(base_url=stack.base_url, headers=headers, timeout=90) as client:
        yield Studio(stack, made["workspace_id"], made["token"], client)
    httpx.delete(f"{stack.providers_url}/_sim")
    httpx.delete(f"{stack.aws_endpoint}/_local/faults")
