"""What ended becomes events: once, in order, and whatever breaks on the way."""

from typing import Any

import pytest

from showreel.core import dynamo
from showreel.core.errors import Transient
from showreel.webhooks import queue
from tests.unit.webhooks.world import World


def types(world: World) -> list[str]:
    world.drain()
    return [one.json["type"] for one in world.accepted]


@pytest.mark.parametrize("status", ["failed", "timed_out", "canceled"])
def test_a_run_that_ends_otherwise_has_failed_and_says_how(world: World, status: str) -> None:
    world.hook()
    world.publish(world.ended_run("run_1", status))
    assert types(world) == ["run.failed"]
    assert world.accepted[0].json["data"]["status"] == status


@pytest.mark.parametrize("status", ["failed", "canceled"])
def test_a_job_that_ends_otherwise_has_failed_and_says_how(world: World, status: str) -> None:
    world.hook()
    world.publish(world.ended_job("job-1", status=status))
    assert types(world) == ["job.failed"]
    data = world.accepted[0].json["data"]
    assert (data["status"], data["errorCode"]) == (status, "provider_upstream")


def test_an_export_is_published_as_a_run_and_as_an_export(world: World) -> None:
    world.hook()
    world.publish(world.ended_run("run_1", kind="cut"))
    world.publish(world.ended_run("run_2", "failed", kind="cut"))
    assert types(world) == ["run.completed", "export.completed", "run.failed"]
    run, export, _ = world.accepted
    assert run.json["data"] == export.json["data"]
    assert run.id != export.id


def test_an_endpoint_receives_the_events_it_subscribed_to(world: World) -> None:
    world.hook(("run.failed",), "https://a.example.com/")
    world.hook(("run.completed", "run.failed"), "https://b.example.com/")
    world.publish(
        world.ended_run("run_1"), world.ended_run("run_2", "failed"), world.ended_job("j")
    )
    world.drain()
    told = [(one.url, one.json["data"]["id"]) for one in world.accepted]
    assert sorted(told) == [
        ("https://a.example.com/", "run_2"),
        ("https://b.example.com/", "run_1"),
        ("https://b.example.com/", "run_2"),
    ]


def test_a_run_waits_for_its_jobs_whose_stream_is_late(world: World) -> None:
    world.hook()
    late = [world.ended_job(f"job-{number}", "run_1") for number in range(3)]
    world.ended_job("of-another", "run_2")
    world.clock.seconds += 5
    world.publish(world.ended_run("run_1"))
    world.publish(*late)
    assert types(world) == [*["job.completed"] * 3, "run.completed"]


def test_a_run_comes_after_a_job_that_another_clock_ended_later(world: World) -> None:
    world.hook()
    job = world.ended_job("job-1", "run_1", clock_is_ahead=0.2)
    world.publish(world.ended_run("run_1"))
    world.publish(job)
    assert types(world) == ["job.completed", "run.completed"]


def test_an_end_that_is_published_again_is_one_event(world: World) -> None:
    hook = world.hook()
    ended = world.ended_run("run_1")
    world.publish(ended, ended)
    world.pass_time(400)  # longer than SQS knows what it has seen
    world.publish(ended)
    assert types(world) == ["run.completed"]
    assert len(world.deliveries(hook)) == 1


def test_a_workspace_without_webhooks_costs_one_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []
    real: Any = dynamo._call
    ended = world.ended_run("run_1")

    def call(operation: str, **request: Any) -> Any:
        called.append(operation)
        return real(operation, **request)

    monkeypatch.setattr(dynamo, "_call", call)
    assert not world.publish(ended)
    assert called == ["query"]


def test_a_batch_is_given_again_from_the_end_that_could_not_be_published(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the process died between a delivery's row and its message."""
    hook = world.hook()
    put, broken = queue.put, [True]

    def fail_once(workspace_id: str, delivery: Any) -> None:
        if delivery.subject == "run_2" and broken:
            broken.clear()
            raise Transient("SQS is out")
        put(workspace_id, delivery)

    monkeypatch.setattr(queue, "put", fail_once)
    batch = [world.ended_run(f"run_{number}") for number in (1, 2, 3)]
    assert world.publish(*batch) == ["1"]
    assert not world.publish(*batch[1:])
    assert types(world) == ["run.completed"] * 3
    assert len(world.deliveries(hook)) == 3


def test_a_row_that_cant_be_read_is_left_to_an_operator_and_holds_nothing_back(
    world: World,
) -> None:
    world.hook()
    bad = world.ended_run("run_bad") | {"credits": {"S": "many"}}
    assert not world.publish(bad, world.ended_run("run_2"))
    assert types(world) == ["run.completed"]
    (left,) = world.failed_events()
    assert left["key"]["pk"] == {"S": "run_bad"}
    assert left["code"] == "ValidationError"
