"""Batches: the shots that were queued for a run, and their results."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal

from showreel_client import values

BatchPhase = Literal["images", "videos"]


@dataclasses.dataclass(frozen=True)
class SkippedShot:
    """A shot that isn't made: `already_completed`, `in_progress`, `missing_prompt`, ..."""

    shot_id: str
    reason: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class QueuedBatch:
    """The shots that were queued, or would be. Without any to make there is no run."""

    run_id: str | None
    project_id: str = ""
    phase: str = ""
    queued: int = 0
    skipped: tuple[SkippedShot, ...] = ()
    skipped_total: int = 0
    estimated_credits: int = 0
    concurrency: int = 0
    model: str = ""
    fallback_reason: str | None = None
    message: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class BatchShot:
    """A shot of a run: `pending`, `generating`, `completed`, `failed`, `skipped` or `canceled`."""

    shot_id: str
    status: str
    reason: str | None = None
    job_id: str | None = None
    url: str | None = None
    credits: int = 0


@dataclasses.dataclass(frozen=True, kw_only=True)
class BatchResult:
    """A run and its shots, in the order of the film. A finished run may have failed shots; `code`
    says why it stopped early, such as `insufficient_credits`.
    """

    run_id: str | None
    project_id: str = ""
    phase: str = ""
    status: str = ""
    model: str = ""
    progress: int = 0
    total: int = 0
    completed: int = 0
    failed: int = 0
    skipped: int = 0
    canceled: int = 0
    estimated_credits: int = 0
    credits_used: int = 0
    concurrency: int = 0
    code: str | None = None
    error: str | None = None
    shots: tuple[BatchShot, ...] = ()


def queued_of(body: Mapping[str, Any]) -> QueuedBatch:
    """Returns the queued shots in an answer."""
    skipped = body.get("skipped")
    found = map(values.record, skipped if isinstance(skipped, list) else [])
    return QueuedBatch(
        run_id=values.text(body.get("run_id")),
        skipped=tuple(
            SkippedShot(shot_id, values.text(one.get("reason")) or "")
            for one in found
            if (shot_id := values.text(one.get("shot_id")))
        ),
        **_scalars(QueuedBatch, body),
    )


def shot_of(body: Mapping[str, Any]) -> BatchShot | None:
    """Returns a shot of a run in an answer, None if it has no id."""
    shot_id = values.text(body.get("shot_id"))
    fields = _scalars(BatchShot, body)
    return BatchShot(shot_id=shot_id, **({"status": ""} | fields)) if shot_id else None


def result_of(body: Mapping[str, Any]) -> BatchResult:
    """Returns a run with a page of its shots in an answer."""
    return BatchResult(
        run_id=values.text(body.get("run_id")), shots=shots_of(body), **_scalars(BatchResult, body)
    )


def shots_of(body: Mapping[str, Any]) -> tuple[BatchShot, ...]:
    """Returns the shots of a page."""
    listed = body.get("shots")
    found = (shot_of(values.record(one)) for one in (listed if isinstance(listed, list) else []))
    return tuple(one for one in found if one is not None)


def nothing_of(queued: QueuedBatch) -> BatchResult:
    """Returns the result of a request that had nothing to make."""
    shown = {name: getattr(queued, name) for name in ("project_id", "phase", "model")}
    return BatchResult(run_id=None, status="completed", progress=100, **shown)


def _scalars(kind: type, body: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the texts and numbers of an answer that have their field's type."""
    found: dict[str, Any] = {}
    for field in dataclasses.fields(kind):
        if field.name in {"run_id", "shot_id", "shots", "skipped"} and field.type is not int:
            continue
        given = body.get(field.name)
        if field.name == "url":
            value: Any = values.url(given)
        else:
            value = values.whole(given) if field.type is int else values.text(given)
        found |= {} if value is None else {field.name: value}
    return found
