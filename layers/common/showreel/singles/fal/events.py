"""A job as the events of fal-stream: data-only lines, told from its row, again and again alike.

    meta → progress … [fallback] … → done or error

A stream that is cut before `done` or `error` tells nothing about the job: the same request again
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
"""Between the first looks at the row, and at most."""
ACCEPTED, RUNNING, STORING = 0.1, 0.2, 0.95
"""Where a job is that a vendor has accepted, one that it works on, and one whose files are being
stored.
"""
NOTABLE = 0.01
"""Progress that is worth an event, 1 being all of it."""
WORDS = ("IN_QUEUE", "IN_PROGRESS", "COMPLETED")
"""fal's own, in their order: a result that we are still storing is completed there."""
STORED = 2


def follow(
    job: Job, request_id: str, read: Callable[[str], Job], *, deadline: float, **timing: Any
) -> Iterator[bytes]:
    """Returns the events until the job is settled or `deadline`; `timing` is `edge.following`'s."""
    news, opening = News(job), [meta(job, request_id)]

    def look() -> tuple[list[bytes], bool]:
        nonlocal job
        job = job if opening else _read(job, read)
        events = [*opening, *news.of(job), *([ending(job, request_id)] if job.settled_at else [])]
        opening.clear()
        return [*map(data_frame, events)], bool(job.settled_at)

    return following.follow(look, growing(*LOOKS_SECONDS), deadline=deadline, cut=CUT, **timing)


def _read(job: Job, read: Callable[[str], Job]) -> Job:
    """Returns the row now, or as it was if it can't be read just now."""
    try:
        return read(job.job_id)
    except Transient:
        return job


def meta(job: Job, request_id: str) -> dict[str, Any]:
    """Returns the first event."""
    ids = {"job_id": job.job_id, "request_id": request_id}
    return {"type": "meta", **disclosed(job), **ids, "credits": credits_used(job)}


def ending(job: Job, request_id: str) -> dict[str, Any]:
    """The last event."""
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
    """Returns the form of most of fal's models: `images`, `video` or `audio`."""
    found = files(job)
    if job.wanted.media_type == "image":
        return {"images": found}
    return {job.wanted.media_type: found[0] if found else None}


class News:
    """What of a job hasn't been told yet. Nothing that was told goes backwards."""

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
    """0-1, by what has happened and what the vendor told; a clock knows neither."""
    if _rank(job) == STORED:
        return 1.0 if job.is_finished else STORING
    if not job.progress.is_running:
        return ACCEPTED if job.attempt.accepted_at else 0.0
    return round(RUNNING + (STORING - RUNNING) * (job.progress.percent or 0) / 100, 2)
