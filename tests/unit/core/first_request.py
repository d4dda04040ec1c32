"""Functions' first requests, each in a fork that has loaded what many of them load.

Takes lines of JSON: `id`, `folder`, `environment`, `method` and `path`; prints one for each: `id`,
the status and what is loaded. AWS answers from here: a secret, a membership, an object, nothing
else. Requests of a function come one after another: its own modules are loaded once for them.
"""

import base64
import functools
import gc
import hashlib
import hmac
import importlib
import itertools
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

COMMON = (
    "showreel.edge.api",
    "showreel.edge.idempotency",
    "showreel.edge.limits",
    "showreel.edge.paging",
    "showreel.edge.queries",
    "showreel.edge.sse",
    "showreel.films.pipeline.service",
    "showreel.films.projects.access",
    "showreel.generation.service",
    "showreel.graphs.runs.service",
    "showreel.graphs.service",
    "showreel.identity",
    "showreel.orders.lifecycle",
    "showreel.orders.media",
    "showreel.runs.service",
    "showreel.singles",
    "showreel.storyboards.access",
    "showreel.storyboards.media",
)
"""Most of each process's time; what they bring along counts as loaded by every function."""
CLIENTS = ("dynamodb", "s3", "secretsmanager", "stepfunctions")
"""AWS clients that many functions make; what that loads counts, too."""
SECRET = "a-shared-secret-of-more-than-32-bytes"
MEMBER = {
    **{name: {"S": "w"} for name in ("id", "workspace_id", "workspace_name", "user_id")},
    "role": {"S": "owner"},
    "created_at": {"S": "2026-01-01"},
}
ARN = "arn:aws:lambda:eu-central-1:123456789012:function:showreel-function"


def aws_answer(_client: Any, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """What AWS would say."""
    if operation == "GetSecretValue":
        held = {"jwt_secret": SECRET, "service_token": "service", "run_token_key": "run"}
        return {"SecretString": json.dumps(held)}
    if operation == "HeadObject":
        about = {"LastModified": datetime.now(UTC), "Metadata": {}}
        return {"ContentLength": 1, "ETag": "1", **about}
    is_member = operation == "GetItem" and request["TableName"] == os.environ["IDENTITY_TABLE"]
    return {"Item": MEMBER} if is_member else {"Items": []}


def token() -> str:
    """A user's, made without PyJWT: what is loaded is what the function loads."""

    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    claims = {"sub": "user", "exp": 4_000_000_000}
    claims |= {"iss": os.environ["JWT_ISSUER"], "aud": os.environ["JWT_AUDIENCE"]}
    text = ".".join(part(json.dumps(each).encode()) for each in ({"alg": "HS256"}, claims))
    return f"{text}.{part(hmac.digest(SECRET.encode(), text.encode(), hashlib.sha256))}"


def event(path: str, method: str) -> dict[str, Any]:
    """A request as API Gateway sends it."""
    headers = {"Authorization": f"Bearer {token()}", "Content-Type": "application/json"}
    query = {"workspaceId": "w", "job_id": "8f14e45f-ceea-467f-9575-25a5e3d4c9a1"}
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()},
        "requestContext": {"requestId": "1", "stage": "dev", "domainName": "d", "path": path},
        "body": None if method == "GET" else "{}",
        "isBase64Encoded": False,
    }


def first_request(path: str, method: str) -> dict[str, Any]:
    """Has the function that is loaded answer; returns its status and what is loaded."""
    context = SimpleNamespace(
        invoked_function_arn=ARN,
        aws_request_id="1",
        function_name="function",
        memory_limit_in_mb="128",
        get_remaining_time_in_millis=lambda: 60_000,
    )
    answer = importlib.import_module("app").handler(event(path, method), context)
    status = answer["statusCode"] if isinstance(answer, dict) else answer.status
    return {"answer": status, "loaded": sorted(sys.modules)}


def in_a_fork(work: Callable[[], None]) -> None:
    """Does something in a process that begins with all that this one has loaded."""
    if pid := os.fork():
        _, status = os.waitpid(pid, 0)
        assert status == 0
        return
    work()
    os._exit(0)


def answer_all(requests: list[dict[str, Any]]) -> None:
    """Loads the function of these requests and prints what has been loaded after each of them."""
    os.environ.clear()
    os.environ.update(requests[0]["environment"])
    os.chdir(requests[0]["folder"])
    sys.path[:0] = [str(Path.cwd()), *requests[0]["layers"]]
    importlib.import_module("app")
    for request in requests:
        in_a_fork(functools.partial(report, request))


def report(request: dict[str, Any]) -> None:
    """Prints a line about one request."""
    about = first_request(request["path"], request["method"])
    with open(1, "w", closefd=False) as output:
        output.write(json.dumps({"id": request["id"]} | about) + "\n")


if __name__ == "__main__":
    gc.disable()
    for module in COMMON:
        importlib.import_module(module)
    with patch("botocore.client.BaseClient._make_api_call", aws_answer):
        for service in CLIENTS:
            importlib.import_module("showreel.core.aws").client(service)
        asked = [json.loads(line) for line in sys.stdin]
        for _, of_one in itertools.groupby(asked, key=lambda request: request["folder"]):
            in_a_fork(functools.partial(answer_all, list(of_one)))
