"""A job's result is written to the row that it is made for, before its end is announced."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from showreel import results
from showreel.core.dynamo import Table
from showreel.core.errors import Conflict, InsufficientCredits
from showreel.generation import service, subjects
from showreel.generation.engine import Engine
from showreel.generation.models import Job, Subject
from showreel.generation.settle import settle
from showreel.graphs.runs import wake
from showreel.storyboards.generations import requests
from tests.unit.generation.support import Killed, ledger_is_sound, request

FUNCTIONS = Path(__file__).parents[3] / "functions"
ENDING = (
    *("generation_collect", "generation_release", "every_minute", "on_execution_ended"),
    *("jobs", "runs", "auto_generate_end_run"),
)
"""Functions that end jobs of others."""
Start = Callable[[], str]


@pytest.fixture
def notified(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """Jobs of which the product was notified."""
    known: list[Job] = []
    monkeypatch.setattr(subjects, "_callbacks", {"toy": known.append})
    return known


@pytest.fixture
def start(engine: Engine) -> Start:
    """Makes a job with a result that is stored."""

    def make() -> str:
        wanted = request("job", subject=Subject(kind="toy", id="toy-1"))
        job = service.create_job(engine, wanted)
        engine.jobs.mark_stored(job)
        return job.job_id

    return make


def test_the_product_is_notified_once_before_the_parent(
    engine: Engine, notified: list[Job], start: Start, answers: Any
) -> None:
    job_id = start()
    parents_then: list[int] = []

    def note(job: Job) -> None:
        notified.append(job)
        parents_then.append(len(answers.sent))

    subjects._callbacks["toy"] = note
    assert settle(engine, job_id).settled_at
    settle(engine, job_id)
    assert [(job.status, job.credits_debited) for job in notified] == [("completed", 30)]
    assert parents_then == [0]
    assert len(answers.sent) == 1


def test_a_product_that_dies_while_it_is_notified_is_notified_again(
    engine: Engine, notified: list[Job], start: Start
) -> None:
    job_id, deaths = start(), [Killed()]

    def mortal(job: Job) -> None:
        notified.append(job)
        if deaths:
            raise deaths.pop()

    subjects._callbacks["toy"] = mortal
    with pytest.raises(Killed):
        settle(engine, job_id)
    assert engine.jobs.get(job_id).settled_at is None
    assert settle(engine, job_id).settled_at
    assert len(notified) == 2
    ledger_is_sound(engine)


def test_the_product_is_notified_of_a_canceled_job_too(engine: Engine, notified: list[Job]) -> None:
    service.create_job(engine, request("job", subject=Subject(kind="toy", id="toy-1")))
    service.cancel(engine, "job")
    assert [job.status for job in notified] == ["canceled"]


def test_a_process_that_knows_no_such_product_leaves_the_job_to_the_others(
    engine: Engine, notified: list[Job], start: Start
) -> None:
    job_id, known = start(), subjects._callbacks.copy()
    subjects._callbacks.clear()
    with pytest.raises(KeyError):
        settle(engine, job_id)
    assert engine.jobs.get(job_id).settled_at is None
    subjects._callbacks.update(known)
    settle(engine, job_id)
    assert len(notified) == 1


@pytest.mark.parametrize("function", ENDING)
def test_every_function_that_ends_jobs_of_others_knows_the_products(function: str) -> None:
    assert "\nregister_products()\n" in (FUNCTIONS / function / "app.py").read_text()


def test_a_job_and_the_caller_s_own_rows_are_written_together_or_not_at_all(
    engine: Engine,
) -> None:
    table = Table("studio")
    lock = {"pk": "toy-1", "sk": "lock"}
    free = table.put_write(lock, "attribute_not_exists(pk)")
    service.create_job(engine, request("job-1"), [free])
    assert table.get("toy-1", "lock") is not None
    with pytest.raises(Conflict):
        service.create_job(engine, request("job-2"), [free])
    assert engine.jobs.find("job-2") is None
    dear, lock = request("job-3", quoted_credits=10_000), {"pk": "toy-2", "sk": "lock"}
    with pytest.raises(InsufficientCredits):
        service.create_job(engine, dear, [table.put_write(lock)])
    assert table.get("toy-2", "lock") is None
    ledger_is_sound(engine)


def test_subjects_are_named_as_their_products_do() -> None:
    assert (results.SHOT, results.GRAPH_RUN) == (requests.SUBJECT, wake.SUBJECT)
