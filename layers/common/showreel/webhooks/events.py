"""Turns the end of a run or job into messages for the endpoints that want it.

The end is one conditional write of the row, which DynamoDB's stream has for 24 hours. So no end is
without its events, and code that ends a run or job does nothing for them. A batch that fails is
repeated from the record that failed; every part may be repeated: the same end gives events with
the same ids.
https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
"""

from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from pydantic import Field

from showreel.core.attributes import decode_item
from showreel.core.errors import NotFound
from showreel.core.ids import derived_id
from showreel.core.models import FrozenModel
from showreel.core.observability import about, logger
from showreel.webhooks import queue
from showreel.webhooks.bodies import event_of
from showreel.webhooks.models import Endpoint, WebhookEvent
from showreel.webhooks.store import webhooks

if TYPE_CHECKING:  # most workspaces have no endpoint and need none of these
    from showreel.generation.models import Job
    from showreel.runs.lifecycle import Lifecycle
    from showreel.runs.models import Run

EXPORT = "cut"
"""The kind of run of exports of a timeline."""


class StreamChange(FrozenModel):
    """A write in a stream: the row as it is after it, and its place in the stream."""

    new_image: Mapping[str, Any] = Field(alias="NewImage")
    sequence_number: str = Field(alias="SequenceNumber")


class StreamRecord(FrozenModel):
    """One write of a table; the source's filter lets only ends of runs and jobs through."""

    change: StreamChange = Field(alias="dynamodb")
    source: str = Field(alias="eventSourceARN")


class StreamEvent(FrozenModel):
    """Lambda's event with records of a stream."""

    records: Sequence[StreamRecord] = Field(alias="Records")


def publish_all(on: "Lifecycle", event: StreamEvent) -> dict[str, Any]:
    """Queues the events of every end; returns the record from which on to repeat, if any.

    A row that can't be read would block all that follow, so it is left to an operator.
    """
    for record in event.records:
        try:
            _publish_or_give_up(on, record)
        except Exception as error:  # noqa: BLE001 - the stream repeats it; an alarm fires if it is late
            logger().exception("an end is not published", code=code_of(error))
            return {"batchItemFailures": [{"itemIdentifier": record.change.sequence_number}]}
    return {"batchItemFailures": []}


def _publish_or_give_up(on: "Lifecycle", record: StreamRecord) -> None:
    try:
        publish(on, decode_item(record.change.new_image))
    except (ValueError, LookupError, TypeError, NotFound) as error:
        logger().exception("an end can't be published", code=code_of(error))
        key = {name: record.change.new_image.get(name) for name in ("pk", "sk")}
        queue.give_up({"source": record.source, "key": key, "code": code_of(error)})


def code_of(error: Exception) -> str:
    """Returns an error's code for a log line, else its class."""
    return str(getattr(error, "code", type(error).__name__))


def publish(on: "Lifecycle", row: Mapping[str, Any]) -> None:
    """Queues the events of one end for each endpoint that wants them. A workspace without endpoints
    costs one read.
    """
    about(workspace_id=row["workspace_id"])
    endpoints = webhooks().all(row["workspace_id"])
    if not any(endpoint.status == "enabled" for endpoint in endpoints):
        return
    for event in _events(on, row, endpoints):
        _put(event, [endpoint for endpoint in endpoints if endpoint.wants(event.type)])


def _put(event: WebhookEvent, endpoints: Sequence[Endpoint]) -> None:
    if endpoints:
        webhooks().keep_body(event)
    for endpoint in endpoints:
        queue.put(endpoint.workspace_id, webhooks().record(event, endpoint))


def _events(
    on: "Lifecycle", row: Mapping[str, Any], endpoints: Sequence[Endpoint]
) -> Iterator[WebhookEvent]:
    from showreel.generation.models import Job
    from showreel.runs.models import Run

    if row["sk"] == "job":
        yield _of_job(Job.model_validate(row))
        return
    run = Run.model_validate(row)
    if any(endpoint.wants_order for endpoint in endpoints):
        yield from map(_of_job, _jobs_before(run))
    yield from _of_run(on, run)


def _of_job(job: "Job") -> WebhookEvent:
    from showreel.generation.views import view

    kind = "job.completed" if job.status == "completed" else "job.failed"
    return _event(kind, job.job_id, job.run_id or job.job_id, job.finished_at, view(job))


def _of_run(on: "Lifecycle", run: "Run") -> Iterator[WebhookEvent]:
    view = on.kind(run).view(run)
    kind = "run.completed" if run.status == "completed" else "run.failed"
    yield _event(kind, run.id, run.id, run.finished_at, view)
    if run.kind == EXPORT and run.status == "completed":
        yield _event("export.completed", run.id, run.id, run.finished_at, view)


def _event(kind: str, about_id: str, subject: str, at: str | None, data: Any) -> WebhookEvent:
    return event_of(f"evt_{derived_id(kind, about_id)}", kind, subject, str(at), data)


def _jobs_before(run: "Run") -> Sequence["Job"]:
    """Returns the run's jobs that have ended. They are in the stream of jobs too, but perhaps
    later; queueing them here keeps them before the run's end. Duplicates aren't sent. Times aren't
    compared with the run's: two processes wrote them, each by its own clock.
    """
    from showreel.generation.engine import jobs

    ended = [job for job in jobs().of_run(run) if job.finished_at]
    return sorted(ended, key=attrgetter("finished_at"))
