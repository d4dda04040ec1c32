"""Text jobs: priced by what was sent, opened by one, ended once, and never left with a hold."""

import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from showreel.catalog import get_model
from showreel.core import dynamo
from showreel.core.errors import Conflict, InsufficientCredits
from showreel.generation import reviving, service
from showreel.generation.engine import Engine
from showreel.generation.models import Job, JobRequest
from showreel.generation.reviving import reconcile
from showreel.generation.service import cancel
from showreel.generation.text import job as text_jobs
from showreel.generation.text.job import (
    TextEnding,
    TextResult,
    end_text,
    follow_replacement,
    open_text,
    text_result,
    used_credits,
)
from showreel.providers.text import TextUsage
from tests.unit.generation.support import (
    GRANT,
    START_SECONDS,
    WORKSPACE,
    Clock,
    Killed,
    due,
    grouped,
    ledger_is_sound,
)

PRICE = 6
PRO = "google/gemini-2.5-pro"
TOLD = TextResult(text="x" * 1000, finish_reason="stop", usage=TextUsage(10, 250))
COMPLETED = TextEnding("completed", TOLD)
CANCELED = TextEnding("canceled", TextResult(text="x" * 6000), "canceled")
EMPTY = TextEnding("failed", TextResult(text=""), "provider_upstream")
OPENING_CALLS, ENDING_CALLS = 3, 6
MODES = ("before", "after")


def order(job_id: str = "job", **changes: Any) -> JobRequest:
    fields: dict[str, Any] = {
        "job_id": job_id,
        "workspace_id": WORKSPACE,
        "kind": "text",
        "media_type": "text",
        "has_execution": False,
        "catalogue_id": PRO,
        "prompt": "a kitchen",
        "characters": 10_000,
        "output_prefix": "work/text",
        "deadline_at_seconds": START_SECONDS + 300,
    }
    return JobRequest.model_validate(grouped(fields | changes))


def spent(engine: Engine) -> int:
    return GRANT - engine.ledger.account(WORKSPACE).balance


def held(engine: Engine) -> int:
    return engine.ledger.account(WORKSPACE).held


