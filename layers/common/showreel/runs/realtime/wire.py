"""Converts a run to the two forms that Trigger.dev's clients read.

The feed's row has times without a zone, JSON as text and its own names of statuses; the object of
`GET /api/v3/runs/{id}` has times with a zone, JSON as such, and the names that pages show. In both
the progress is `metadata.status`.
"""

import json
from datetime import datetime
from typing import Any

from showreel.runs.models import Run, RunError, RunStatus

TASKS = {"film": "generate-video"}
"""Documented names of tasks by kind; other kinds use their own name."""
FEED_WORDS: dict[RunStatus, str] = {
    "queued": "PENDING",
    "running": "EXECUTING",
    "completed": "COMPLETED_SUCCESSFULLY",
    "failed": "COMPLETED_WITH_ERRORS",
    "canceled": "CANCELED",
    "timed_out": "TIMED_OUT",
}
"""The client treats any other status as queued."""
WORDS: dict[RunStatus, str] = {
    "queued": "QUEUED",
    "running": "EXECUTING",
    "completed": "COMPLETED",
    "failed": "FAILED",
    "canceled": "CANCELED",
    "timed_out": "TIMED_OUT",
}
JSON = "application/json"


def feed_row(run: Run) -> dict[str, Any]:
    """Returns the row of the feed. The client treats a run with `completedAt` as ended; it is
    written together with status, output and error.
    """
    return {
        "id": run.id,
        "friendlyId": run.id,
        "taskIdentifier": _task(run),
        "status": FEED_WORDS[run.status],
        "createdAt": _without_zone(run.created_at),
        "updatedAt": _without_zone(run.updated_at or run.created_at),
        "queuedAt": _without_zone(run.created_at),
        "startedAt": _without_zone(run.started_at),
        "completedAt": _without_zone(run.finished_at),
        "usageDurationMs": _duration_ms(run),
        "isTest": False,
        "runTags": [],
        "metadata": _text(_metadata(run)),
        "metadataType": JSON,
        "output": None if run.output is None else _text(run.output),
        "outputType": JSON,
        "error": None if run.error is None else {"type": "BUILT_IN_ERROR", **_error(run.error)},
    }


def retrieved(run: Run) -> dict[str, Any]:
    """Returns the object of `runs.retrieve` and `runs.poll`. Missing values are left out: the
    client reads a null as a time in 1970.
    """
    optional = {
        "startedAt": run.started_at,
        "finishedAt": run.finished_at,
        "output": run.output,
        "error": None if run.error is None else _error(run.error),
    }
    return {
        "id": run.id,
        "taskIdentifier": _task(run),
        "status": WORDS[run.status],
        "isQueued": run.status == "queued",
        "isExecuting": run.status == "running",
        "isWaiting": False,
        "isCompleted": run.is_over,
        "isSuccess": run.status == "completed",
        "isFailed": run.status in {"failed", "timed_out"},
        "isCancelled": run.status == "canceled",
        "isTest": False,
        "createdAt": run.created_at,
        "updatedAt": run.updated_at or run.created_at,
        "tags": [],
        "costInCents": 0,
        "baseCostInCents": 0,
        "durationMs": _duration_ms(run),
        "depth": 0,
        "triggerFunction": "trigger",
        "relatedRuns": {},
        "attemptCount": 0 if run.started_at is None else 1,
        "metadata": _metadata(run),
        **{name: value for name, value in optional.items() if value is not None},
    }


def _task(run: Run) -> str:
    return TASKS.get(run.kind) or run.kind.replace("_", "-")


def _metadata(run: Run) -> dict[str, Any]:
    """Returns the metadata, in which pages read `run.metadata.status`."""
    return {"status": run.progress.model_dump(mode="json", by_alias=True)}


def _error(error: RunError) -> dict[str, str]:
    return {"name": error.code, "message": error.message, "stackTrace": ""}


def _duration_ms(run: Run) -> int:
    """Returns the duration of an ended run without its time in the queue, 0 for others."""
    if run.started_at is None or run.finished_at is None:
        return 0
    taken = datetime.fromisoformat(run.finished_at) - datetime.fromisoformat(run.started_at)
    return round(taken.total_seconds() * 1000)


def _without_zone(moment: str | None) -> str | None:
    """Returns a moment in UTC without its `Z`: the client appends one."""
    return None if moment is None else moment.removesuffix("Z")


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
