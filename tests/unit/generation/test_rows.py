"""The rows of jobs: their groups, and what another attempt leaves behind."""

import pytest

from showreel.core.dynamo import Table
from showreel.core.errors import ConditionFailed
from showreel.generation.engine import Engine
from showreel.generation.models import Attempt, Job
from showreel.generation.service import create_job
from showreel.providers.base import Pending, VendorTask
from tests.unit.generation.support import request

TASK = VendorTask("task-1", "videos")


@pytest.fixture
def accepted(engine: Engine) -> Job:
    """A job that its vendor runs and a webhook has told of."""
    sending = engine.jobs.begin_submit(create_job(engine, request()), "sender", "kling")
    job = engine.jobs.accept(sending, TASK)
    engine.jobs.note_progress(job, Pending(percent=40, is_running=True))
    engine.jobs.begin_poll("job")
    return engine.jobs.hint("job", 1, "webhook-1", "task-1")


def test_a_new_row_has_every_group_that_later_changes_need(engine: Engine) -> None:
    create_job(engine, request())
    row = Table("jobs").get("job#job", "job") or {}
    assert row["attempt"] == {"number": 1, "sending": False, "stored_files": []}
    assert row["counts"] == {"throttles": 0, "polls": 0, "hints": 0, "revivals": 0}
    assert row["progress"] == {"is_running": False, "logs": []}
    assert row["delivery"] == {"is_stored": False, "files": []}
    assert {"wanted", "terms", "due_shard", "due_at", "list_key", "id"} < set(row)


def test_another_attempt_begins_without_anything_of_the_last(engine: Engine, accepted: Job) -> None:
    assert (accepted.task, accepted.attempt.sender) == (TASK, "sender")
    assert accepted.attempt.hinted_at
    again = engine.jobs.next_attempt(accepted, {})
    assert (again.attempt, again.task, again.status) == (Attempt(number=2), None, "submitting")
    assert (again.counts.polls, again.counts.hints) == (1, 1)
    assert again.progress.is_running, "what was told to a caller isn't taken back"


def test_no_step_of_the_last_attempt_changes_another_one(engine: Engine, accepted: Job) -> None:
    jobs = engine.jobs
    again = jobs.next_attempt(accepted, {})
    for change in (
        lambda: jobs.begin_submit(accepted, "sender", "kling"),
        lambda: jobs.end_submit(accepted),
        lambda: jobs.accept(accepted, TASK),
        lambda: jobs.next_attempt(accepted, {}),
        lambda: jobs.advance(accepted, "storing"),
        lambda: jobs.mark_stored(accepted),
        lambda: jobs.mark_failed(accepted, "late"),
    ):
        with pytest.raises(ConditionFailed):
            change()
    jobs.note_progress(accepted, Pending(percent=90, is_running=True))
    assert jobs.get("job") == again
