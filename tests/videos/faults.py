"""What can go wrong with a single video, as orders to the simulated vendors, and how it is told.

Every cell is one purchase in a workspace of its own, with its own words in the prompt, so that its
faults hit nobody else. What the caller saw, what the vendor accepted and what the ledger says are
read from outside.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from local.stack import Stack
from tests.videos.http import call, eventually

FUNCTIONS = "/functions/v1"
GRANT = 100
PATIENCE_SECONDS = 150
SHORT_WAIT = {"Prefer": "wait=2"}


@dataclass(frozen=True)
class Model:
    """A documented model, the endpoint that sells it and the vendor that is asked first."""

    id: str
    endpoint: str
    vendor: str
    has_webhooks: bool = True
    refuses_at: str = "poll"
    """Whether the vendor refuses content when it is asked, or after it has accepted."""


MODELS = (
    Model("veo-2", "generate-interior-video-v2", "google", has_webhooks=False),
    Model("kling-v3.0", "generate-interior-video-v2", "kling", refuses_at="submit"),
    Model("wan2.1-i2v-720p", "generate-interior-video-v2", "replicate"),
    Model("runway-gen4-turbo", "generate-interior-video-v2", "replicate"),
    Model("kling-1.6-pro", "generate-social-video", "replicate"),
)


@dataclass(frozen=True)
class Case:
    """A fault: what is ordered of the vendor, and how long the caller waits."""

    title: str
    order: Callable[[Model], dict[str, Any] | None] = lambda _: None
    headers: dict[str, str] = field(default_factory=dict)
    is_about_webhooks: bool = False


def order(operation: str, fault: str, **more: Any) -> Callable[[Model], dict[str, Any]]:
    return lambda _: {"operation": operation, "fault": fault, **more}


def webhook(fault: str) -> Callable[[Model], dict[str, Any] | None]:
    return lambda model: order("webhook", fault)(model) if model.has_webhooks else None


CASES = (
    Case("accepted, fast"),
    Case("slow, beyond the window", order("submit", "slow", delay_seconds=6), SHORT_WAIT),
    Case("provider fails", order("submit", "failed")),
    Case(
        "provider refuses the content",
        lambda model: {"operation": model.refuses_at, "fault": "content_policy"},
    ),
    Case("model gone", order("submit", "model_gone")),
    Case("429 with Retry-After", order("submit", "rate_limited", retry_after=1)),
    Case("429 without", order("submit", "rate_limited")),
    Case("500, again and again", order("submit", "server_error", count=99), SHORT_WAIT),
    Case("hang", order("poll", "hang"), SHORT_WAIT),
    Case("webhook lost", webhook("webhook_lost"), is_about_webhooks=True),
    Case("webhook doubled", webhook("webhook_doubled"), is_about_webhooks=True),
    Case("webhook forged", webhook("webhook_forged"), is_about_webhooks=True),
    Case(
        "success after our time-out", order("submit", "late_success", delay_seconds=45), SHORT_WAIT
    ),
    Case("corrupt file", order("result", "corrupt", count=9)),
)


@dataclass(frozen=True)
class Outcome:
    """One cell."""

    first_status: int
    end: dict[str, Any]
    accepted: int
    balance: int
    entries: int
    open_holds: int

    @property
    def credits_moved(self) -> int:
        return GRANT - self.balance

    def __str__(self) -> str:
        how = self.end["status"] if self.end["success"] else f"`{self.end['code']}`"
        if self.first_status == 202:
            how = f"202, then {how}"
        elif self.first_status != 200:
            how = f"{self.first_status} {how}"
        return f"{how} · {self.accepted} · {self.credits_moved}"


@dataclass
class Market:
    """The stack that all cells are bought in."""

    stack: Stack
    picture: bytes

    def buy(self, model: Model, case: Case) -> Outcome:
        """One purchase from the first request to the end of the job and its money."""
        tenant = self._tenant()
        prompt = f"slow dolly in. Take {model.id} / {case.title}."
        self._spoil(model, case, prompt)
        bearer = {"Authorization": f"Bearer {tenant['token']}"}
        body = {
            "image_url": self._upload(tenant, bearer),
            "prompt": prompt,
            "model": model.id,
            "aspect_ratio": "16:9",
            "workspace_id": tenant["workspace_id"],
        }
        url = f"{self.stack.base_url}{FUNCTIONS}/{model.endpoint}"
        status, answer = call("POST", url, body, bearer | case.headers)
        assert status in {200, 202, 400, 502}, (status, answer)
        poll = f"{url}?job_id={answer['job_id']}"
        end = eventually(lambda: _ended(call("GET", poll, None, bearer)), PATIENCE_SECONDS)
        return self._outcome(tenant, bearer, status, end, prompt)

    def _outcome(
        self, tenant: Any, bearer: dict[str, str], status: int, end: dict[str, Any], prompt: str
    ) -> Outcome:
        time.sleep(1)  # whatever would still be submitted or posted by mistake shows by now
        workspace = f"?workspaceId={tenant['workspace_id']}"
        account = call("GET", f"{self.stack.base_url}/api/credits{workspace}", None, bearer)[1]
        ledger = call("GET", f"{self.stack.base_url}/api/credits/ledger{workspace}", None, bearer)
        tasks = f"{self.stack.providers_url}/_sim/tasks?prompt_contains={_quoted(prompt)}"
        return Outcome(
            first_status=status,
            end=end,
            accepted=len(call("GET", tasks)[1]["tasks"]),
            balance=account["balance"],
            entries=sum(entry["amount"] for entry in ledger[1]["items"]),
            open_holds=len(account["holds"]),
        )

    def _spoil(self, model: Model, case: Case, prompt: str) -> None:
        fault = case.order(model)
        if fault is None:
            return
        body = {"provider": model.vendor, "match": {"prompt_contains": prompt}, **fault}
        status, answer = call("POST", f"{self.stack.providers_url}/_sim/faults", body)
        assert status == 201, answer

    def _tenant(self) -> Any:
        url = f"{self.stack.aws_endpoint}/_local/workspaces"
        return call("POST", url, {"credits": GRANT})[1]

    def _upload(self, tenant: Any, bearer: dict[str, str]) -> str:
        wanted = {
            "workspaceId": tenant["workspace_id"],
            "fileName": "room.jpg",
            "contentType": "image/jpeg",
            "size": len(self.picture),
        }
        made = call("POST", f"{self.stack.base_url}/api/uploads", wanted, bearer)[1]
        target = made["upload"]
        status, _ = call("PUT", target["url"], self.picture, target["headers"])
        assert status == 200
        return str(made["url"])


def _ended(answer: tuple[int, Any]) -> dict[str, Any] | None:
    status, job = answer
    assert status == 200, job
    return job if job["status"] != "processing" else None


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text)
