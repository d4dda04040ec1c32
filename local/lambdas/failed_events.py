"""Asynchronous invocations that Lambda gave up: their records go to the queue that is configured.

The record is Lambda's:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from local.lambdas.functions import FunctionSpec
from local.lambdas.invocation import Outcome

GivenUp = Callable[[FunctionSpec, bytes, Outcome | None, int], None]
"""Function, payload, how its last attempt ended (None: never begun), number of attempts."""


class FailedEvents:
    """Sends records to SQS. A queue is made when its first record comes."""

    def __init__(self, make_client: Callable[[str], Any]) -> None:
        self._make_client = make_client

    def keep(
        self, spec: FunctionSpec, payload: bytes, outcome: Outcome | None, attempts: int
    ) -> None:
        """Keeps the record of an invocation, if its function has a queue for them."""
        if spec.on_failure:
            sqs = self._make_client("sqs")
            queue = sqs.create_queue(QueueName=spec.on_failure.rpartition(":")[2])
            body = json.dumps(record(spec, payload, outcome, attempts))
            sqs.send_message(QueueUrl=queue["QueueUrl"], MessageBody=body)


def record(
    spec: FunctionSpec, payload: bytes, outcome: Outcome | None, attempts: int
) -> dict[str, Any]:
    """Returns what Lambda writes about an invocation that it gave up."""
    written: dict[str, Any] = {
        "version": "1.0",
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "requestContext": {
            "requestId": outcome.request_id if outcome else "",
            "functionArn": f"{spec.arn}:live",
            "condition": "RetriesExhausted" if outcome else "EventAgeExceeded",
            "approximateInvokeCount": attempts,
        },
        "requestPayload": json.loads(payload),
    }
    if outcome is not None:
        written["responseContext"] = {
            "statusCode": 200,
            "executedVersion": "1",
            "functionError": outcome.function_error,
        }
        written["responsePayload"] = json.loads(outcome.payload or b"null")
    return written
