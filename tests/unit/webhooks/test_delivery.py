"""Events reach their receivers: signed, in order, however long a receiver is out, within a day."""

import base64
from collections import defaultdict
from typing import Any

import pytest

from showreel.core.dynamo import Table
from showreel.webhooks import service
from showreel.webhooks.client import SendResult
from showreel.webhooks.schemas import WebhookChange
from showreel.webhooks.store import Webhooks
from tests.unit.webhooks.world import DAY, HOUR, OWNER, Arrival, Killed, World, verified

DOWN = SendResult(error="connection_failed")
OK = SendResult(204)


def make_run(world: World, run_id: str, jobs: int = 3) -> None:
    """A run whose jobs end one after the other, and then itself."""
    for number in range(jobs):
        world.clock.seconds += 1
        assert not world.publish(world.ended_job(f"{run_id}-{number}", run_id))
        world.drain()
    world.clock.seconds += 1
    assert not world.publish(world.ended_run(run_id))
    world.drain()


def test_a_receiver_that_is_down_for_two_hours_gets_every_event_in_order(world: World) -> None:
    hook = world.hook()
    world.answer = lambda _: DOWN
    for number in range(4):
        make_run(world, f"run_{number}")
        world.pass_time(600)
    world.pass_time(2 * HOUR - 2400)
    assert not world.accepted
    world.answer = lambda _: OK
    world.pass_time(2.2 * HOUR)
    told = defaultdict(list)
    for arrival in world.accepted:
        body = verified(arrival, world.secrets[hook])
        told[body["data"]["runId"] if "runId" in body["data"] else body["data"]["id"]].append(
            (body["type"], body["data"]["id"])
        )
    assert told == {
        f"run_{number}": [
            *(("job.completed", f"run_{number}-{job}") for job in range(3)),
            ("run.completed", f"run_{number}"),
        ]
        for number in range(4)
    }
    assert world.waiting() == 0
    assert {one.status for one in world.deliveries(hook)} == {"delivered"}
    assert world.view(hook).failing_since is None


def test_while_a_receiver_is_down_few_requests_go_there(world: World) -> None:
    world.hook(("job.completed",))
    world.answer = lambda _: DOWN
    for number in range(12):
        world.publish(world.ended_job(f"job-{number}"))
    world.pass_time(2 * HOUR)
    assert len(world.arrivals) < 40  # each alone would have been tried 8 times, which is 96
    world.answer = lambda _: OK
    world.pass_time(2.2 * HOUR)
    assert len(world.accepted) == 12


def test_a_request_is_of_the_standard_and_each_attempt_is_the_same_event(world: World) -> None:
    hook = world.hook()
    answers = [SendResult(500), SendResult(302), OK]
    world.answer = lambda _: answers.pop(0)
    world.publish(world.ended_run("run_1"))
    world.pass_time(60)
    first, second, third = world.arrivals
    assert {one.id for one in world.arrivals} == {first.id}
    assert {one.body for one in world.arrivals} == {first.body}
    assert first.headers["webhook-timestamp"] < third.headers["webhook-timestamp"]
    body = verified(third, world.secrets[hook])
    assert set(body) == {"type", "timestamp", "data"}
    assert body["data"]["status"] == "completed"
    assert body["data"]["output"]["finalVideoUrl"]
    (told,) = world.deliveries(hook)
    assert (told.id, told.status, told.attempts, told.response_status) == (
        first.id,
        "delivered",
        3,
        204,
    )
    assert 4 <= second.at - first.at <= 7
    assert 11 <= third.at - second.at <= 19


def test_a_secret_decodes_to_32_bytes_and_no_table_has_it(world: World) -> None:
    hook = world.hook()
    secret = world.secrets[hook]
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    stored = str(Table("webhooks").get("workspace#w", f"endpoint#{hook}"))
    assert secret.removeprefix("whsec_") not in stored
    assert "secret" not in service.read(OWNER, "w", hook).model_dump()


def test_for_a_day_after_its_rotation_both_secrets_verify(world: World) -> None:
    hook = world.hook()
    old, new = world.secrets[hook], service.rotate_secret(OWNER, "w", hook).secret
    assert old != new
    world.publish(world.ended_run("run_1"))
    world.pass_time(DAY + 1)
    world.publish(world.ended_run("run_2"))
    world.drain()
    during, after = world.accepted
    assert len(during.headers["webhook-signature"].split()) == 2
    assert verified(during, old) == verified(during, new)
    assert verified(after, new)["data"]["id"] == "run_2"
    with pytest.raises(Exception, match="No matching signature"):
        verified(after, old)


