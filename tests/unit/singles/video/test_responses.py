"""Jobs as callers see them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from showreel.core.clock import iso
from showreel.generation.models import Job
from showreel.generation.verdicts import progress
from showreel.singles.video.responses import failure, status_of
from tests.unit.generation.support import grouped

BORN = datetime(2026, 11, 20, 12, tzinfo=UTC)


def job(**fields: Any) -> Job:
    row: dict[str, Any] = {
        "job_id": "j",
        "workspace_id": "w",
        "kind": "interior",
        "status": "processing",
        "requested_model": "veo-2",
        "model": "gemini-omni-1.1-flash",
        "catalogue_id": "veo-2",
        "provider": "google-interactions",
        "prompt": "Slow pan",
        "capture_on": "acceptance",
        "deadline_at_seconds": 0,
        "hold_id": "j",
        "own_hold": True,
        "output_key": "generation-videos/j.mp4",
        "public_base_url": "",
        "credits": 30,
        "cost_cents": 82,
        "created_at": iso(BORN),
    }
    return Job.model_validate(grouped(row | fields))


def ended(status: str, **fields: Any) -> Job:
    at = iso(BORN + timedelta(seconds=30))
    return job(**{"status": status, "finished_at": at, "settled_at": at} | fields)


def test_progress_grows_with_time_and_facts_and_never_falls() -> None:
    history = [
        (0, job(status="queued")),
        (1, job(status="submitting")),
        (2, job(accepted_at=iso(BORN))),
        (40, job(accepted_at=iso(BORN))),
        (41, job(accepted_at=iso(BORN), status="storing")),
        (42, job(accepted_at=iso(BORN), status="storing", is_stored=True)),
        (43, ended("completed", is_stored=True)),
    ]
    seen = [progress(one, BORN + timedelta(seconds=at)) for at, one in history]
    assert seen == sorted(seen)
    assert seen[0] == 0
    assert seen[-2:] == [95, 100]


def test_progress_is_never_full_before_the_end_and_stops_at_a_failure() -> None:
    assert progress(job(), BORN + timedelta(days=1)) < 100
    assert progress(job(), BORN - timedelta(days=1)) == 0
    failed = ended("failed", error_code="provider_timeout")
    at_the_end = progress(job(), BORN + timedelta(seconds=30))
    assert progress(failed, BORN + timedelta(days=1)) == at_the_end


def test_progress_does_not_fall_when_an_end_is_written_long_after_its_moment() -> None:
    late = ended("failed", error_code="provider_timeout", settled_at=None)
    at = BORN + timedelta(seconds=45)
    assert progress(late, at) == progress(job(), at) > progress(job(), BORN + timedelta(seconds=30))


@pytest.mark.parametrize("status", ["queued", "submitting", "processing", "storing"])
def test_whatever_is_not_over_is_processing_and_costs_what_is_held(status: str) -> None:
    shown = status_of(job(status=status))
    assert (shown["success"], shown["status"], shown["credits_used"]) == (True, "processing", 30)
    assert not {"video_url", "error", "code", "completed_at"} & set(shown)


@pytest.mark.parametrize(
    ("error_code", "status"),
    [
        ("content_policy", 400),
        ("provider_invalid_input", 400),
        ("provider_upstream", 502),
        ("submit_unknown", 502),
        ("internal_error", 502),
        ("something_new", 502),
    ],
)
def test_a_failed_job_is_reported_by_its_code(error_code: str, status: int) -> None:
    failed = ended("failed", error_code=error_code, credits_debited=30)
    error = failure(failed)
    assert (error.status, error.code) == (status, error_code)
    assert error.details["status"] == "failed"
    assert error.details["credits_used"] == 30
    shown = status_of(failed)
    assert (shown["success"], shown["status"], shown["code"]) == (False, "failed", error_code)
    assert shown["error"] == error.message


def test_a_canceled_job_has_failed_as_canceled() -> None:
    canceled = ended("canceled", error_code="canceled")
    assert (failure(canceled).status, failure(canceled).code) == (409, "canceled")
    shown = status_of(canceled)
    assert (shown["status"], shown["code"], shown["credits_used"]) == ("failed", "canceled", 0)
