"""Event source mappings: Lambda reads a stream or a queue and invokes a function.

A stream is read by one reader, in order; a batch that fails is given again from the record that
failed, until it is too old. A queue is read by as many as its mapping says; what a function
doesn't return as failed is deleted, and the rest comes back when its time-out is over.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
"""

import json
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from moto.sqs.models import sqs_backends

from local import clock
from local.aws import queues, streams
from local.aws.permissions import Permissions, Use
from local.lambdas.functions import FunctionSpec
from local.lambdas.invocation import Outcome, Throttled
from local.template import Template

POLL_STREAM = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
POLL_QUEUE = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
READERS = 2
"""Of a queue whose mapping names no number."""
PAUSE_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Before a stream's batch is given again; by the stack's time."""
Locks = Callable[[str], AbstractContextManager[Any]]
Invoke = Callable[[str, bytes], Outcome]


@dataclass(frozen=True)
class SourceMapping:
    """One mapping of the template."""

    function: str
    source: str
    batch_size: int
    readers: int
    filters: tuple[Mapping[str, Any], ...]
    oldest_seconds: float
    on_failure: str


def mappings(template: Template) -> list[SourceMapping]:
    """Returns all mappings."""
    return [_mapping(one) for one in template.of_type("AWS::Lambda::EventSourceMapping").values()]


def _mapping(properties: Mapping[str, Any]) -> SourceMapping:
    criteria = properties.get("FilterCriteria", {}).get("Filters", [])
    oldest = float(properties.get("MaximumRecordAgeInSeconds", -1))
    target = properties.get("DestinationConfig", {}).get("OnFailure", {})
    return SourceMapping(
        function=properties["FunctionName"],
        source=properties["EventSourceArn"],
        batch_size=int(properties.get("BatchSize", 10)),
        readers=int(properties.get("ScalingConfig", {}).get("MaximumConcurrency", READERS)),
        filters=tuple(json.loads(one["Pattern"]) for one in criteria),
        oldest_seconds=oldest if oldest > 0 else float("inf"),
        on_failure=target.get("Destination", ""),
    )


class EventSources:
    """All mappings of a stack."""

    def __init__(self, account: str, region: str, invoke: Invoke, lock: Locks) -> None:
        self.account = account
        self.region = region
        self.invoke = invoke
        self.lock = lock
        self.given_up: Callable[[str, str], None] = _nowhere
        self._stopped = threading.Event()
        self._events: list[clock.Event] = []
        self._queues: list[str] = []
        self._pools: list[ThreadPoolExecutor] = []

    def start(
        self, template: Template, specs: Mapping[str, FunctionSpec], permissions: Permissions
    ) -> None:
        """Reads every source from now on. A role that doesn't allow it is reported as missing."""
        for mapping in mappings(template):
            spec = next(one for one in specs.values() if one.is_named_by(mapping.function))
            is_queue = ":sqs:" in mapping.source
            service, actions = ("sqs", POLL_QUEUE) if is_queue else ("dynamodb", POLL_STREAM)
            uses = [Use(spec.folder, f"{service}:{one}", mapping.source) for one in actions]
            verdicts = [permissions.allows(use) for use in uses]
            if not all(verdicts):
                continue
            begin = self._read_queue if is_queue else self._read_stream
            begin(mapping)

    def stop(self) -> None:
        """Reads nothing more."""
        self._stopped.set()
        for event in self._events:
            event.set()
        for pool in self._pools:
            pool.shutdown(wait=False, cancel_futures=True)
        streams.forget(self.account)
        for arn in self._queues:
            queues.forget(arn)

    def _read_stream(self, mapping: SourceMapping) -> None:
        listener = streams.Listener(mapping.source, self.region, mapping.filters)
        table = mapping.source.partition(":table/")[2].partition("/")[0]
        streams.listen(self.account, table, listener)
        self._events.append(listener.came)
        threading.Thread(target=self._follow, args=(mapping, listener), daemon=True).start()

    def _follow(self, mapping: SourceMapping, listener: streams.Listener) -> None:
        failures = 0
        while not self._stopped.is_set():
            listener.came.clear()
            with self.lock("dynamodb"):
                batch = list(listener.records)[: mapping.batch_size]
            if not batch:
                listener.came.wait(None)
                continue
            done = self._tried(mapping, batch)
            failures = 0 if done else failures + 1
            with self.lock("dynamodb"):
                for _ in range(done):
                    listener.records.popleft()
            if not done:
                clock.Event().wait(PAUSE_SECONDS[min(failures, len(PAUSE_SECONDS)) - 1])

    def _tried(self, mapping: SourceMapping, batch: list[dict[str, Any]]) -> int:
        """Returns how many records of a batch are done with."""
        failed = self._failed(mapping.function, batch)
        if failed is None:
            return len(batch)
        numbers = [one["dynamodb"]["SequenceNumber"] for one in batch]
        done = min((numbers.index(one) for one in failed if one in numbers), default=0)
        age = clock.time() - batch[done]["dynamodb"]["ApproximateCreationDateTime"]
        if done == 0 and age > mapping.oldest_seconds:
            details = {"DDBStreamBatchInfo": {"startSequenceNumber": numbers[0], "batchSize": 1}}
            self.given_up(mapping.on_failure, json.dumps(details))
            return 1
        return done

    def _failed(self, function: str, batch: list[dict[str, Any]]) -> list[str] | None:
        """Runs the function; returns what it says has failed (nothing named: all), None if
        nothing.
        """
        try:
            outcome = self.invoke(function, json.dumps({"Records": batch}).encode())
        except Throttled:
            return []
        if outcome.function_error is not None:
            return []
        answer = json.loads(outcome.payload or b"null") or {}
        failed = [str(one["itemIdentifier"]) for one in answer.get("batchItemFailures", [])]
        return failed or None

    def _read_queue(self, mapping: SourceMapping) -> None:
        changed = queues.wait_for(mapping.source)
        self._events.append(changed)
        self._queues.append(mapping.source)
        pool = ThreadPoolExecutor(mapping.readers, thread_name_prefix="queue")
        self._pools.append(pool)
        reading = (mapping, changed, pool)
        threading.Thread(target=self._receive, args=reading, daemon=True).start()

    def _receive(
        self, mapping: SourceMapping, changed: clock.Event, pool: ThreadPoolExecutor
    ) -> None:
        free = threading.BoundedSemaphore(mapping.readers)

        def handle(messages: list[Any]) -> None:
            try:
                self._handle(mapping, messages)
            finally:
                free.release()
                changed.set()

        while not self._stopped.is_set():
            changed.clear()
            free.acquire()
            messages, wait = self._next(mapping)
            if not messages:
                free.release()
                changed.wait(wait)
            elif not self._stopped.is_set():
                pool.submit(handle, messages)

    def _next(self, mapping: SourceMapping) -> tuple[list[Any], float | None]:
        """Returns messages, or after how many seconds there may be some (None: nobody knows)."""
        name = mapping.source.rpartition(":")[2]
        backend: Any = sqs_backends[self.account][self.region]
        with self.lock("sqs"):
            queue = backend.get_queue(name)
            found = backend.receive_message(
                name, mapping.batch_size, 0, queue.visibility_timeout, ["All"]
            )
            due = [one.visible_at / 1000 - clock.time() for one in queue._messages]  # noqa: SLF001  # moto's
        ahead = [seconds for seconds in due if seconds > 0]
        return found, min(ahead) + 0.01 if ahead else None

    def _handle(self, mapping: SourceMapping, messages: list[Any]) -> None:
        failed = self._failed(
            mapping.function, [_record(one, mapping, self.region) for one in messages]
        )
        name = mapping.source.rpartition(":")[2]
        backend: Any = sqs_backends[self.account][self.region]
        for message in messages:
            if failed is None or (failed and message.id not in failed):
                with self.lock("sqs"):
                    backend.delete_message(name, message.receipt_handle)


def _record(message: Any, mapping: SourceMapping, region: str) -> dict[str, Any]:
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": str(message.approximate_receive_count),
            "SentTimestamp": str(message.sent_timestamp),
            "SequenceNumber": str(message.sequence_number),
            "MessageGroupId": str(message.group_id),
            "SenderId": message.sender_id,
            "MessageDeduplicationId": str(message.deduplication_id),
            "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
        },
        "messageAttributes": {},
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": mapping.source,
        "awsRegion": region,
    }


def _nowhere(_: str, __: str) -> None:
    """Before there is a queue, what is given up is forgotten."""