def test_410_disables_and_nothing_more_is_sent(world: World) -> None:
    hook = world.hook()
    world.answer = lambda _: SendResult(410)
    make_run(world, "run_1")
    world.pass_time(HOUR)
    assert len(world.arrivals) == 1
    view = world.view(hook)
    assert (view.status, view.disabled_reason) == ("disabled", "gone")
    assert world.waiting() == 0


@pytest.mark.parametrize("status", [429, 503])
def test_the_pause_that_a_receiver_asks_for_is_kept(world: World, status: int) -> None:
    world.hook()
    answers = [SendResult(status, "bad_status", 3000)]
    world.answer = lambda _: answers.pop() if answers else OK
    world.publish(world.ended_job("job-1"))
    world.pass_time(10)
    world.publish(world.ended_job("job-2"))  # another subject: it waits for the endpoint as well
    world.pass_time(2900)
    assert len(world.arrivals) == 1
    world.pass_time(500)
    assert len(world.accepted) == 2


def test_after_a_day_an_event_is_given_up_and_a_dead_endpoint_disabled(world: World) -> None:
    hook = world.hook(("job.completed",))
    world.answer = lambda _: DOWN
    world.publish(world.ended_job("job-1"))
    world.pass_time(DAY - HOUR)
    assert world.view(hook).status == "enabled"
    world.pass_time(2 * HOUR)
    (told,) = world.deliveries(hook)
    assert (told.status, told.error) == ("failed", "connection_failed")
    assert 20 < told.attempts < 40
    assert (world.view(hook).status, world.view(hook).disabled_reason) == ("disabled", "failing")
    world.answer = lambda _: OK
    world.publish(world.ended_job("job-2"))
    world.pass_time(HOUR)
    assert not world.accepted
    service.change(OWNER, "w", hook, WebhookChange.model_validate({"status": "enabled"}))
    world.publish(world.ended_job("job-3"))
    world.drain()
    assert [one.json["data"]["id"] for one in world.accepted] == ["job-3"]
    assert world.view(hook).disabled_reason is None


def test_one_event_that_its_receiver_never_takes_disables_nothing(world: World) -> None:
    hook = world.hook(("job.completed",))

    def answer(arrival: Arrival) -> SendResult:
        return SendResult(500) if arrival.json["data"]["id"] == "job-bad" else OK

    world.answer = answer
    world.publish(world.ended_job("job-bad"))
    for number in range(26):
        world.pass_time(HOUR)
        world.publish(world.ended_job(f"job-{number}"))
    world.drain()
    assert len(world.accepted) == 26
    statuses = {one.status for one in world.deliveries(hook)}
    assert statuses == {"failed", "delivered"}
    assert world.view(hook).status == "enabled"


def test_what_waits_for_a_disabled_or_removed_endpoint_is_dropped(world: World) -> None:
    disabled, removed = world.hook(), world.hook()
    world.answer = lambda _: DOWN
    world.publish(world.ended_run("run_1"))
    world.drain()
    service.change(OWNER, "w", disabled, WebhookChange.model_validate({"status": "disabled"}))
    service.remove(OWNER, "w", removed)
    before = len(world.arrivals)
    world.pass_time(HOUR)
    assert len(world.arrivals) == before
    assert world.waiting() == 0
    (told,) = world.deliveries(disabled)
    assert (told.status, told.error) == ("dropped", "webhook_disabled")


def test_a_test_is_sent_once_whatever_else_waits(world: World) -> None:
    hook = world.hook(("run.failed",))
    world.answer = lambda _: DOWN
    for number in range(5):
        world.publish(world.ended_run(f"run_{number}", "failed"))
    world.drain()
    sent = service.test(OWNER, "w", hook)
    world.drain()
    assert world.arrivals[-1].json["type"] == "webhook.test"
    (told,) = [one for one in world.deliveries(hook) if one.type == "webhook.test"]
    assert (told.id, told.status, told.attempts) == (sent.id, "failed", 1)


def test_killed_between_the_answer_and_its_note_the_same_event_comes_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = world.hook()
    noted: Any = Webhooks.note_attempt
    kills = [Killed()]

    def note(*arguments: Any) -> None:
        if kills:
            raise kills.pop()
        noted(*arguments)

    monkeypatch.setattr(Webhooks, "note_attempt", note)
    make_run(world, "run_1", jobs=1)
    assert [one.json["type"] for one in world.arrivals] == ["job.completed"]
    world.pass_time(200)
    assert [one.json["type"] for one in world.arrivals] == [
        "job.completed",
        "job.completed",
        "run.completed",
    ]
    assert world.arrivals[0].id == world.arrivals[1].id
    assert {one.status for one in world.deliveries(hook)} == {"delivered"}
