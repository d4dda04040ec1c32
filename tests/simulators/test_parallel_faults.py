"""Every vendor's every fault at once on one set of simulators, each meant for one prompt."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.simulators.conftest import API_KEY, REPLICATE_TOKEN, Customer, signed_token
from tests.simulators.films import decoded
from tests.simulators.google.customer import OMNI, VEO, GoogleCustomer
from tests.simulators.kling.tasks_customer import TasksCustomer
from tests.support.http import eventually

AT_ONCE = 16


@dataclass(frozen=True)
class Case:
    """A fault, whether the vendor takes the task all the same, and how that ends."""

    operation: str
    fault: str
    is_accepted: bool = True
    state: str = "succeeded"
    more: dict[str, Any] = field(default_factory=dict)


REFUSED = ("rate_limited", "server_error", "content_policy", "model_gone", "quota")
CASES = {
    **{fault: Case("submit", fault, is_accepted=False) for fault in REFUSED},
    "come_back": Case("submit", "rate_limited", is_accepted=False, more={"retry_after": 3}),
    "drop_reply": Case("submit", "drop_reply"),
    "hang": Case("submit", "hang", more={"delay_seconds": 0.2}),
    "failed": Case("submit", "failed", state="failed"),
    "refused_later": Case("poll", "content_policy", state="failed"),
    "never_done": Case("poll", "hang", state="running"),
    "late_success": Case("submit", "late_success", more={"delay_seconds": 1}),
    "corrupt": Case("result", "corrupt"),
}
WEBHOOKS = {
    fault: Case("webhook", fault, more={"delay_seconds": 0.1})
    for fault in ("webhook_lost", "webhook_doubled", "webhook_forged", "webhook_late")
}
TOLD = {
    "webhook_lost": [],
    "webhook_doubled": [False, False],
    "webhook_forged": [False, True],
    "webhook_late": [False],
}
"""The final messages about a task: whether each was forged."""


def kling(customer: Customer, prompt: str, hook: str) -> httpx.Response:
    answer = customer.call(
        "POST",
        "image2video",
        signed_token(),
        json=customer.order(prompt=prompt, callback_url=hook),
    )
    assert isinstance(answer, httpx.Response)
    return answer


def kling_tasks(customer: Customer, prompt: str, hook: str) -> httpx.Response:
    order = TasksCustomer(customer).order(prompt=prompt, options={"callback_url": hook})
    headers = {"Authorization": f"Bearer {API_KEY}"}
    return customer.client.post("/kling/image-to-video/kling-2.6", json=order, headers=headers)


def replicate(customer: Customer, prompt: str, hook: str) -> httpx.Response:
    order = {
        "input": {"prompt": prompt, "image": customer.picture_url, "duration": 5},
        "webhook": hook,
        "webhook_events_filter": ["completed"],
    }
    url = "/replicate/v1/models/runwayml/gen4-turbo/predictions"
    headers = {"Authorization": f"Bearer {REPLICATE_TOKEN}"}
    return customer.client.post(url, json=order, headers=headers)


def veo(customer: Customer, prompt: str, _: str) -> httpx.Response:
    google = GoogleCustomer(customer)
    body = {
        "instances": [{"prompt": prompt, "image": google.picture()}],
        "parameters": {"durationSeconds": 5},
    }
    return google.call("POST", f"v1beta/models/{VEO}:predictLongRunning", json=body)


def omni(customer: Customer, prompt: str, _: str) -> httpx.Response:
    google = GoogleCustomer(customer)
    content = [{"type": "text", "text": prompt}, google.image()]
    video = {"type": "video", "duration": "5s", "delivery": "uri"}
    body = {
        "model": OMNI,
        "background": True,
        "input": [{"type": "user_input", "content": content}],
        "response_format": video,
    }
    return google.call("POST", "v1beta/interactions", json=body)


FORMS: dict[str, tuple[str, Any]] = {
    "kling": ("kling", kling),
    "kling-tasks": ("kling", kling_tasks),
    "replicate": ("replicate", replicate),
    "veo": ("google", veo),
    "omni": ("google", omni),
}


def prompt_of(form: str, case: str) -> str:
    return f"slow zoom in <{form}: {case}>"


@dataclass
class Market:
    """All cells, bought at the same time."""

    customer: Customer
    hook: str

    def cells(self) -> list[tuple[str, str, Case]]:
        found = [(form, name, case) for form in FORMS for name, case in CASES.items()]
        hooked = [form for form in FORMS if FORMS[form][0] != "google"]
        return found + [(form, name, case) for form in hooked for name, case in WEBHOOKS.items()]

    def spoil(self, form: str, name: str, case: Case) -> None:
        order = {
            "provider": FORMS[form][0],
            "operation": case.operation,
            "fault": case.fault,
            "match": {"prompt_contains": prompt_of(form, name)},
            **case.more,
        }
        assert self.customer.client.post("/_sim/faults", json=order).status_code == 201

    def buy(self, form: str, name: str) -> int | None:
        """The status of the answer, None if none came."""
        try:
            answer = FORMS[form][1](self.customer, prompt_of(form, name), self.hook)
        except httpx.RemoteProtocolError:
            return None
        return int(answer.status_code)

    def seen(self, path: str, form: str, name: str) -> list[dict[str, Any]]:
        query = {"prompt_contains": prompt_of(form, name), "operation": "submit"}
        listed = self.customer.client.get(f"/_sim/{path}", params=query).json()
        found: list[dict[str, Any]] = listed[path]
        return found


@pytest.fixture
def market(customer: Customer) -> Market:
    customer.settings(gone_models=[])
    return Market(customer, f"{customer.pictures.base_url}/hook")


def test_each_prompt_suffers_its_own_fault_and_no_other(market: Market) -> None:
    cells = market.cells()
    for cell in cells:
        market.spoil(*cell)
    with ThreadPoolExecutor(AT_ONCE) as buyers:
        statuses = list(buyers.map(lambda cell: market.buy(cell[0], cell[1]), cells))
    for cell, status in zip(cells, statuses, strict=True):
        _check_order(market, *cell, status)
    taken = [cell for cell in cells if _is_taken(cell[0], cell[2])]
    for form, name, case in taken:
        _check_end(market, form, case, _ended(market, form, name, case))
    faults = market.customer.client.get("/_sim/faults").json()["faults"]
    assert [fault for fault in faults if fault["remaining"]] == []


def _is_taken(form: str, case: Case) -> bool:
    """Replicate tells a refused prompt only as a failure of the task."""
    return case.is_accepted or (form, case.fault) == ("replicate", "content_policy")


def _check_order(market: Market, form: str, name: str, case: Case, status: int | None) -> None:
    assert len(market.seen("requests", form, name)) == 1, (form, name)
    assert len(market.seen("tasks", form, name)) == _is_taken(form, case), (form, name)
    if case.operation == "submit" and case.fault in ("drop_reply", "hang"):
        assert status is None, (form, name)
    else:
        assert status is not None, (form, name)
        assert (status < 300) == _is_taken(form, case), (form, name)


def _ended(market: Market, form: str, name: str, case: Case) -> dict[str, Any]:
    """The task as soon as it is in the state that its fault leads to."""
    state = case.state if case.is_accepted else "failed"

    def look() -> dict[str, Any] | None:
        (task,) = market.seen("tasks", form, name)
        return task if task["state"] == state else None

    found: dict[str, Any] = eventually(look)
    return found


def _check_end(market: Market, form: str, case: Case, task: dict[str, Any]) -> None:
    if case.fault == "late_success":
        assert task["finished_ms"] - task["submitted_ms"] >= 1000, form
    elif case.fault in ("drop_reply", "corrupt"):
        video = market.customer.client.get(task["result_url"]).content
        assert bool(decoded(video).frames) == (case.fault == "drop_reply"), form
    elif case.operation == "webhook":
        eventually(lambda: _finals(market, task) == TOLD[case.fault])


def _finals(market: Market, task: dict[str, Any]) -> list[bool]:
    """For each final message about the task, whether it was forged."""
    sent = market.customer.client.get("/_sim/webhooks").json()["webhooks"]
    ours = (each for each in sent if each["task_id"] == task["task_id"])
    return sorted(each["forged"] for each in ours if each["status"] == "succeeded")
