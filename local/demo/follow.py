"""Follows a run to its end: by its event stream, by asking again and again if that fails."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from local.demo.studio_client import ApiError, StudioClient

TERMINAL = frozenset({"completed", "failed", "canceled", "timed_out"})
STREAM_ATTEMPTS = 4
POLL_SECONDS = 0.7

type Run = dict[str, Any]


def is_over(run: Run) -> bool:
    """Returns whether the run reached an end."""
    return run.get("status") in TERMINAL


def follow(
    client: StudioClient, run_id: str, sleep: Callable[[float], None] = time.sleep
) -> Iterator[Run]:
    """Yields every state of the run, in order; the last one is terminal."""
    after: str | None = None
    broken = 0
    while broken < STREAM_ATTEMPTS:
        seen = after
        try:
            for event in client.events(run_id, after):
                after = event.number or after
                if event.name == "status":
                    yield event.data
                    if is_over(event.data):
                        return
        except (httpx.HTTPError, ApiError):
            sleep(0.3)
        broken = 0 if after != seen else broken + 1
    yield from _poll(client, run_id, sleep)


def _poll(client: StudioClient, run_id: str, sleep: Callable[[float], None]) -> Iterator[Run]:
    last: Run = {}
    while not is_over(last):
        run = client.run(run_id)
        if run != last:
            yield run
        last = run
        if not is_over(run):
            sleep(POLL_SECONDS)


def cancel(client: StudioClient, run_id: str) -> Run:
    """Cancels the run and waits until it is settled; returns its last state."""
    try:
        run = client.call("POST", f"/api/runs/{run_id}/cancel")
    except ApiError as error:
        if error.status != httpx.codes.CONFLICT:
            raise
        run = client.run(run_id)
    for state in _poll(client, run_id, time.sleep):
        run = state
    return run
