"""Jobs in the running stack: started as a pipeline starts them, watched through their rows."""

import io
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from PIL import Image

from local.aws.resources import KEY_ID
from local.lambdas.worker import secret_of
from local.stack import Stack
from showreel.core import aws
from showreel.core import settings as core_settings
from showreel.core.clock import now_seconds
from showreel.core.settings import Providers
from showreel.credits import Account
from showreel.generation import engine, service
from showreel.generation.models import Job, JobRequest
from tests.support.http import call, eventually
from tests.unit.generation.support import grouped

CREDITS = 200
PROVIDERS = tuple(name.upper() for name in Providers.variables())


@dataclass
class Workshop:
    """One workspace with credits in the stack, and its jobs."""

    stack: Stack
    workspace_id: str
    image_key: str

    def start(self, **changes: Any) -> str:
        job_id = str(uuid.uuid4())
        fields: dict[str, Any] = {
            "job_id": job_id,
            "workspace_id": self.workspace_id,
            "kind": "clip",
            "catalogue_id": "kling-v2.6-pro",
            "prompt": f"slow dolly in {job_id}",
            "image_key": self.image_key,
            "duration_seconds": 5,
            "resolution": "720p",
            "deadline_at_seconds": now_seconds() + 300,
            "public_base_url": self.stack.base_url,
        }
        service.start_job(JobRequest.model_validate(grouped(fields | changes)), self.function_arn)
        return job_id

    @property
    def function_arn(self) -> str:
        settings = self.stack.settings
        return f"arn:aws:lambda:{settings.region}:{settings.account}:function:showreel-test"

    def job(self, job_id: str) -> Job:
        return engine.engine().jobs.get(job_id)

    def settled(self, job_id: str, seconds: float = 60) -> Job:
        """The job once it is settled, with its execution over and its workspace's money right."""

        def ended() -> Job | None:
            job = self.job(job_id)
            return job if job.settled_at else None

        job = eventually(ended, seconds)
        self.check_money()
        return job

    def check_money(self) -> None:
        """I1. Three reads make one picture only if nothing moved between them."""
        ledger = engine.engine().ledger

        def look() -> tuple[Account, int, int] | None:
            account = ledger.account(self.workspace_id)
            held = sum(hold.remaining for hold in ledger.open_holds(self.workspace_id))
            entries = sum(entry.amount for entry in ledger.entries(self.workspace_id))
            still = account == ledger.account(self.workspace_id)
            return (account, held, entries) if still else None

        account, held, entries = eventually(look)
        assert account.balance == entries
        assert account.available == account.balance - held >= 0

    def spent(self) -> int:
        """What is gone; nothing may be held any more (I2)."""
        account = engine.engine().ledger.account(self.workspace_id)
        assert account.held == 0
        return CREDITS - account.balance

    def spoil(self, operation: str, fault: str, job: str | None = None, **more: Any) -> None:
        """Orders a fault at the vendor, for the given job's prompt or the next call."""
        body = {"provider": "kling", "operation": operation, "fault": fault, **more}
        if job is not None:
            body["match"] = {"prompt_contains": job}
        status, answer = call("POST", f"{self.stack.providers_url}/_sim/faults", body)
        assert status < 300, answer

    def break_call(self, **fault: Any) -> None:
        """Orders a fault at a call to AWS or a vendor."""
        status, answer = call("POST", f"{self.stack.aws_endpoint}/_local/faults", fault)
        assert status < 300, answer

    def broken_calls(self) -> int:
        """How many calls the ordered faults have broken."""
        _, answer = call("GET", f"{self.stack.aws_endpoint}/_local/faults")
        return sum(fault["fired"] for fault in answer["faults"])

    def submissions(self, job_id: str) -> list[str]:
        """The attempt keys that the vendor would bill for this job (I4)."""
        _, answer = call("GET", f"{self.stack.providers_url}/_sim/tasks")
        keys = [str(task.get("external_task_id")) for task in answer["tasks"]]
        return [key for key in keys if key.startswith(job_id)]

    def creates(self, job_id: str) -> list[dict[str, Any]]:
        """The bodies of the creates that the vendor has seen for this job."""
        url = f"{self.stack.providers_url}/_sim/requests?provider=kling&operation=submit"
        bodies = [request["body"] for request in call("GET", url)[1]["requests"]]
        return [body for body in bodies if job_id in str(body)]

    def posts(self, job_id: str) -> int:
        """How many creates the vendor has seen for this job."""
        return len(self.creates(job_id))

    def output_exists(self, job: Job) -> bool:
        """Whether the result is in the bucket."""
        bucket = self.stack.variable("MEDIA_BUCKET")
        found = self.stack.clients.s3.list_objects_v2(Bucket=bucket, Prefix=job.output_key)
        return bool(found.get("Contents"))

    def history(self, job_id: str) -> list[str]:
        """The states that the execution entered."""
        entered = (event.get("stateEnteredEventDetails") for event in self.events(job_id))
        return [details["name"] for details in entered if details]

    def events(self, job_id: str) -> list[dict[str, Any]]:
        """The execution's history."""
        machine = self.stack.template.lookup("GenerationStateMachine", "Arn")
        execution = machine.replace(":stateMachine:", ":execution:") + f":{job_id}"
        pages = self.stack.clients.stepfunctions.get_execution_history(
            executionArn=execution, maxResults=1000
        )
        events: list[dict[str, Any]] = pages["events"]
        return events


@pytest.fixture
def workshop(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    for name in ("JOBS_TABLE", "CREDITS_TABLE", "GENERATION_STATE_MACHINE", *PROVIDERS):
        monkeypatch.setenv(name, str(stack.variable(name)))
    monkeypatch.setenv("AWS_ENDPOINT_URL", stack.aws_endpoint)
    monkeypatch.setenv("AWS_DEFAULT_REGION", stack.settings.region)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret_of(KEY_ID))
    clear_caches()
    made = call("POST", f"{stack.aws_endpoint}/_local/workspaces", {"credits": CREDITS})[1]
    yield Workshop(stack, made["workspace_id"], upload(stack))
    call("DELETE", f"{stack.providers_url}/_sim/faults")
    call("DELETE", f"{stack.aws_endpoint}/_local/faults")
    clear_caches()


def clear_caches() -> None:
    for cached in (core_settings.settings, aws.client, engine.engine, engine.jobs):
        cached.cache_clear()


def upload(stack: Stack) -> str:
    """A still in the bucket, as the asset service leaves it."""
    still = io.BytesIO()
    Image.linear_gradient("L").resize((640, 360)).convert("RGB").save(still, "JPEG")
    key = f"project-assets/{uuid.uuid4().hex}.jpg"
    bucket = stack.variable("MEDIA_BUCKET")
    stack.clients.s3.put_object(
        Bucket=bucket, Key=key, Body=still.getvalue(), ContentType="image/jpeg"
    )
    return key