@pytest.fixture
def on(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The engine, also of the reconciler."""
    for module in (reviving, service):
        monkeypatch.setattr(module, "engine", lambda *_: engine)
    return engine


def test_a_whole_answer_costs_its_price_and_stays_with_its_row(on: Engine) -> None:
    job = open_text(on, order(), "me")
    assert (held(on), spent(on), job.status) == (PRICE, 0, "submitting")
    ended = end_text(on, job, COMPLETED)
    assert (held(on), spent(on)) == (0, PRICE)
    assert (ended.status, ended.credits_debited) == ("completed", PRICE)
    assert ended.settled_at
    assert text_result(ended) == TOLD
    assert ended.video_url is None
    assert on.ledger.find_hold(WORKSPACE, "job").status == "posted"  # type: ignore[union-attr]


def test_ending_it_again_changes_nothing(on: Engine) -> None:
    job = open_text(on, order(), "me")
    first = end_text(on, job, COMPLETED)
    for ending in (COMPLETED, CANCELED, EMPTY):
        assert end_text(on, job, ending) == first
    assert (held(on), spent(on)) == (0, PRICE)


@pytest.mark.parametrize(("chars", "credits_used"), [(1, 1), (2001, 2), (9999, 6), (99_999, 6)])
def test_a_part_costs_its_share_of_the_longest_answer_at_least_one(
    on: Engine, chars: int, credits_used: int
) -> None:
    job = open_text(on, order(), "me")
    end_text(on, job, TextEnding("canceled", TextResult(text="x" * chars), "canceled"))
    assert spent(on) == credits_used
    assert held(on) == 0


@pytest.mark.parametrize("status", ["completed", "failed", "canceled"])
def test_no_text_costs_nothing_and_has_failed(on: Engine, status: Any) -> None:
    ended = end_text(on, open_text(on, order(), "me"), TextEnding(status, TextResult(text=""), "x"))
    assert (ended.status, ended.error_code, ended.credits_debited) == ("failed", "x", 0)
    assert (held(on), spent(on)) == (0, 0)


def test_a_price_by_characters_counts_those_that_were_sent(
    on: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = open_text(on, order(), "me")
    by_length = {"unit": "1k_characters", "units": 1, "credits": 2}
    model = get_model(PRO)
    pricing = model.pricing.model_copy(update=by_length)
    priced = model.model_copy(update={"pricing": pricing})
    monkeypatch.setattr(text_jobs, "get_model", lambda _: priced)
    assert used_credits(job, TextEnding("completed", TextResult(text="x" * 1500))) == 3
    assert used_credits(job, TextEnding("completed", TextResult(text="x" * 9000))) == PRICE, (
        "at most held"
    )


def test_a_job_that_another_request_opened_is_in_flight(on: Engine) -> None:
    open_text(on, order(), "me")
    with pytest.raises(Conflict) as caught:
        open_text(on, order(), "somebody else")
    assert caught.value.code == "idempotency_in_flight"
    assert held(on) == PRICE


def test_without_credits_there_is_no_row(on: Engine) -> None:
    dear = order(workspace_id="poor")
    with pytest.raises(InsufficientCredits):
        open_text(on, dear, "me")
    assert on.jobs.find("job") is None


def test_a_replacement_is_disclosed_and_never_costs_more(on: Engine) -> None:
    job = open_text(on, order(), "me")
    followed = follow_replacement(on, job, get_model("gmi/openai-gpt-5.5"))
    assert (followed.model, followed.credits) == ("gmi/openai-gpt-5.5", PRICE)
    end_text(on, followed, COMPLETED)
    cheap = follow_replacement(
        on, open_text(on, order("two"), "me"), get_model("google/gemini-3.5-flash-lite")
    )
    ended = end_text(on, cheap, COMPLETED)
    assert ended.credits_debited == 2
    assert (ended.fallback_used, ended.requested_model) == (True, PRO)
    assert (held(on), spent(on)) == (0, PRICE + 2)


def test_a_text_is_asked_to_stop_and_ended_by_who_streams_it(on: Engine) -> None:
    job = open_text(on, order(), "me")
    asked = cancel(on, "job")
    assert asked is not None
    assert (asked.status, asked.cancel_requested) == ("submitting", True)
    assert cancel(on, "job") == asked
    assert (held(on), spent(on)) == (PRICE, 0)
    ended = end_text(on, job, CANCELED)
    assert (ended.status, ended.credits_debited, held(on)) == ("canceled", 4, 0)
    assert cancel(on, "job") == ended
    ledger_is_sound(on)


def test_a_text_that_has_ended_is_not_asked_to_stop(
    on: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = open_text(on, order(), "me")
    ended = end_text(on, job, COMPLETED)
    rows = iter([job, ended])
    monkeypatch.setattr(on.jobs, "find", lambda _: next(rows))  # it ends at that very moment
    late = cancel(on, "job")
    assert late is not None
    assert (late.status, late.cancel_requested) == ("completed", False)


def test_a_wish_to_stop_does_not_keep_a_dead_process_s_hold_longer(
    on: Engine, clock: Clock
) -> None:
    open_text(on, order(), "me")
    clock.seconds += 399
    cancel(on, "job")
    clock.seconds += 2
    assert due(on.jobs, clock.seconds) == ["job"]
    reconcile("job", "arn")
    assert (on.jobs.get("job").status, held(on), spent(on)) == ("failed", 0, 0)
    ledger_is_sound(on)


def test_the_reconciler_gives_back_what_a_dead_process_held(on: Engine, clock: Clock) -> None:
    job = open_text(on, order(), "me")
    clock.seconds += 399
    assert "job" not in due(on.jobs, clock.seconds)
    clock.seconds += 1000
    assert due(on.jobs, clock.seconds) == ["job"]
    reconcile("job", "arn")
    ended = on.jobs.get("job")
    assert (ended.status, ended.error_code) == ("failed", "timed_out")
    assert (held(on), spent(on)) == (0, 0)
    assert end_text(on, job, COMPLETED) == ended, "it was too late"
    assert (held(on), spent(on)) == (0, 0)
    ledger_is_sound(on)


class Reaper:
    """Kills the process at one call to AWS, before it or after it had its effect."""

    def __init__(self, number: int, mode: str) -> None:
        self.calls, self.number, self.mode = 0, number, mode
        self.real = dynamo._call

    def __call__(self, *args: Any, **options: Any) -> Any:
        self.calls += 1
        if self.calls == self.number and self.mode == "before":
            raise Killed
        answer = self.real(*args, **options)
        if self.calls == self.number:
            raise Killed
        return answer


def killed_at(number: int, mode: str, work: Callable[[], Any]) -> Reaper:
    """Does the work until the process dies, if it does."""
    reaper = Reaper(number, mode)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dynamo, "_call", reaper)
        with contextlib.suppress(Killed):
            work()
    return reaper


def life(on: Engine, ending: TextEnding) -> Job:
    return end_text(on, open_text(on, order(), "me"), ending)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("ending", [COMPLETED, CANCELED, EMPTY], ids=lambda one: one.status)
@pytest.mark.parametrize("number", range(1, OPENING_CALLS + ENDING_CALLS + 2))
def test_wherever_the_process_dies_the_money_is_right(
    on: Engine, ending: TextEnding, number: int, mode: str
) -> None:
    reaper = killed_at(number, mode, lambda: life(on, ending))
    assert reaper.calls <= OPENING_CALLS + ENDING_CALLS, "every call has been a kill point"
    job = on.jobs.find("job")
    if job is None:
        assert (held(on), spent(on)) == (0, 0)
        return
    for how in MODES:
        killed_at(1 + number % 7, how, lambda: reconcile("job", "arn"))
    reconcile("job", "arn")
    ended = on.jobs.get("job")
    assert ended.settled_at
    assert held(on) == 0
    assert spent(on) == ended.credits_debited
    assert ended.credits_debited in {0, used_credits(ended, ending)}
    assert bool(ended.credits_debited) == (ended.delivery.result is not None)
    ledger_is_sound(on)
