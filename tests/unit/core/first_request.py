"""Functions' first requests, each in a fork that has loaded what all of them load.

Takes lines of JSON: `id`, `folder`, `environment`, `method` and `path`; prints one for each: `id`,
the status and what is loaded. AWS answers from here: a secret, a membership, an object, nothing
else.
"""

import base64
import hashlib
import hmac
import importlib
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

COMMON = ("showreel.edge.api", "showreel.identity", "botocore.session", "botocore.client")
"""Half of each process's time; what they bring along counts as loaded by every function."""
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
    """Runs the function in the working directory; returns its status and what is loaded."""
    context = SimpleNamespace(
        invoked_function_arn=ARN,
        aws_request_id="1",
        function_name="function",
        memory_limit_in_mb="128",
        get_remaining_time_in_millis=lambda: 60_000,
    )
    with patch("botocore.client.BaseClient._make_api_call", aws_answer):
        sys.path.insert(0, str(Path.cwd()))
        answer = importlib.import_module("app").handler(event(path, method), context)
    status = answer["statusCode"] if isinstance(answer, dict) else answer.status
    return {"answer": status, "loaded": sorted(sys.modules)}


def in_a_fork(request: dict[str, Any]) -> None:
    """Prints what a process has loaded after one request; it had what `COMMON` loads before."""
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)
        return
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    sys.path[:0] = request["layers"]
    about = first_request(request["path"], request["method"])
    with open(1, "w", closefd=False) as output:
        output.write(json.dumps({"id": request["id"]} | about) + "\n")
    os._exit(0)


if __name__ == "__main__":
    for module in COMMON:
        importlib.import_module(module)
    for line in sys.stdin:
        in_a_fork(json.loads(line))
