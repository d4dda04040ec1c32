"""A workspace in the running stack that buys single videos through the API, as its users do."""

import contextlib
import io
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from local.stack import Stack
from tests.support.http import eventually
from tests.support.stacks import Stacks

CREDITS = 1000
INTERIOR = "/functions/v1/generate-interior-video-v2"
SOCIAL = "/functions/v1/generate-social-video"
NO_WAIT = {"Prefer": "respond-async"}
LANDSCAPE = (960, 540)
BLUE, RED = (20, 40, 200), (200, 40, 20)


def photo(colour: tuple[int, int, int] = BLUE, size: tuple[int, int] = LANDSCAPE) -> bytes:
    """A picture with something to see in it, mostly of one colour."""
    light = Image.radial_gradient("L").resize(size).point(lambda level: level // 3)
    channels = [light.point(lambda level, c=c: min(255, level + c)) for c in colour]
    data = io.BytesIO()
    Image.merge("RGB", channels).save(data, "JPEG", quality=88)
    return data.getvalue()


@dataclass
class Buyer:
    """One workspace and its one user."""

    stack: Stack
    workspace_id: str
    user_id: str
    credits: int
    http: httpx.Client
    photos: dict[tuple[int, int, int], str] = field(default_factory=dict)

    def json(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.http.request(method, path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def upload(self, colour: tuple[int, int, int] = BLUE) -> str:
        if colour not in self.photos:
            self.photos[colour] = self.upload_bytes(photo(colour))
        return self.photos[colour]

    def upload_bytes(self, data: bytes) -> str:
        wish = {"fileName": "room.jpg", "contentType": "image/jpeg", "size": len(data)}
        made = self.json("POST", "/api/uploads", {"workspaceId": self.workspace_id, **wish})
        target = made["upload"]
        sent = httpx.put(target["url"], content=data, headers=target["headers"])
        assert sent.status_code == 200, sent.text
        return str(made["url"])

    def body(self, **fields: Any) -> dict[str, Any]:
        """A whole order of Kling 3.0; a field that is None is left out."""
        order = {
            "image_url": self.upload(),
            "prompt": "Slow pan to the right",
            "model": "kling-v3.0",
            "workspace_id": self.workspace_id,
        }
        return {name: value for name, value in (order | fields).items() if value is not None}

    def order(
        self, path: str = INTERIOR, headers: dict[str, str] | None = None, **fields: Any
    ) -> httpx.Response:
        return self.http.post(path, json=self.body(**fields), headers=headers)

    def made(self, path: str = INTERIOR, **fields: Any) -> Any:
        """The answer of an order that is made while the call waits."""
        answer = self.order(path, **fields)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, path: str = INTERIOR, **fields: Any) -> tuple[int, str]:
        """Status and code of an error answer."""
        answer = self.order(path, **fields)
        assert not answer.is_success, answer.text
        return answer.status_code, answer.json()["code"]

    def poll(self, job_id: str, path: str = INTERIOR) -> Any:
        return self.json("GET", f"{path}?job_id={job_id}")

    def ended(self, job_id: str) -> Any:
        """The job once it is over."""

        def over() -> Any:
            job = self.poll(job_id)
            return None if job["status"] == "processing" else job

        return eventually(over)

    def account(self) -> Any:
        return self.json("GET", f"/api/credits?workspaceId={self.workspace_id}")

    def jobs(self) -> list[Any]:
        return list(self.json("GET", f"/api/jobs?workspaceId={self.workspace_id}")["items"])

    def spent(self) -> int:
        """What is gone for good, once nothing is held any more; the ledger must agree."""
        account = eventually(lambda: found if (found := self.account())["held"] == 0 else None)
        path = f"/api/credits/ledger?workspaceId={self.workspace_id}&limit=200"
        entries = self.json("GET", path)["items"]
        assert account["balance"] == account["available"] == sum(e["amount"] for e in entries)
        return self.credits - int(account["balance"])

    def has_nothing_unsent(self) -> bool:
        """Whether no job is still on its way to a vendor, where the next buyer would meet it.

        Asks the table, since every test asks: a call of the API is five times as much.
        """
        client, table = self.stack.clients.dynamodb, self.stack.variable("JOBS_TABLE")
        ordered = client.query(
            TableName=table,
            IndexName="by_list",
            KeyConditionExpression="list_key = :list_key",
            ExpressionAttributeValues={":list_key": {"S": f"{self.workspace_id}#job"}},
        )["Items"]
        if not ordered:
            return True
        keys = [{name: row[name] for name in ("pk", "sk")} for row in ordered]
        read = client.batch_get_item(RequestItems={table: {"Keys": keys, "ConsistentRead": True}})
        return not {"queued", "submitting"} & {
            row["status"]["S"] for row in read["Responses"][table]
        }

    def row(self, job_id: str) -> dict[str, Any]:
        """The job as its table has it."""
        answer = self.stack.clients.dynamodb.get_item(
            TableName=self.stack.variable("JOBS_TABLE"),
            Key={"pk": {"S": f"job#{job_id}"}, "sk": {"S": "job"}},
        )
        return {name: next(iter(value.values())) for name, value in answer["Item"].items()}

    def stored(self, key: str) -> bytes:
        """An object of the media bucket."""
        bucket = self.stack.variable("MEDIA_BUCKET")
        return bytes(self.stack.clients.s3.get_object(Bucket=bucket, Key=key)["Body"].read())

    def spoil(self, operation: str, fault: str, provider: str = "kling", **more: Any) -> None:
        """Orders a fault at the vendor."""
        body = {"provider": provider, "operation": operation, "fault": fault, **more}
        httpx.post(f"{self.stack.providers_url}/_sim/faults", json=body).raise_for_status()

    def slow_down(self, seconds: float) -> None:
        """Makes every generation take that long."""
        url = f"{self.stack.providers_url}/_sim/settings"
        httpx.post(url, json={"generation_seconds": seconds}).raise_for_status()

    def break_call(self, **fault: Any) -> None:
        """Orders a fault at a call to AWS."""
        httpx.post(f"{self.stack.aws_endpoint}/_local/faults", json=fault).raise_for_status()

    def broken_calls(self) -> int:
        faults = httpx.get(f"{self.stack.aws_endpoint}/_local/faults").json()["faults"]
        return sum(fault["fired"] for fault in faults)

    def pictures(self) -> set[str]:
        """Keys of all pictures that were copied for jobs or clips."""
        bucket = self.stack.variable("MEDIA_BUCKET")
        pages = self.stack.clients.s3.get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=bucket, Prefix="project-assets/")
        return {item["Key"] for page in found for item in page.get("Contents", [])}

    def kill(self, function: str) -> None:
        url = f"{self.stack.aws_endpoint}/_local/lambdas/{function}/kill"
        httpx.post(url, json={}, timeout=30).raise_for_status()

    def vendor_tasks(self) -> list[Any]:
        """What vendors have been asked to make since this buyer came."""
        return list(httpx.get(f"{self.stack.providers_url}/_sim/tasks").json()["tasks"])

    def vendor_orders(self) -> list[Any]:
        """Every create that vendors were sent since then, as it came."""
        url = f"{self.stack.providers_url}/_sim/requests?operation=submit"
        return list(httpx.get(url).json()["requests"])


def newcomer(stack: Stack, credit_count: int = CREDITS) -> Iterator[Buyer]:
    httpx.delete(f"{stack.providers_url}/_sim").raise_for_status()
    tenant = stack.seeder.tenant(credit_count)
    headers = {"Authorization": f"Bearer {tenant.token}"}
    with httpx.Client(base_url=stack.base_url, headers=headers, timeout=120) as client:
        buyer = Buyer(stack, tenant.workspace_id, tenant.user_id, credit_count, client)
        yield buyer
        with contextlib.suppress(AssertionError):
            eventually(buyer.has_nothing_unsent, seconds=10)
    httpx.delete(f"{stack.providers_url}/_sim")
    httpx.delete(f"{stack.aws_endpoint}/_local/faults")


@pytest.fixture
def buyer(stack: Stack) -> Iterator[Buyer]:
    yield from newcomer(stack)


@pytest.fixture
def poor(stack: Stack) -> Iterator[Buyer]:
    """Somebody with credits for exactly three videos of Kling 3.0."""
    yield from newcomer(stack, 60)


@pytest.fixture
def small(stacks: Stacks) -> Stack:
    """A stack whose calls wait a second at most, and where failed videos cost nothing."""
    return stacks.get("impatient")


@pytest.fixture
def kept(small: Stack) -> Iterator[Buyer]:
    """A buyer in the small stack."""
    yield from newcomer(small)


def _decoded(video: bytes, folder: Path) -> str:
    """FFmpeg's report about every frame of it."""
    path = folder / "video.mp4"
    path.write_bytes(video)
    command = ["ffmpeg", "-hide_banner", "-nostdin", "-i", str(path), "-f", "null", "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stderr


def size_of(video: bytes, folder: Path) -> tuple[int, int]:
    """Width and height in pixels."""
    width, height = re.findall(r"Video: .*?, (\d+)x(\d+)", _decoded(video, folder))[0]
    return int(width), int(height)


def seconds_of(video: bytes, folder: Path) -> float:
    """How long it is."""
    hours, minutes, seconds = re.findall(
        r"Duration: (\d+):(\d+):([\d.]+)", _decoded(video, folder)
    )[0]
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
