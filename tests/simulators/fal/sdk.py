"""Goes through fal's queue with the vendor's own client.

Run in a process of its own, because the client reads its hosts when it is imported and speaks only
to https: orders come on standard input as lines of JSON, what came of each goes to standard output.
"""

import json
import sys
from typing import Any

import fal_client
from fal_client.client import FalClientHTTPError


def main() -> None:
    for line in sys.stdin:
        print(json.dumps(_outcome(json.loads(line))), flush=True)  # noqa: T201  # to the test


def _outcome(order: dict[str, Any]) -> dict[str, Any]:
    client = fal_client.SyncClient(key=order["key"])
    try:
        handle = client.submit(order["model"], order["arguments"], webhook_url=order.get("hook"))
        first = _fields(handle.status())
        if order.get("cancel"):
            handle.cancel()
        seen = [_fields(status) for status in handle.iter_events(with_logs=True, interval=0.02)]
        again = client.status(order["model"], handle.request_id, with_logs=True)
        said = {"first": first, "seen": seen, "again": _fields(again)}
    except FalClientHTTPError as error:
        return _failed(error)
    try:
        return {**said, "result": client.result(order["model"], handle.request_id)}
    except FalClientHTTPError as error:
        return {**said, **_failed(error)}


def _failed(error: FalClientHTTPError) -> dict[str, Any]:
    return {"status": error.status_code, "type": error.error_type, "body": error.response.json()}


def _fields(status: fal_client.Status) -> dict[str, Any]:
    return {"name": type(status).__name__, **vars(status)}


if __name__ == "__main__":
    main()
