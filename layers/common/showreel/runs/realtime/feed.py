"""The feed of one run in Electric's protocol, as far as Trigger.dev's client uses it.

A request without `live` is answered at once with the row. A `live` one waits until the run has a
newer version than its `offset`, or for about 20 seconds: the client asks again at once, so faster
answers without news would be a busy loop. There is no session besides the offset.
https://electric-sql.com/docs/api/http
"""

import random
import time
from collections.abc import Callable
from typing import Any

from showreel.core.backoff import growing
from showreel.edge.api import Response, json_response
from showreel.edge.streaming.limits import Lifetime
from showreel.runs.models import Run
from showreel.runs.realtime.wire import feed_row
from showreel.runs.store import StoredRuns

START = "-1"
"""The offset of a client's first request."""
WAIT_SECONDS = 20.0
JITTER = 0.15
"""The share by which waits differ, so that clients that began together spread."""
CLOSING_SECONDS = 3.0
"""The time to answer before Lambda stops the function."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 2.0
"""The pauses between reads of the run, in seconds."""
UP_TO_DATE = {"headers": {"control": "up-to-date"}}


def answer(
    runs: StoredRuns,
    run_id: str,
    offset: str,
    *,
    is_live: bool,
    context: Lifetime,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Response:
    """Answers with the row, as new or changed, or without news. Raises NotFound."""
    run = runs.get(run_id)
    if not is_live or offset == START:
        return _response(run, "insert")
    known = _version(offset)
    if run.version <= known and _changes(runs, run, known, wait_seconds(context), sleep, clock):
        run = runs.get(run_id)
    return _response(run, "update" if run.version > known else None)


def wait_seconds(context: Lifetime) -> float:
    """Returns how long a request may wait: 20 seconds, 15 % more or less, but not beyond the
    function's time.
    """
    wished = WAIT_SECONDS * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - not a secret
    return max(0.0, min(wished, context.get_remaining_time_in_millis() / 1000 - CLOSING_SECONDS))


def _changes(
    runs: StoredRuns,
    run: Run,
    known: int,
    seconds: float,
    sleep: Callable[[float], None],
    clock: Callable[[], float],
) -> bool:
    """Waits until the run has a newer version than `known`; returns False if it doesn't in time."""
    until = clock() + seconds
    for pause in growing(FIRST_PAUSE, LONGEST_PAUSE):
        left = until - clock()
        if left <= 0:
            break
        sleep(min(pause, left))
        if runs.is_changed(run.id, known):
            return True
    return False


def _response(run: Run, operation: str | None) -> Response:
    """Returns an answer with the whole row, or without news if there is no operation.

    The cursor is constant, so that the URL changes only with the version and browsers send one CORS
    preflight per version.
    """
    messages: list[dict[str, Any]] = [UP_TO_DATE]
    if operation is not None:
        key = f'"public"."TaskRun"/"{run.id}"'
        change = {"key": key, "value": feed_row(run), "headers": {"operation": operation}}
        messages = [change, UP_TO_DATE]
    return json_response(
        200,
        messages,
        electric_handle=f"run-{run.id}",
        electric_offset=f"{run.version}_0",
        electric_schema="{}",
        electric_cursor="1",
        electric_up_to_date="true",
        cache_control="no-store",
    )


def _version(offset: str) -> int:
    return int(offset.partition("_")[0])
