"""`make sam-api`: `sam local start-api` over the stack, and a few requests to it.

SAM's server is no API Gateway: it buffers every answer (streams come whole), serves no mock
integrations, knows no stage in the path, no time-outs and no gateway responses. The gateway of
`make up` has these; what is shown here is that SAM finds every route and that functions answer in
its containers.
"""

import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from local.sam_local.containers import Failed, Sam, stop
from local.stack import Stack

START_SECONDS = 120
REQUEST_SECONDS = 120
HOST = "127.0.0.1"
UNKNOWN_ROUTE = "Missing Authentication Token"
"""What API Gateway says of a path that it doesn't have, and SAM's server with it."""


@dataclass(frozen=True)
class Check:
    """One request and what its answer must be."""

    request: str
    """Method and path."""
    status: int
    holds: Callable[[Any], bool]
    """Of the body's JSON."""
    body: Any = None
    with_token: bool = True


def checks(workspace_id: str) -> list[Check]:
    """Returns what a client would try first."""
    credit = f"GET /api/credits?workspaceId={workspace_id}"
    catalogue = "GET /functions/v1/model-catalog?limit=5"
    name = "Studio North"
    return [
        Check("GET /api/health", 200, lambda body: body["success"] is True, with_token=False),
        Check(credit, 401, lambda body: body["code"] == "unauthenticated", with_token=False),
        Check(credit, 200, lambda body: body["workspaceId"] == workspace_id),
        Check(catalogue, 200, lambda body: len(body) == 5),
        Check("POST /api/workspaces", 201, lambda body: body["name"] == name, {"name": name}),
        Check("GET /api/workspaces", 200, lambda body: name in [w["name"] for w in body["items"]]),
        Check("GET /api/nothing", 403, lambda body: body["message"] == UNKNOWN_ROUTE),
    ]


def smoke(stack: Stack, sam: Sam) -> int:
    """Prints a line for each request; 1 if an answer is wrong or SAM doesn't start."""
    tenant = stack.seeder.tenant(0)
    todo, failures = checks(tenant.workspace_id), 0
    try:
        with (
            started(sam) as base_url,
            httpx.Client(base_url=base_url, timeout=REQUEST_SECONDS, trust_env=False) as http,
        ):
            for check in todo:
                failures += not _passes(http, check, tenant.token)
    except Failed as error:
        print(f"sam local start-api: {error}")
        return 1
    print(f"{len(todo)} requests, {failures} failures")
    return 1 if failures else 0


def _passes(http: httpx.Client, check: Check, token: str) -> bool:
    begun = time.monotonic()
    method, _, path = check.request.partition(" ")
    headers = {"Authorization": f"Bearer {token}"} if check.with_token else {}
    try:
        answer = http.request(method, path, json=check.body, headers=headers)
        right = answer.status_code == check.status and check.holds(answer.json())
        text = f"{answer.status_code} {' '.join(answer.text.split())}"[:80]
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        right, text = False, f"{type(error).__name__}: {error}"
    word = f"{time.monotonic() - begun:6.1f} s" if right else f"FAILED, not {check.status}"
    print(f"{check.request.partition('?')[0]:32} {word}  {text}", flush=True)
    return right


@contextmanager
def started(sam: Sam) -> Iterator[str]:
    """SAM's server on a free port; yields its URL and ends it. Raises Failed."""
    port = _free_port()
    command = [*sam.command("start-api"), "--host", HOST, "--port", str(port)]
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            command, env=sam.environment, stdout=log, stderr=log, text=True, start_new_session=True
        )
        try:
            _await_port(process, port)
            yield f"http://{HOST}:{port}"
        except TimeoutError as error:
            log.seek(0)
            raise Failed(f"{error}\n{log.read()[-2000:]}") from None
        finally:
            stop(process)


def _await_port(process: "subprocess.Popen[str]", port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with socket.create_connection((HOST, port), timeout=1):
                return
        except OSError:
            time.sleep(0.3)
    raise TimeoutError("it did not start")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])
