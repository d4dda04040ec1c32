"""Processes killed at the worst moments, by the stack's own faults at AWS and vendor calls."""

from typing import Any

import pytest

from local.stack import Stack
from tests.support.http import call, eventually
from tests.support.samples import first
from tests.videos.faults import NO_WAIT, ONE_OF_EACH_VENDOR, Market, Model, Purchase

KEY = {"Idempotency-Key": "render-7"}
OMNI, KLING, WAN = ONE_OF_EACH_VENDOR
EACH = pytest.mark.parametrize(
    "model", first(2, ONE_OF_EACH_VENDOR), ids=lambda model: model.vendor
)


@pytest.fixture(autouse=True)
def _unbroken(market: Market):
    yield
    call("DELETE", f"{market.stack.aws_endpoint}/_local/faults")


def kill(stack: Stack, **fault: Any) -> None:
    status, answer = call(
        "POST", f"{stack.aws_endpoint}/_local/faults", {"action": "kill", **fault}
    )
    assert status < 300, answer


def fired(stack: Stack) -> int:
    listed = call("GET", f"{stack.aws_endpoint}/_local/faults")[1]
    return sum(fault["fired"] for fault in listed["faults"])


def only_job(purchase: Purchase) -> str:
    url = f"{purchase.stack.base_url}/api/jobs?workspaceId={purchase.workspace_id}"
    jobs = call("GET", url, None, purchase.bearer)[1]["items"]
    assert len(jobs) == 1
    return str(jobs[0]["id"])


def delivered(purchase: Purchase, job_id: str) -> None:
    """Completed, submitted once, paid once, and the video is there."""
    end = purchase.end(job_id)
    outcome = purchase.outcome(202, end)
    assert end["status"] == "completed", end
    assert outcome.accepted == 1
    assert outcome.credits_moved == end["credits_used"] > 0
    assert (outcome.balance, outcome.open_holds) == (outcome.entries, 0)
    assert call("GET", end["video_url"])[0] == 302


def before_execution(model: Model) -> dict[str, Any]:
    function = model.endpoint.replace("-", "_")
    return {"service": "states", "operation": "StartExecution", "function": function}


def test_killed_between_debit_and_submit_the_repeated_request_finds_its_job(market: Market):
    purchase = market.purchase(WAN, "killed before its execution, then asked for again")
    kill(market.stack, **before_execution(WAN))
    assert purchase.post(KEY)[0] >= 500
    assert fired(market.stack) == 1
    job_id = only_job(purchase)
    status, answer = eventually(lambda: free(purchase.post(KEY | NO_WAIT)))
    assert (status, answer["job_id"]) == (202, job_id)
    delivered(purchase, job_id)


def free(answer: tuple[int, Any]) -> tuple[int, Any] | None:
    """A killed request's key is taken to be in flight for some seconds."""
    return None if answer[1].get("code") == "idempotency_in_flight" else answer


@pytest.mark.deep
def test_killed_between_debit_and_submit_the_clock_finds_the_job(market: Market):
    purchase = market.purchase(KLING, "killed before its execution, never asked for again")
    kill(market.stack, **before_execution(KLING))
    assert purchase.post()[0] >= 500
    job_id = only_job(purchase)
    make_due(market.stack, job_id)
    market.stack.invoke("every_minute", {})
    delivered(purchase, job_id)


def make_due(stack: Stack, job_id: str) -> None:
    stack.clients.dynamodb.update_item(
        TableName=stack.variable("JOBS_TABLE"),
        Key={"pk": {"S": f"job#{job_id}"}, "sk": {"S": "job"}},
        UpdateExpression="SET due_at = :past",
        ExpressionAttributeValues={":past": {"N": "1"}},
    )


@EACH
def test_killed_between_submit_and_saving_the_provider_s_id(market: Market, model: Model):
    """Found again where the vendor can be asked; else ended at no cost, and never sent again."""
    purchase = market.purchase(model, f"killed with the vendor's answer in hand: {model.id}")
    point = {"service": "provider", "operation": "submit", "when": "after"}
    kill(market.stack, **point, function="generation_submit")
    _, answer = purchase.post(NO_WAIT)
    if model is not OMNI:
        delivered(purchase, answer["job_id"])
    else:
        outcome = purchase.outcome(202, purchase.end(answer["job_id"]))
        assert outcome.end["code"] == "submit_unknown"
        assert (outcome.accepted, outcome.credits_moved, outcome.open_holds) == (1, 0, 0)
    assert fired(market.stack) == 1


def test_a_dead_execution_is_replaced_and_the_render_is_fetched(market: Market):
    """Accepted by the vendor; then everything of ours that knew of it is gone."""
    purchase = market.purchase(KLING, "its execution is stopped from outside")
    order = {"provider": "kling", "operation": "submit", "fault": "slow", "delay_seconds": 3}
    match = {"prompt_contains": purchase.prompt}
    call("POST", f"{market.stack.providers_url}/_sim/faults", {**order, "match": match})
    job_id = purchase.post(NO_WAIT)[1]["job_id"]
    eventually(lambda: purchase.accepted() or None)
    machine = market.stack.template.lookup("GenerationStateMachine", "Arn")
    execution = machine.replace(":stateMachine:", ":execution:") + f":{job_id}"
    market.stack.clients.stepfunctions.stop_execution(executionArn=execution)
    delivered(purchase, job_id)
