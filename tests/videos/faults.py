"""What can go wrong with one video, as orders to the simulated vendors, and how each is reported.

Every cell is one purchase in a workspace of its own, with its own words in the prompt, so that its
faults hit nobody else. What the caller saw, what the vendor accepted and what the ledger says are
read from outside.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from local.stack import Stack
from tests.support.http import call, eventually

FUNCTIONS = "/functions/v1"
GRANT = 100
PATIENCE_SECONDS = 150
SHORT_WAIT = {"Prefer": "wait=2"}
NO_WAIT = {"Prefer": "respond-async"}


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
ONE_OF_EACH_VENDOR = MODELS[:3]


@dataclass(frozen=True)
class Case:
    """A fault: what is ordered of the vendor, and how long the caller waits."""

    title: str
    order: Callable[[Model], dict[str, Any] | None] = lambda _: None
    headers: dict[str, str] = field(default_factory=dict)
    is_about_webhooks: bool = False


def order(operation: str, fault: str, **more: Any) -> Callable[[Model], dict[str, Any]]:
    return lambda _: {"operation": operation, "fault": fault, **more}


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
    Case("500, again and again", order("submit", "server_error", count=99), NO_WAIT),
    Case("hang", order("poll", "hang"), SHORT_WAIT),
    Case("webhook lost", order("webhook", "webhook_lost"), is_about_webhooks=True),
    Case("webhook doubled", order("webhook", "webhook_doubled"), is_about_webhooks=True),
    Case("webhook forged", order("webhook", "webhook_forged"), is_about_webhooks=True),
    Case(
        "success after our time-out", order("submit", "late_success", delay_seconds=65), SHORT_WAIT
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
        purchase = self.purchase(model, f"slow dolly in. Take {model.id} / {case.title}.")
        self._spoil(model, case, purchase.prompt)
        status, answer = purchase.post(case.headers)
        assert status in {200, 202, 400, 502}, (status, answer)
        return purchase.outcome(status, purchase.end(answer["job_id"]))

    def purchase(self, model: Model, prompt: str) -> "Purchase":
        """A fresh workspace with credits and a picture, about to buy."""
        tenant = call("POST", f"{self.stack.aws_endpoint}/_local/workspaces", {"credits": GRANT})[1]
        purchase = Purchase(self.stack, model, prompt, tenant)
        purchase.image_url = self._upload(purchase)
        return purchase

    def _upload(self, purchase: "Purchase") -> str:
        wanted = {
            "workspaceId": purchase.workspace_id,
            "fileName": "room.jpg",
            "contentType": "image/jpeg",
            "size": len(self.picture),
        }
        uploads = f"{self.stack.base_url}/api/uploads"
        made = call("POST", uploads, wanted, purchase.bearer)[1]
        target = made["upload"]
        assert call("PUT", target["url"], self.picture, target["headers"])[0] == 200
        return str(made["url"])

    def _spoil(self, model: Model, case: Case, prompt: str) -> None:
        fault = case.order(model)
        if fault is None:
            return
        body = {"provider": model.vendor, "match": {"prompt_contains": prompt}, **fault}
        status, answer = call("POST", f"{self.stack.providers_url}/_sim/faults", body)
        assert status == 201, answer


@dataclass
class Purchase:
    """One user's video: asked for, watched, and counted afterwards."""

    stack: Stack
    model: Model
    prompt: str
    tenant: dict[str, str]
    image_url: str = ""

    @property
    def workspace_id(self) -> str:
        return self.tenant["workspace_id"]

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tenant['token']}"}

    @property
    def url(self) -> str:
        return f"{self.stack.base_url}{FUNCTIONS}/{self.model.endpoint}"

    def post(self, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        """The request for the video."""
        body = {
            "image_url": self.image_url,
            "prompt": self.prompt,
            "model": self.model.id,
            "aspect_ratio": "16:9",
            "workspace_id": self.workspace_id,
        }
        answer: tuple[int, Any] = call("POST", self.url, body, self.bearer | (headers or {}))
        return answer

    def end(self, job_id: str) -> dict[str, Any]:
        """The job once it has ended, as polling shows it."""

        def ended() -> dict[str, Any] | None:
            status, job = call("GET", f"{self.url}?job_id={job_id}", None, self.bearer)
            assert status == 200, job
            return job if job["status"] != "processing" else None

        return eventually(ended, PATIENCE_SECONDS, longest_pause=2)

    def outcome(self, status: int, end: dict[str, Any]) -> Outcome:
        """What the vendor accepted and what the ledger says now."""
        time.sleep(1)  # whatever would still be submitted or posted by mistake shows by now
        base, workspace = self.stack.base_url, f"?workspaceId={self.workspace_id}"
        account = call("GET", f"{base}/api/credits{workspace}", None, self.bearer)[1]
        ledger = call("GET", f"{base}/api/credits/ledger{workspace}", None, self.bearer)[1]
        return Outcome(
            first_status=status,
            end=end,
            accepted=self.accepted(),
            balance=account["balance"],
            entries=sum(entry["amount"] for entry in ledger["items"]),
            open_holds=len(account["holds"]),
        )

    def accepted(self) -> int:
        """How many tasks the vendors took for this prompt."""
        tasks = f"{self.stack.providers_url}/_sim/tasks?prompt_contains={quote(self.prompt)}"
        return len(call("GET", tasks)[1]["tasks"])
