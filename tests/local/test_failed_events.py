"""What Lambda gives up is sent to the queue that the template names."""

import json
import uuid
from typing import Any

from local.stack import Stack
from tests.support.http import eventually


def given_up(stack: Stack) -> list[dict[str, Any]]:
    sqs = stack.clients.make("sqs")
    url = sqs.create_queue(QueueName=stack.names.name("Failed"))["QueueUrl"]
    answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [json.loads(message["Body"]) for message in answer.get("Messages", [])]


def test_an_invocation_that_keeps_failing_is_kept_with_its_event_and_its_error(
    small: Stack,
) -> None:
    event = {"key": str(uuid.uuid4()), "fail": 9}
    client = small.clients.make("lambda")
    client.invoke(
        FunctionName=small.names.name("TaskFunction"),
        InvocationType="Event",
        Payload=json.dumps(event).encode(),
    )
    kept = eventually(lambda: [one for one in given_up(small) if one["requestPayload"] == event])
    assert kept[0]["requestContext"]["condition"] == "RetriesExhausted"
    assert kept[0]["requestContext"]["approximateInvokeCount"] == 3
    assert kept[0]["responseContext"]["functionError"] == "Unhandled"
    assert kept[0]["responsePayload"]["errorMessage"] == "not yet"
