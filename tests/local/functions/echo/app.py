"""Does what its event says, and answers an API event with the event."""

import json
import os
import sys
import time
from typing import Any


def handler(event: dict[str, Any], context: Any) -> Any:
    if "httpMethod" in event:
        return answer_request(event)
    print("got", json.dumps(event))  # noqa: T201  # goes to the log
    time.sleep(event.get("sleep_seconds", 0))
    if "exit" in event:
        os._exit(event["exit"])
    if event.get("fail"):
        raise ValueError("asked to fail")
    if "large" in event:
        return "x" * event["large"]
    return {
        "event": event,
        "pid": os.getpid(),
        "environment": dict(os.environ),
        "stdin": sys.stdin.read(),
        "arn": context.invoked_function_arn,
        "left_ms": context.get_remaining_time_in_millis(),
    }


def answer_request(event: dict[str, Any]) -> Any:
    query = event["queryStringParameters"] or {}
    time.sleep(float(query.get("sleep", 0)))
    if "reply" in query:
        return json.loads(query["reply"])
    return {
        "statusCode": 200,
        "headers": {"X-One": 1},
        "multiValueHeaders": {"X-Many": ["a", "b"]},
        "body": json.dumps(event),
    }
