"""A workspace's webhooks in this process: queue, clock, and a receiver that tests command."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.sqs.models import sqs_backends

from showreel.core.attributes import encode_item
from showreel.core.clock import iso_at
from showreel.core.dynamo import Table
from showreel.generation.models import Job, Terms, Wanted
from showreel.identity import Caller
from showreel.products import all_runs
from showreel.runs.models import Progress, Run
from showreel.webhooks import service
from showreel.webhooks.client import SendResult
from showreel.webhooks.delivery import QueueEvent, deliver_all
from showreel.webhooks.events import StreamEvent, publish_all
from showreel.webhooks.schemas import NewWebhook
from tests.support import webhooks
from tests.support.cloud import ACCOUNT, REGION, client

ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:showreel-webhook-events"
OWNER = Caller(user_id="owner")
QUEUE, FAILED = "webhooks.fifo", "failed-events"
HOUR, DAY = 3600, 86_400
URL = "https://hooks.example.com/showreel"
ALL = ("run.completed", "run.failed", "job.completed", "job.failed", "export.completed")


class Killed(BaseException):
    """The process is gone at this very call."""


@dataclass
class Clock:
    seconds: float = 1_790_000_000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Arrival:
    """A request as its receiver had it."""

    at: float
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class World:
    clock: Clock
    answer: Callable[[Arrival], SendResult] = lambda _: SendResult(204)
    arrivals: list[Arrival] = field(default_factory=list)
    accepted: list[Arrival] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)

    def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> SendResult:
        arrival = Arrival(self.clock(), url, dict(headers), body)
        self.arrivals.append(arrival)
        said = self.answer(arrival)
        if said.is_success:
            self.accepted.append(arrival)
        return said

    # ---- the owner

    def hook(self, events: tuple[str, ...] = ALL, url: str = URL, workspace: str = "w") -> str:
        made, _ = service.create(
            OWNER, workspace, NewWebhook.model_validate({"url": url, "events": events})
        )
        self.secrets[made.id] = made.secret
        return made.id

    def view(self, webhook_id: str) -> Any:
        return service.read(OWNER, "w", webhook_id)

    def deliveries(self, webhook_id: str) -> list[Any]:
        return service.list_deliveries(OWNER, "w", webhook_id, 100, None).items

    # ---- what happens

    def ended_job(
        self,
        job_id: str,
        run_id: str | None = None,
        status: str = "completed",
        clock_is_ahead: float = 0,
    ) -> Any:
        """A job that has just ended, as the stream tells of it, and as the clock of who ended it
        says, which may be some seconds ahead.
        """
        now = iso_at(self.clock())
        job = Job.model_validate(
            {
                "job_id": job_id,
                "workspace_id": "w",
                "kind": "clip",
                "catalogue_id": "kling-v2.6-pro",
                "wanted": Wanted(),
                "terms": Terms(deadline_at_seconds=int(self.clock()) + 900),
                "run_id": run_id,
                "status": status,
                "requested_model": "kling-v2.6-pro",
                "model": "kling-v2.6-pro",
                "provider": "kling",
                "hold_id": "hold",
                "own_hold": False,
                "output_key": "generation-videos/x.mp4",
                "credits": 20,
                "cost_cents": 10,
                "error_code": None if status == "completed" else "provider_upstream",
                "created_at": now,
                "finished_at": iso_at(self.clock() + clock_is_ahead),
            }
        )
        row = job.row(int(self.clock()))
        Table("jobs").put(row)
        return encode_item(row)

    def ended_run(self, run_id: str, status: str = "completed", kind: str = "film") -> Any:
        """A run that has just ended, as the stream tells of it."""
        options = {"draft": False} if kind == "film" else {"provider": "ffmpeg"}
        run = Run.model_validate(
            {
                "id": run_id,
                "kind": kind,
                "workspace_id": "w",
                "subject_id": "vp_1",
                "status": status,
                "progress": Progress(step=status, label="Over", progress=100),
                "options": options,
                "public_base_url": "https://api.example.com",
                "limit_seconds": 1800,
                "output": {"finalVideoUrl": "https://api.example.com/film.mp4"},
                "created_at": iso_at(self.clock() - 600),
                "finished_at": iso_at(self.clock()),
            }
        )
        return encode_item({**run.model_dump(mode="json"), "pk": run_id, "sk": "run"})

    def publish(self, *images: Any) -> list[str]:
        """Gives the ends to the function; returns which it wants to be given again."""
        records = [
            {
                "eventSourceARN": "arn:aws:dynamodb:eu-central-1:1:table/runs/stream/1",
                "dynamodb": {"NewImage": image, "SequenceNumber": str(number)},
            }
            for number, image in enumerate(images)
        ]
        answer = publish_all(all_runs(ARN), StreamEvent.model_validate({"Records": records}))
        return [one["itemIdentifier"] for one in answer["batchItemFailures"]]

    # ---- the queue

    def pass_time(self, seconds: float) -> None:
        """Lets so much time pass; what comes out of the queue meanwhile is handled."""
        end = self.clock() + seconds
        while True:
            self.drain()
            due = [at for at in self._due() if self.clock() < at <= end]
            if not due:
                break
            self.clock.seconds = min(due) + 0.01
        self.clock.seconds = end

    def drain(self) -> None:
        """Handles everything that is visible now, as Lambda does: one message at a time."""
        sqs = client("sqs")
        while found := sqs.receive_message(QueueUrl=QUEUE).get("Messages"):
            record = {
                name[0].lower() + name[1:]: found[0][name]
                for name in ("MessageId", "ReceiptHandle", "Body")
            }
            try:
                answer = deliver_all(QueueEvent.model_validate({"Records": [record]}))
            except Killed:
                continue
            if not answer["batchItemFailures"]:
                sqs.delete_message(QueueUrl=QUEUE, ReceiptHandle=found[0]["ReceiptHandle"])

    def failed_events(self) -> list[Any]:
        """What was left to an operator."""
        found = client("sqs").receive_message(QueueUrl=FAILED, MaxNumberOfMessages=10)
        return [json.loads(one["Body"]) for one in found.get("Messages", [])]

    def waiting(self) -> int:
        return len(self._messages())

    def _due(self) -> list[float]:
        return [message.visible_at / 1000 for message in self._messages()]

    def _messages(self) -> list[Any]:
        return list(sqs_backends[ACCOUNT][REGION].queues[QUEUE]._messages)


def verified(arrival: Arrival, secret: str) -> Any:
    """The body, if the library of the standard accepts the request."""
    return webhooks.verified(secret, arrival.headers, arrival.body, arrival.at)
