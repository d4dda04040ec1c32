"""The events of fal-stream: data-only lines, which the job's row determines and which repeat
exactly.

    meta → progress … [fallback] … → done or error

A stream that breaks off before `done` or `error` doesn't end the job: the same request again
follows it from the beginning.
"""

from collections.abc import Callable, Iterator
from typing import Any

from showreel.core.backoff import growing
from showreel.core.errors import Transient
from showreel.edge import following
from showreel.edge.sse import data_frame
from showreel.generation.models import Job
from showreel.generation.verdicts import credits_used
from showreel.orders.responses import disclosed, fault, files, storage_url, vendors_form

CUT = b": the work goes on; send the same request again to follow it\n\n"
LOOKS_SECONDS = 0.3, 1.0
"""Pauses between looks at the row: the first one, and the longest."""
ACCEPTED, RUNNING, STORING = 0.1, 0.2, 0.95
"""The progress of a job that the vendor has accepted, that it works on, and whose files are being
stored.
"""
NOTABLE = 0.01
"""The least progress, of 1, that is worth an event."""
WORDS = ("IN_QUEUE", "IN_PROGRESS", "COMPLETED")
"""fal's own statuses in their order. A result that we still store is completed at fal."""
STORED = 2


def follow(
    job: Job, request_id: str, read: Callable[[str], Job], *, deadline: float, **timing: Any
) -> Iterator[bytes]:
    """Yields the events until the job is settled or `deadline`; `timing` is for `following`."""
    news, opening = News(job), [meta(job, request_id)]

    def look() -> tuple[list[bytes], bool]:
        nonlocal job
        job = job if opening else _read(job, read)
        events = [*opening, *news.of(job), *([ending(job, request_id)] if job.settled_at else [])]
        opening.clear()
        return [*map(data_frame, events)], bool(job.settled_at)

    return following.follow(look, growing(*LOOKS_SECONDS), deadline=deadline, cut=CUT, **timing)


def _read(job: Job, read: Callable[[str], Job]) -> Job:
    """Returns the row as it is now, or the one at hand if it can't be read at present."""
    try:
        return read(job.job_id)
    except Transient:
        return job


def meta(job: Job, request_id: str) -> dict[str, Any]:
    """Returns the event `meta`, which opens the stream."""
    ids = {"job_id": job.job_id, "request_id": request_id}
    return {"type": "meta", **disclosed(job), **ids, "credits": credits_used(job)}


def ending(job: Job, request_id: str) -> dict[str, Any]:
    """Returns the last event: `done` or `error`."""
    ids = {"job_id": job.job_id, "request_id": request_id, "credits": job.credits_debited}
    if job.status != "completed":
        return {"type": "error", **fault(job), **disclosed(job), **ids}
    return {
        "type": "done",
        "result": vendors_form(job) or usual_form(job),
        "model": job.model,
        **disclosed(job),
        "storage_url": storage_url(job),
        "files": files(job),
        **ids,
    }


def usual_form(job: Job) -> dict[str, Any]:
    """Returns the result in the form of most of fal's models: `images`, `video` or `audio`."""
    found = files(job)
    if job.wanted.media_type == "image":
        return {"images": found}
    return {job.wanted.media_type: found[0] if found else None}


class News:
    """Finds what is new on a job's row. Status and progress never go back."""

    def __init__(self, job: Job) -> None:
        self._model = job.model
        self._rank, self._share = -1, -1.0
        self._position: int | None = None
        self._logs: tuple[str, ...] = ()

    def of(self, job: Job) -> Iterator[dict[str, Any]]:
        """Yields the events for what is new on the row."""
        if job.model != self._model:
            self._model = job.model
            yield {"type": "fallback", **disclosed(job), "fallback_model": job.model}
        if job.is_finished and job.status != "completed":
            return
        if event := self._progress(job):
            yield {"type": "progress", "event": event}

    def _progress(self, job: Job) -> dict[str, Any] | None:
        rank = max(self._rank, _rank(job))
        position = job.progress.queue_position if rank == 0 else None
        share = max(self._share, _share(job))
        logs = job.progress.logs or self._logs
        is_same = (rank, position, logs) == (self._rank, self._position, self._logs)
        if is_same and round(share - self._share, 2) < NOTABLE:
            return None
        self._rank, self._position, self._share, self._logs = rank, position, share, logs
        event = {"status": WORDS[rank], "progress": share, "queue_position": position}
        return event | {"logs": [{"message": line} for line in logs]}


def _rank(job: Job) -> int:
    if job.is_finished or job.delivery.is_stored or job.shown_status == "storing":
        return STORED
    return 1 if job.progress.is_running else 0


def _share(job: Job) -> float:
    """Returns the progress, 0 to 1, by the job's state and what the vendor reports."""
    if _rank(job) == STORED:
        return 1.0 if job.is_finished else STORING
    if not job.progress.is_running:
        return ACCEPTED if job.attempt.accepted_at else 0.0
    return round(RUNNING + (STORING - RUNNING) * (job.progress.percent or 0) / 100, 2)
